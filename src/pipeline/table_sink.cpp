#include "pipeline/table_sink.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <ranges>
#include <utility>

#include "base/ascii.h"
#include "base/log.h"
#include "lake/commit_summary.h"
#include "pipeline/remask.h"

namespace freshet {

namespace {

// In the summary of each snapshot, so that verdicts are as durable as the rows they concern.
constexpr std::string_view kVerdictsKey = "freshet.column-verdicts";
// How many of them, from the first on, all rows of the table are masked by.
constexpr std::string_view kFollowedKey = "freshet.verdicts-followed";

// What a lake table says of itself before a writer opens it.
struct Standing {
  std::vector<LakeColumn> columns;
  StreamOffset committed = 0;
  TableVerdicts verdicts;
  std::optional<std::uint64_t> followed;  // nothing: it has no rows
};

Standing standing_of(const std::filesystem::path& directory) {
  Standing standing;
  const auto table = IcebergTable::open(directory);
  if (!table) return standing;
  for (const IcebergField& field : table->schema().fields) standing.columns.push_back(field.column);
  standing.committed = committed_offset_of(*table);
  if (const auto json = table->summary(kVerdictsKey))
    standing.verdicts = TableVerdicts::from_json(*json);
  if (table->snapshot_id() != 0)
    standing.followed =
        std::strtoull(table->summary(kFollowedKey).value_or("0").c_str(), nullptr, 10);
  return standing;
}

// Flattened columns keep their names and types over restarts: from the mirror, or without one
// from the history.
std::vector<LakeColumn> existing_columns(const Lake& lake, const std::string& table) {
  std::vector<LakeColumn> columns = standing_of(lake.table_directory(table)).columns;
  if (columns.empty())
    columns =
        standing_of(lake.table_directory(table + std::string(HistoryWriter::kSuffix))).columns;
  return columns;
}

// The history's _schema_version: a fingerprint that fits a signed column.
std::uint64_t version_of(const TableSchema& schema) { return schema.fingerprint() >> 1; }

}  // namespace

std::string lake_table_of(const SinkOptions& options, const TableName& table) {
  return options.prefix + table.table;
}

TableVerdicts committed_verdicts(const Lake& lake, const std::string& lake_table) {
  TableVerdicts verdicts = standing_of(lake.table_directory(lake_table)).verdicts;
  verdicts.add(
      standing_of(lake.table_directory(lake_table + std::string(HistoryWriter::kSuffix))).verdicts);
  return verdicts;
}

TableSink::TableSink(Lake& lake, const SinkOptions& options, const SchemaPtr& schema,
                     const std::optional<SinkCheckpoint>& checkpoint)
    : lake_(lake),
      options_(options),
      table_(lake_table_of(options, schema->name)),
      existing_(existing_columns(lake, table_)),
      preparer_(schema, options.transform, options.key, existing_,
                committed_verdicts(lake, table_)),
      source_name_(schema->name) {
  const Standing mirror = standing_of(lake.table_directory(table_));
  const Standing history =
      standing_of(lake.table_directory(table_ + std::string(HistoryWriter::kSuffix)));
  mirror_committed_ = mirror.committed;
  history_committed_ = history.committed;
  known_at_start_ = preparer_.verdicts();
  const std::uint64_t all = known_at_start_.version();
  followed_ = std::min(mirror.followed.value_or(all), history.followed.value_or(all));
  mirror_start_ = mirror_committed_;
  history_start_ = history_committed_;
  begun_ = mirror_committed_ > 0;
  settle(std::min(mirror_start_, history_start_));
  // The checkpoint counts only while the lake holds at least what it held then.
  if (!checkpoint || mirror_committed_ < checkpoint->mirror ||
      history_committed_ < checkpoint->history)
    return;
  mirror_start_ = std::max(mirror_committed_, checkpoint->offset);
  history_start_ = std::max(history_committed_, checkpoint->offset);
  begun_ = checkpoint->begun;
  complete_ = checkpoint->complete;
  settled_ = *checkpoint;
}

MirrorWriter& TableSink::mirror(const LakeSchema& columns) {
  if (!mirror_) {
    mirror_.emplace(lake_, table_, columns);
  } else if (mirror_columns_ != &columns) {
    mirror_->evolve(columns);
  }
  mirror_columns_ = &columns;
  mirror_->set_lenient(!complete_ && source_->has_key());
  return *mirror_;
}

HistoryWriter& TableSink::history(const LakeSchema& columns) {
  if (!history_) {
    history_.emplace(lake_, table_, columns);
  } else if (history_columns_ != &columns) {
    history_->evolve(columns);
  }
  history_columns_ = &columns;
  return *history_;
}

PreparedRow TableSink::prepare(const Change& change, StreamOffset offset, std::vector<Value>& cells,
                               Arena& arena) {
  PreparedRow row{.sink = this};
  preparer_.follow(change.schema);
  if (!mirror_wants(offset) && !history_wants(offset)) return row;
  row.first_cell = cells.size();
  row.columns = is_row(change.op) ? &preparer_.prepare(change, cells, arena) : &preparer_.columns();
  if (mirror_wants(offset)) {
    if (!change.before.empty()) row.before = preparer_.row_id(change.before);
    if (!change.after.empty()) row.after = preparer_.row_id(change.after);
  }
  return row;
}

void TableSink::apply(const Change& change, StreamOffset offset, const PreparedRow& row,
                      std::span<const Value> cells) {
  follow(change.op);
  if (row.columns == nullptr) return;
  if (!opened_) finish_earlier();
  if (change.schema != source_) {
    source_ = change.schema;
    schema_version_ = version_of(*source_);
  }
  ++changes_;
  unpublished_ = true;
  if (!pending_since_) pending_since_ = std::chrono::steady_clock::now();
  if (!is_row(change.op)) return apply_mark(change, offset, row);
  cells = cells.subspan(row.first_cell, row.columns->columns.size());
  if (mirror_wants(offset)) apply_to_mirror(change, row, cells);
  if (history_wants(offset)) apply_to_history(change, offset, row, cells);
}

// Where the table's snapshot stands, told by marks also where the lake has what they concern: a
// checkpoint may be older than the lake's commits.
void TableSink::follow(Op op) noexcept {
  if (op == Op::snapshot_end) complete_ = true;
  if (op == Op::snapshot_begin || op == Op::snapshot_due) {
    complete_ = false;
    begun_ = op == Op::snapshot_begin;
  }
}

void TableSink::apply_to_mirror(const Change& change, const PreparedRow& row,
                                std::span<const Value> cells) {
  if (!source_->has_key() && !begun_) return;
  MirrorWriter& writer = mirror(*row.columns);
  switch (change.op) {
    case Op::load: return writer.load(row.after, cells);
    case Op::insert: return writer.insert(row.after, cells);
    case Op::update: return writer.update(row.before, row.after, cells);
    case Op::remove: return writer.remove(row.before);
    default: fail(ErrorKind::internal, "{} is no row change", name_of(change.op));
  }
}

void TableSink::apply_to_history(const Change& change, StreamOffset offset, const PreparedRow& row,
                                 std::span<const Value> cells) {
  history(*row.columns)
      .append({.op = empties(change.op) ? Op::truncate : change.op,
               .commit_micros = change.transaction->commit_micros,
               .gtid = change.transaction->gtid,
               .binlog_file = change.transaction->file,
               .binlog_position = change.transaction->offset,
               .row = change.ordinal,
               .offset = offset,
               .schema_version = schema_version_},
              cells);
}

void TableSink::apply_mark(const Change& change, StreamOffset offset, const PreparedRow& row) {
  if (empties(change.op)) {
    if (mirror_wants(offset)) mirror(*row.columns).truncate();
    if (history_wants(offset)) apply_to_history(change, offset, row, {});
  } else if (change.op == Op::snapshot_begin && mirror_wants(offset)) {
    if (MirrorWriter& writer = mirror(*row.columns); !source_->has_key()) writer.truncate();
  }
  // Else its columns are in force, and follow() has seen it.
}

void TableSink::publish() {
  if (!unpublished_) return;
  if (mirror_) mirror_->publish();
  if (history_) history_->publish();
  unpublished_ = false;
}

void TableSink::stage() {
  if (mirror_) mirror_->stage();
  if (history_) history_->stage();
}

// What an earlier process left unfinished. Before writers open the tables.
void TableSink::finish_earlier() {
  opened_ = true;
  finish_remask(lake_, table_);
  mask_earlier_rows(known_at_start_);  // later ones come with the rows that are prepared meanwhile
}

// The verdicts by which the rows of before are not masked yet: by values, or by a name that was not
// known when the column came.
bool TableSink::is_new_to_rows(const ColumnVerdict& verdict) const {
  return verdict.name_type.empty() || std::ranges::any_of(existing_, [&](const LakeColumn& column) {
           return lower_case(column.name) == lower_case(verdict.column);
         });
}

void TableSink::mask_earlier_rows(const TableVerdicts& verdicts) {
  if (options_.transform.sensitive_data.mode != MaskMode::column) return;
  const auto later = verdicts.all() | std::views::drop(followed_);
  if (std::ranges::any_of(later,
                          [this](const ColumnVerdict& one) { return is_new_to_rows(one); })) {
    mirror_.reset();
    history_.reset();
    lake_.refresh();
    const std::vector<std::string> columns =
        remask(lake_, table_, source_name_, options_.transform, options_.key, verdicts,
               RemaskScope::verdicts,
               {{std::string(kVerdictsKey), verdicts.to_json()},
                {std::string(kFollowedKey), std::to_string(verdicts.version())}});
    if (mirror_columns_) mirror(*mirror_columns_);
    if (history_columns_) history(*history_columns_);
    if (!columns.empty())
      log_info(
          "{}: the rows that the lake had are masked, too, in {}; what had them clear is removed",
          source_name_.qualified(), fmt::join(columns, ", "));
  }
  followed_ = verdicts.version();
}

void TableSink::commit(const CommitPoint& applied) {
  CommitPoint point = applied;
  const TableVerdicts verdicts = preparer_.decide();
  if (verdicts.version() > 0) {
    point.notes.emplace(kVerdictsKey, verdicts.to_json());
    point.notes.emplace(kFollowedKey, std::to_string(followed_));
  }
  // The history first: a crash between the two then never leaves a state without its story.
  if (history_) {
    history_->commit(point);
    history_committed_ = history_->committed_offset();
  }
  if (mirror_) {
    mirror_->commit(point);
    mirror_committed_ = mirror_->committed_offset();
  }
  unpublished_ = false;
  pending_since_.reset();
  settle(point.stream_offset);
  mask_earlier_rows(verdicts);
}

void TableSink::settle(StreamOffset offset) {
  settled_ = {.offset = offset,
              .mirror = mirror_committed_,
              .history = history_committed_,
              .begun = begun_,
              .complete = complete_};
}

std::size_t TableSink::pending_rows() const noexcept {
  return std::max(mirror_ ? mirror_->pending_rows() : 0, history_ ? history_->pending_rows() : 0);
}

std::size_t TableSink::held_rows() const noexcept {
  return std::max(mirror_ ? mirror_->held_rows() : 0, history_ ? history_->held_rows() : 0);
}

std::size_t TableSink::held_bytes() const noexcept {
  return (mirror_ ? mirror_->held_bytes() : 0) + (history_ ? history_->held_bytes() : 0);
}

const SinkCheckpoint& TableSink::checkpoint(StreamOffset applied) {
  if (!pending_since_) settle(std::max(applied, settled_.offset));
  return settled_;
}

SinkStatus TableSink::status() {
  return {.table = table_,
          .rows = mirror_ ? mirror_->rows() : 0,
          .pending = pending_rows(),
          .changes = changes_,
          .complete = complete_,
          .verdicts = preparer_.verdicts(),
          .overruled = preparer_.overruled()};
}

}  // namespace freshet
