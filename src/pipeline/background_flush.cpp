#include "pipeline/background_flush.h"

namespace freshet {

BackgroundFlush::BackgroundFlush(StreamWriter& writer)
    : writer_(writer), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void BackgroundFlush::soon() {
  if (!ask()) return now();  // the disk does not keep up: wait for it here
  changed_.notify_one();
}

// False if what was asked for before has not begun.
bool BackgroundFlush::ask() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
  if (asked_) return false;
  return asked_ = true;
}

void BackgroundFlush::now() {
  const std::lock_guard one_at_a_time(flushing_);
  writer_.flush();
}

void BackgroundFlush::run(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return asked_; })) return;
      asked_ = false;
    }
    try {
      now();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
      return;
    }
  }
}

}  // namespace freshet
