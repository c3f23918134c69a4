#pragma once

#include <stop_token>
#include <thread>

namespace freshet {

// Turns SIGINT and SIGTERM into a stop request; a second one ends the process at once with status
// 130. Make it before any other thread: threads made later leave the signals to it.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

 private:
  void wait();

  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace freshet
