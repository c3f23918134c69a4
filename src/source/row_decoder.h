#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/change.h"
#include "source/binlog_event.h"
#include "source/column_decoder.h"
#include "source/schema_tracker.h"
#include "source/table_map.h"

namespace freshet {

// What decoding the rows of a table map needs, precomputed.
struct RowPlan {
  SchemaPtr schema;  // the cells' labels point into it
  std::vector<CellPlan> cells;
};

[[nodiscard]] RowPlan plan_rows(const TableMap& map, const ResolvedTable& table);
// A plan that can only step over rows, for tables that are not captured. Without cells where the
// log does not tell the columns' widths: such rows cannot be told apart.
[[nodiscard]] RowPlan plan_skipping(const TableMap& map);

// Which columns an image carries. Bits beyond the last column are garbage in the log.
class ColumnSet {
 public:
  ColumnSet() = default;
  ColumnSet(std::string_view bitmap, std::size_t columns);

  [[nodiscard]] bool all() const noexcept { return count_ == columns_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  [[nodiscard]] bool contains(std::size_t i) const noexcept {
    return (static_cast<std::uint8_t>(bitmap_[i / 8]) >> i % 8 & 1) != 0;
  }

 private:
  std::string_view bitmap_;
  std::size_t columns_ = 0;
  std::size_t count_ = 0;
};

// A rows event opened: WRITE, UPDATE or DELETE of version 1 or 2, or PARTIAL_UPDATE. A view into
// the event's body.
struct RowsEvent {
  Op op = Op::insert;
  bool partial_json = false;  // after images may tell of a JSON value only what changed in it
  bool sparse = false;        // an update one of whose images does not tell all
  std::uint64_t table_id = 0;
  bool ends_statement = false;
  ColumnSet before, after;  // those that the op has
  std::string_view rows;
};

[[nodiscard]] bool is_rows_event(EventType type) noexcept;
// MariaDB's compressed kinds: their `rows` must go through inflate_event_part().
[[nodiscard]] bool is_compressed_rows_event(EventType type) noexcept;
// Throws Error{corrupt}. The dummy that ends a statement without rows has no columns.
[[nodiscard]] RowsEvent parse_rows_event(EventType type, std::string_view body);

// Takes one row from `in` and appends it as a change. A cell that an update's after image lacks,
// but its before image has, is unchanged and copied; one that both lack is absent. Throws
// Error{corrupt} where the row leaves the block, Error{unsupported} for a partial JSON update
// without the value before it; `out`, which is for the event's op and the plan's schema, then has a
// row without an end.
void decode_row(ByteReader& in, const RowsEvent& event, const RowPlan& plan, RowWriter& out);
void skip_row(ByteReader& in, const RowsEvent& event, const RowPlan& plan);

// One image: null bitmap and values of the columns present.
void decode_image(ByteReader& in, const ColumnSet& present, const RowPlan& plan, CellWriter& out);

}  // namespace freshet
