#include "pipeline/batch_shaper.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "transform/typing.h"

namespace freshet {

namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

// A cell that DuckDB computed, as the source would give it for a column of this type.
Value stored_value(const Column& column, const Value& cell) {
  if (cell.is_null()) return cell;
  switch (column.type) {
    case ColumnType::bit: return Value::of_uint(static_cast<std::uint64_t>(cell.integer));
    case ColumnType::date: {
      const CivilTime day = civil_from_micros(cell.integer * kMicrosPerDay);
      return Value::of_int(pack_date(day.year, day.month, day.day), ValueKind::date);
    }
    case ColumnType::datetime:
      return Value::of_int(pack_datetime(civil_from_micros(cell.integer)), ValueKind::datetime);
    default: break;
  }
  if (cell.kind == ValueKind::int64 && column.is_unsigned)
    return Value::of_uint(static_cast<std::uint64_t>(cell.integer));
  if (cell.kind == ValueKind::decimal && column.type == ColumnType::bigint) {
    std::uint64_t number = 0;
    std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), number);
    return Value::of_uint(number);
  }
  return cell;
}

}  // namespace

BatchShaper::BatchShaper(const TableMapping& mapping) : mapping_(mapping) {}
BatchShaper::~BatchShaper() = default;

BatchShaper::Table& BatchShaper::table_of(const SchemaPtr& source) {
  if (source == last_schema_) return *last_table_;
  const std::uint64_t fingerprint = source->fingerprint();
  auto at = tables_.find(fingerprint);
  if (at == tables_.end()) at = tables_.emplace(fingerprint, make_table(source)).first;
  last_schema_ = source;
  last_table_ = &at->second;
  return at->second;
}

BatchShaper::Table BatchShaper::make_table(const SchemaPtr& source) {
  Table table{.plan = mapping_.plan_for(source)};
  claim_name(source->name, table.plan.schema->name);
  std::vector<std::string> outputs;
  std::string origin;
  const auto want = [&](const TablePlan::Made& made) {
    outputs.push_back(made.expression.sql);
    origin = made.origin;
    for (const std::string& name : made.expression.columns)
      if (const auto column = source->find(name);
          column && std::ranges::find(table.inputs, *column) == table.inputs.end())
        table.inputs.push_back(*column);
  };
  if (table.plan.filter) want(*table.plan.filter);
  for (const TablePlan::PlannedColumn& column : table.plan.columns)
    if (column.made) want(*column.made);
  if (outputs.empty()) return table;
  if (table.plan.filter) outputs.front() = "CAST((" + outputs.front() + ") AS BOOLEAN)";
  if (table.inputs.empty()) table.inputs.push_back(0);
  std::vector<LakeColumn> inputs;
  for (const std::size_t column : table.inputs)
    inputs.push_back(lake_column_of(source->columns[column], false));
  if (!database_) database_ = std::make_unique<ExpressionDatabase>();
  try {
    table.expressions = std::make_unique<RowExpressions>(*database_, std::move(inputs), outputs);
  } catch (const Error& error) {
    fail(error.kind(), "{}: table {}: {}", origin, source->name.qualified(), error.what());
  }
  return table;
}

// A table of the lake has one source.
void BatchShaper::claim_name(const TableName& source, const TableName& target) {
  const auto [at, fresh] = targets_.emplace(target, source);
  if (fresh || at->second == source) return;
  fail(ErrorKind::config,
       "the tables {} and {} would both be called {}: rename one of them under source.rename or in "
       "the table mapping",
       at->second.qualified(), source.qualified(), target.qualified());
}

const ChangeBatch& BatchShaper::shape(const ChangeBatch& batch) {
  const Bytes block = batch.encode();
  const SchemaByFingerprint lookup = [&](std::uint64_t fingerprint) {
    const auto& schemas = batch.schemas();
    return *std::ranges::find_if(
        schemas, [&](const SchemaPtr& s) { return s->fingerprint() == fingerprint; });
  };
  shaped_.clear();
  left_out_ = 0;
  for (ChangeCursor cursor(block, lookup); const auto change = cursor.next();) {
    if (!is_row(change->op)) continue;
    Table& table = table_of(change->schema);
    if (!table.expressions) continue;
    gather(table, *change->schema, change->before);
    gather(table, *change->schema, change->after);
  }
  for (auto& [fingerprint, table] : tables_) evaluate(table);
  for (ChangeCursor cursor(block, lookup); const auto change = cursor.next();) put_change(*change);
  return shaped_;
}

void BatchShaper::gather(Table& table, const TableSchema& source, std::string_view image) {
  if (image.empty()) return;
  std::vector<Value> row;
  for (ByteReader in(image); !in.empty();) row.push_back(read_value(in));
  cells_.clear();
  for (const std::size_t i : table.inputs) {
    const Column& column = source.columns[i];
    const Value& value = row.at(i);
    if (value.is_absent())
      fail(ErrorKind::unsupported,
           "{}.{} is absent from a row image, and a rule reads it; on the source: SET GLOBAL "
           "binlog_row_image=FULL",
           source.name.qualified(), column.name);
    cells_.push_back(value.is_null()
                         ? Value::null()
                         : convert(value, conversion_of(column), source.name, column, arena_));
  }
  table.expressions->add(cells_);
  arena_.clear();
}

void BatchShaper::evaluate(Table& table) {
  table.answers.clear();
  table.next_answer = 0;
  if (!table.expressions || table.expressions->rows() == 0) return;
  try {
    table.expressions->evaluate(
        [&](std::span<const Value> outputs) { take_answer(table, outputs); });
  } catch (const Error& error) {
    fail(error.kind(), "table {}: {}", table.plan.schema->name.qualified(), error.what());
  }
}

void BatchShaper::take_answer(Table& table, std::span<const Value> outputs) {
  Answer& answer = table.answers.emplace_back();
  std::size_t at = 0;
  if (table.plan.filter) {
    answer.wanted = !outputs[0].is_null() && outputs[0].integer != 0;
    at = 1;
  }
  for (std::size_t i = 0; i < table.plan.columns.size(); ++i)
    if (table.plan.columns[i].made)
      put_value(answer.made, stored_value(table.plan.schema->columns[i], outputs[at++]));
}

const BatchShaper::Answer& BatchShaper::next_answer(Table& table, std::string_view image) {
  static const Answer kPlain;
  if (image.empty() || !table.expressions) return kPlain;
  return table.answers.at(table.next_answer++);
}

void BatchShaper::put_change(const Change& change) {
  if (change.op == Op::commit) {
    if (shaped_.in_transaction()) shaped_.end_transaction();
    return;
  }
  Table& table = table_of(change.schema);
  const auto begin = [&] {
    if (!shaped_.in_transaction())
      shaped_.begin_transaction(*change.transaction,
                                is_row(change.op) ? change.ordinal - 1 : change.ordinal);
  };
  if (!is_row(change.op)) {
    begin();
    // The name that a table was given may be one that no rule speaks of.
    const bool renamed = change.op == Op::rename;
    const SchemaPtr other =
        change.other && !renamed ? table_of(change.other).plan.schema : change.other;
    shaped_.add_mark(change.op, table.plan.schema, other);
  } else {
    const Answer& before = next_answer(table, change.before);
    const Answer& after = next_answer(table, change.after);
    // An image that is not there is as wanted as the other one.
    const bool from = change.before.empty() ? after.wanted : before.wanted;
    const bool to = change.after.empty() ? before.wanted : after.wanted;
    if (from || to) begin();
    if (from && to)
      put_row(table, change.op, change, before, after);
    else if (from)
      put_row(table, Op::remove, change, before, after);
    else if (to)
      put_row(table, Op::insert, change, before, after);
    else
      ++left_out_;
  }
  if (change.last_of_transaction && shaped_.in_transaction()) shaped_.end_transaction();
}

void BatchShaper::put_row(Table& table, Op op, const Change& change, const Answer& before,
                          const Answer& after) {
  shaped_.open_row(op, table.plan.schema);
  if (op == Op::update || op == Op::remove) put_image(table, change.before, before);
  shaped_.next_image();
  if (op != Op::remove) put_image(table, change.after, after);
  shaped_.close_row();
}

void BatchShaper::put_image(const Table& table, std::string_view image, const Answer& answer) {
  Bytes& out = shaped_.out();
  if (!table.plan.changes_rows) {
    out.append(image);
    return;
  }
  std::vector<Value> row;
  for (ByteReader in(image); !in.empty();) row.push_back(read_value(in));
  ByteReader made(answer.made);
  for (const TablePlan::PlannedColumn& column : table.plan.columns)
    put_value(out, column.made ? read_value(made) : row.at(column.source));
}

}  // namespace freshet
