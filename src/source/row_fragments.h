#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "source/binlog_event.h"

namespace freshet {

// Joins PARTIAL_ROW_DATA events. MariaDB writes a rows event that is larger than its
// binlog_row_event_fragment_threshold as several of them, one behind the other (from 12.3 on;
// MariaDB documentation, "PARTIAL_ROW_DATA_EVENT"). Memory holds the rows event, of at most 1 GiB
// as any other.
class RowFragments {
 public:
  // The rows event, once `fragment` is its last; it lives until the next call. Throws
  // Error{corrupt} for a fragment out of order or sizes that contradict each other,
  // Error{unsupported} for an event of another kind, or a larger one.
  std::optional<Event> add(const Event& fragment);
  // Some have come, and more must follow.
  [[nodiscard]] bool pending() const noexcept { return taken_ > 0; }

 private:
  void begin(std::uint32_t total);
  [[nodiscard]] std::string_view checked() const;

  Bytes whole_;
  std::uint32_t total_ = 0, taken_ = 0;     // fragments
  std::optional<std::uint64_t> told_size_;  // of the rows event
};

}  // namespace freshet
