#pragma once

#include <cstdint>
#include <stop_token>

namespace freshet {

struct DemoOptions {
  std::uint32_t users = 10'000;
  bool keep = false;  // leave server and pipeline running until the user ends them
};

// The whole tour on a private MariaDB in a temporary directory: load, stream, mask, query, live
// changes, delays, proof. Throws Error{failed} if source and lake disagree at the end.
void run_demo(const DemoOptions& options, std::stop_token stop);

}  // namespace freshet
