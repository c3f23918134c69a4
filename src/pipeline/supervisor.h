#pragma once

#include <stop_token>

#include "pipeline/config.h"
#include "pipeline/run_status.h"

namespace freshet {

// Told about four times a second while the pipeline runs, in the supervisor's thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void status(const RunStatus& status) = 0;
};

struct RunOptions {
  bool reload = false;  // CaptureOptions::reload, once
};

// Runs capture, stream, ingest and the control socket in this process until `stop`, then drains:
// what has entered the stream is applied and committed before it returns.
//
// One place decides what an error means: a source that does not answer is tried again with growing
// pauses; everything else stops both loops, commits what is whole, and is thrown. Returns the last
// status.
RunStatus run_pipeline(const Config& config, std::stop_token stop, RunObserver& observer,
                       const RunOptions& options = {});

}  // namespace freshet
