#pragma once

#include <string_view>

namespace freshet::fuzz {

// What a fuzzer feeds: takes any bytes and returns, whatever they are. Error is an answer; anything
// else that is thrown, and everything that the sanitizers see, is a finding.
void run_one(std::string_view input);

}  // namespace freshet::fuzz
