#include "source/row_decoder.h"

#include <algorithm>
#include <bit>

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
         is_compressed_rows_event(type);
}

RowsEvent parse_rows_event(EventType type, std::string_view body) {
  constexpr std::uint16_t kStatementEnd = 1;
  ByteReader in(body);
  RowsEvent event;
  event.op = op_of(type);
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
  event.rows = in.rest();
  return event;
}

void decode_image(ByteReader& in, const ColumnSet& present, const RowPlan& plan, CellSink& out) {
  check_columns(present, plan);
  const std::string_view nulls = in.take((present.count() + 7) / 8);
  if (present.all() && !any_bit(nulls, present.count())) {
    for (const CellPlan& cell : plan.cells) cell.decode(in, cell, out);
    return;
  }
  std::size_t index = 0;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const CellPlan& cell = plan.cells[i];
    if (!present.contains(i))
      out.put_kind(ValueKind::absent);
    else if (bit_at(nulls, index++))
      out.put_kind(ValueKind::null);
    else
      cell.decode(in, cell, out);
  }
}

void decode_row(ByteReader& in, const RowsEvent& event, const RowPlan& plan, ChangeBatch& out) {
  out.open_row(event.op, plan.schema);
  try {
    if (event.op != Op::insert) {
      CellSink sink(out.out());
      decode_image(in, event.before, plan, sink);
    }
    out.next_image();
    if (event.op != Op::remove) {
      CellSink sink(out.out());
      decode_image(in, event.after, plan, sink);
    }
  } catch (...) {
    out.abandon_row();
    throw;
  }
  out.close_row();
}

void skip_row(ByteReader& in, const RowsEvent& event, const RowPlan& plan) {
  if (event.op != Op::insert) {
    check_columns(event.before, plan);
    skip_image(in, event.before, plan);
  }
  if (event.op != Op::remove) {
    check_columns(event.after, plan);
    skip_image(in, event.after, plan);
  }
}

}  // namespace freshet
