#pragma once

#include <chrono>
#include <cstdint>

namespace freshet {

// Wall clock, microseconds since 1970-01-01 UTC. It may jump: for stamps, never for delays.
[[nodiscard]] inline std::int64_t now_micros() noexcept {
  using std::chrono::microseconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<microseconds>(since_epoch).count();
}

// Measures a delay on the clock that never jumps. Starts when made.
class Stopwatch {
 public:
  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept { return Clock::now() - start_; }
  [[nodiscard]] double seconds() const noexcept {
    return std::chrono::duration<double>(elapsed()).count();
  }
  void restart() noexcept { start_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace freshet
