#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

namespace freshet {

// Rows per second over the last seconds of a load.
class LoadRate {
 public:
  using Clock = std::chrono::steady_clock;

  void update(std::uint64_t rows, Clock::time_point now) {
    if (!samples_.empty() && rows < samples_.back().second) samples_.clear();  // begun anew
    samples_.emplace_back(now, rows);
    while (samples_.size() > 2 && now - samples_[1].first >= kWindow) samples_.pop_front();
  }

  [[nodiscard]] double per_second() const noexcept {
    if (samples_.size() < 2) return 0;
    const std::chrono::duration<double> length = samples_.back().first - samples_.front().first;
    const auto rows = static_cast<double>(samples_.back().second - samples_.front().second);
    return length.count() > 0 ? rows / length.count() : 0;
  }

 private:
  static constexpr std::chrono::seconds kWindow{10};
  std::deque<std::pair<Clock::time_point, std::uint64_t>> samples_;
};

}  // namespace freshet
