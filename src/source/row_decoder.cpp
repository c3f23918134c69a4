#include "source/row_decoder.h"

#include <algorithm>
#include <bit>

#include "source/json_diff.h"
#include "source/remedy.h"

namespace freshet {

namespace {

Op op_of(EventType type) {
  switch (type) {
    case EventType::write_rows_v1:
    case EventType::write_rows:
    case EventType::mariadb_write_rows_compressed_v1:
    case EventType::mariadb_write_rows_compressed: return Op::insert;
    case EventType::update_rows_v1:
    case EventType::update_rows:
    case EventType::partial_update_rows:
    case EventType::mariadb_update_rows_compressed_v1:
    case EventType::mariadb_update_rows_compressed: return Op::update;
    case EventType::delete_rows_v1:
    case EventType::delete_rows:
    case EventType::mariadb_delete_rows_compressed_v1:
    case EventType::mariadb_delete_rows_compressed: return Op::remove;
    default: fail(ErrorKind::internal, "an event of type {} has no rows", static_cast<int>(type));
  }
}

// Version 2 has a block of extra data, whose length counts itself: partition ids, NDB's own.
bool has_extra_data(EventType type) noexcept {
  switch (type) {
    case EventType::write_rows:
    case EventType::update_rows:
    case EventType::delete_rows:
    case EventType::partial_update_rows:
    case EventType::mariadb_write_rows_compressed:
    case EventType::mariadb_update_rows_compressed:
    case EventType::mariadb_delete_rows_compressed: return true;
    default: return false;
  }
}

// Whether any of the first `count` bits is set.
bool any_bit(std::string_view bits, std::size_t count) noexcept {
  const std::size_t whole = count / 8;
  for (std::size_t i = 0; i < whole; ++i)
    if (bits[i] != 0) return true;
  const auto rest = static_cast<unsigned>(count % 8);
  return rest != 0 && (static_cast<std::uint8_t>(bits[whole]) & ((1U << rest) - 1)) != 0;
}

bool bit_at(std::string_view bits, std::size_t i) noexcept {
  return (static_cast<std::uint8_t>(bits[i / 8]) >> i % 8 & 1) != 0;
}

// Which JSON columns of one after image hold diffs. In a PARTIAL_UPDATE the image begins with
// options and, where they say so, a bit for each JSON column of the table, present or not.
class PartialColumns {
 public:
  PartialColumns() = default;
  PartialColumns(ByteReader& in, const RowPlan& plan) {
    constexpr std::uint64_t kPartialJson = 1;
    const std::uint64_t options = read_lenenc(in);
    if (options > kPartialJson)
      fail(ErrorKind::unsupported, "a partial update has options {:#x}, unknown to this version",
           options);
    if (options == 0) return;
    const auto columns = std::ranges::count_if(plan.cells, &CellPlan::binary_json);
    bits_ = in.take((static_cast<std::size_t>(columns) + 7) / 8);
  }

  // Asked once for each column, in order.
  [[nodiscard]] bool next(const CellPlan& cell) noexcept {
    return !bits_.empty() && cell.binary_json && bit_at(bits_, index_++);
  }

 private:
  std::string_view bits_;
  std::size_t index_ = 0;
};

void skip_image(ByteReader& in, const ColumnSet& present, const RowPlan& plan) {
  const std::string_view nulls = in.take((present.count() + 7) / 8);
  std::size_t index = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    if (!present.contains(i)) continue;
    if (!bit_at(nulls, index++)) skip_cell(in, plan.cells[i]);
  }
}

void check_columns(const ColumnSet& set, const RowPlan& plan) {
  if (set.columns() != plan.cells.size())
    fail(ErrorKind::corrupt, "a rows event has {} columns where its table map has {}",
         set.columns(), plan.cells.size());
}

void decode_present(ByteReader& in, const CellPlan& cell, bool null, CellWriter& out) {
  if (null)
    out.put_kind(ValueKind::null);
  else
    cell.decode(in, cell, out);
}

// What an update's before image says, for cells that its after image tells in part or not at all.
struct BeforeImage {
  struct Cell {
    std::size_t from = 0, to = 0;  // in the batch; nothing for one that is absent
    std::string_view json;         // its document, where it has one
    [[nodiscard]] bool present() const noexcept { return to > from; }
  };
  std::vector<Cell> cells;
};

// The document that a JSON column's bytes hold.
std::string_view document_at(ByteReader in, const CellPlan& cell) {
  return in.take(read_length(in, cell.width));
}

BeforeImage decode_before(ByteReader& in, const RowsEvent& event, const RowPlan& plan,
                          CellWriter& out) {
  check_columns(event.before, plan);
  BeforeImage image;
  image.cells.resize(plan.cells.size());
  const std::string_view nulls = in.take((event.before.count() + 7) / 8);
  std::size_t index = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const CellPlan& plan_of_cell = plan.cells[i];
    if (!event.before.contains(i)) {
      out.put_kind(ValueKind::absent);
      continue;
    }
    BeforeImage::Cell& cell = image.cells[i];
    cell.from = out.offset();
    if (bit_at(nulls, index++)) {
      out.put_kind(ValueKind::null);
    } else {
      if (event.partial_json && plan_of_cell.binary_json) cell.json = document_at(in, plan_of_cell);
      plan_of_cell.decode(in, plan_of_cell, out);
    }
    cell.to = out.offset();
  }
  return image;
}

void put_unchanged(const BeforeImage::Cell& before, CellWriter& out) {
  if (before.present())
    out.put_copy(before.from, before.to - before.from);
  else
    out.put_kind(ValueKind::absent);
}

void decode_diffs(std::string_view diffs, const BeforeImage::Cell& before, const RowPlan& plan,
                  std::size_t column, CellWriter& out) {
  if (diffs.empty()) return put_unchanged(before, out);
  if (before.json.empty())
    fail(
        ErrorKind::unsupported,
        "{}.{} has a partial JSON update, whose row image lacks the document before it: SET GLOBAL "
        "binlog_row_image=FULL or binlog_row_value_options='', and {}",
        plan.schema->name.qualified(), plan.schema->columns[column].name, kLoadAnew);
  Bytes& text = scratch_text();
  append_patched_json(text, before.json, diffs);
  put_converted(out, ValueKind::json, text, *plan.cells[column].charset);
}

void decode_after(ByteReader& in, const RowsEvent& event, const RowPlan& plan,
                  const BeforeImage& before, CellWriter& out) {
  check_columns(event.after, plan);
  PartialColumns partial;
  if (event.partial_json) partial = PartialColumns(in, plan);
  const std::string_view nulls = in.take((event.after.count() + 7) / 8);
  std::size_t index = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const CellPlan& cell = plan.cells[i];
    const bool diffs = partial.next(cell);
    if (!event.after.contains(i))
      put_unchanged(before.cells[i], out);
    else if (bit_at(nulls, index++))
      out.put_kind(ValueKind::null);
    else if (diffs)
      decode_diffs(in.take(read_length(in, cell.width)), before.cells[i], plan, i, out);
    else
      cell.decode(in, cell, out);
  }
}

// An update one of whose images does not tell all.
void decode_sparse_update(ByteReader& in, const RowsEvent& event, const RowPlan& plan,
                          RowWriter& out) {
  const BeforeImage before = decode_before(in, event, plan, out.cells());
  out.next_image();
  decode_after(in, event, plan, before, out.cells());
}

}  // namespace

RowPlan plan_rows(const TableMap& map, const ResolvedTable& table) {
  RowPlan plan;
  plan.schema = table.schema;
  for (std::size_t i = 0; i < map.columns.size(); ++i)
    plan.cells.push_back(plan_cell(map.columns[i], table.schema->columns[i], table.charsets[i]));
  return plan;
}

RowPlan plan_skipping(const TableMap& map) {
  RowPlan plan;
  const auto untold = [&](const MappedColumn& c) {
    return map.mariadb && has_untold_width(c.type);
  };
  if (std::ranges::any_of(map.columns, untold)) return plan;
  for (const MappedColumn& column : map.columns) plan.cells.push_back(plan_width(column, 0));
  return plan;
}

ColumnSet::ColumnSet(std::string_view bitmap, std::size_t columns)
    : bitmap_(bitmap), columns_(columns) {
  for (std::size_t i = 0; i < columns / 8; ++i)
    count_ += static_cast<std::size_t>(std::popcount(static_cast<std::uint8_t>(bitmap[i])));
  for (std::size_t i = columns & ~std::size_t{7}; i < columns; ++i) count_ += contains(i) ? 1 : 0;
}

bool is_compressed_rows_event(EventType type) noexcept {
  return type >= EventType::mariadb_write_rows_compressed_v1 &&
         type <= EventType::mariadb_delete_rows_compressed;
}

bool is_rows_event(EventType type) noexcept {
  return (type >= EventType::write_rows_v1 && type <= EventType::delete_rows_v1) ||
         (type >= EventType::write_rows && type <= EventType::delete_rows) ||
         type == EventType::partial_update_rows || is_compressed_rows_event(type);
}

RowsEvent parse_rows_event(EventType type, std::string_view body) {
  constexpr std::uint16_t kStatementEnd = 1;
  ByteReader in(body);
  RowsEvent event;
  event.op = op_of(type);
  event.partial_json = type == EventType::partial_update_rows;
  event.table_id = in.le(6);
  event.ends_statement = (in.fixed<std::uint16_t>() & kStatementEnd) != 0;
  if (has_extra_data(type)) {
    const auto size = in.fixed<std::uint16_t>();
    if (size < 2) fail(ErrorKind::corrupt, "a rows event has extra data of {} bytes", size);
    in.skip(size - std::size_t{2});
  }
  const std::uint64_t columns = read_lenenc(in);
  if (columns > in.left() * 8) fail(ErrorKind::corrupt, "a rows event has {} columns", columns);
  const ColumnSet first(in.take((columns + 7) / 8), columns);
  if (event.op != Op::insert) event.before = first;
  if (event.op == Op::insert) event.after = first;
  if (event.op == Op::update) event.after = ColumnSet(in.take((columns + 7) / 8), columns);
  event.sparse =
      event.op == Op::update && (event.partial_json || !event.before.all() || !event.after.all());
  event.rows = in.rest();
  // Rows of no bytes would never end.
  if (!event.rows.empty() && event.before.count() + event.after.count() == 0)
    fail(ErrorKind::corrupt, "a rows event has {} bytes of rows without columns",
         event.rows.size());
  return event;
}

void decode_image(ByteReader& in, const ColumnSet& present, const RowPlan& plan, CellWriter& out) {
  check_columns(present, plan);
  const std::string_view nulls = in.take((present.count() + 7) / 8);
  if (present.all()) {
    if (!any_bit(nulls, present.count())) {
      for (const CellPlan& cell : plan.cells) cell.decode(in, cell, out);
      return;
    }
    for (std::size_t i = 0; i < plan.cells.size(); ++i)
      decode_present(in, plan.cells[i], bit_at(nulls, i), out);
    return;
  }
  std::size_t index = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    if (present.contains(i))
      decode_present(in, plan.cells[i], bit_at(nulls, index++), out);
    else
      out.put_kind(ValueKind::absent);
  }
}

void decode_row(ByteReader& in, const RowsEvent& event, const RowPlan& plan, RowWriter& out) {
  out.begin_row();
  if (event.sparse) {
    decode_sparse_update(in, event, plan, out);
    return out.end_row();
  }
  if (event.op != Op::insert) decode_image(in, event.before, plan, out.cells());
  out.next_image();
  if (event.op != Op::remove) decode_image(in, event.after, plan, out.cells());
  out.end_row();
}

void skip_row(ByteReader& in, const RowsEvent& event, const RowPlan& plan) {
  if (event.op != Op::insert) {
    check_columns(event.before, plan);
    skip_image(in, event.before, plan);
  }
  if (event.op != Op::remove) {
    check_columns(event.after, plan);
    if (event.partial_json) static_cast<void>(PartialColumns(in, plan));
    skip_image(in, event.after, plan);
  }
}

}  // namespace freshet
