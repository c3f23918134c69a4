#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

#include "stream/stream.h"

namespace freshet {

// Flushes a stream beside the thread that appends to it, so that under load appending goes on while
// the disk is waited for. All calls from the appending thread; nobody else may flush the writer.
class BackgroundFlush {
 public:
  explicit BackgroundFlush(StreamWriter& writer);

  // What was appended becomes durable soon; at most this and the appends of one flush may wait.
  // Throws what an earlier flush threw.
  void soon();
  // What was appended is durable when this returns.
  void now();

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] bool ask();

  StreamWriter& writer_;
  std::mutex flushing_;  // held while writer_ flushes
  std::mutex mutex_;     // the two that follow
  bool asked_ = false;
  std::exception_ptr error_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it uses all the above
};

}  // namespace freshet
