#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "model/position.h"

namespace freshet {

// How far the log reader is behind the server, without a clock of the server's, whose commit times
// may be those of another server: where the log ends is noted now and then, and the delay is how
// long the reader takes to come there.
class LogDelay {
 public:
  using Clock = std::chrono::steady_clock;

  // Whether the end of the log is to be noted now.
  [[nodiscard]] bool wants_mark(Clock::time_point now) const noexcept {
    return !mark_ && (!delay_ || now - marked_at_ >= kMarkEvery);
  }
  void mark(LogCoordinate end, Clock::time_point now) {
    mark_ = std::move(end);
    marked_at_ = now;
  }
  // All of the log before `place` has been read.
  void read_to(const LogCoordinate& place, Clock::time_point now) {
    if (!mark_ || !place.known() || place < *mark_) return;
    delay_ = now - marked_at_;
    mark_.reset();
  }

  // The reader has once come to a noted end: until then it may be behind by more than it seems.
  [[nodiscard]] bool known() const noexcept { return delay_.has_value(); }
  [[nodiscard]] Clock::duration behind(Clock::time_point now) const noexcept {
    const Clock::duration delay = delay_.value_or(Clock::duration::zero());
    return mark_ ? std::max(delay, now - marked_at_) : delay;
  }

 private:
  static constexpr std::chrono::seconds kMarkEvery{1};
  std::optional<LogCoordinate> mark_;
  Clock::time_point marked_at_{};
  std::optional<Clock::duration> delay_;
};

}  // namespace freshet
