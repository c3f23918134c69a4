#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace freshet {

// Holds loading to so many rows per second: a chunk may begin when those before it have had their
// time.
class LoadPace {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LoadPace(std::uint64_t rows_per_second) noexcept : rate_(rows_per_second) {}  // 0 = any

  [[nodiscard]] bool ready(Clock::time_point now) const noexcept { return now >= next_; }
  // Rows of a chunk: one second's worth, so that the server is not asked in bursts.
  [[nodiscard]] std::uint64_t chunk_rows(std::uint64_t most) const noexcept {
    return rate_ == 0 ? most : std::min(most, rate_);
  }
  // A chunk of so many rows begins.
  void spend(std::uint64_t rows, Clock::time_point now) noexcept {
    next_ = std::max(next_, now) + time_of(rows);
  }
  // It had so many fewer.
  void give_back(std::uint64_t rows) noexcept { next_ -= time_of(rows); }

 private:
  [[nodiscard]] Clock::duration time_of(std::uint64_t rows) const noexcept {
    if (rate_ == 0) return {};
    return std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(static_cast<double>(rows) / static_cast<double>(rate_)));
  }

  std::uint64_t rate_;
  Clock::time_point next_{};
};

}  // namespace freshet
