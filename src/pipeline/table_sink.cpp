#include "pipeline/table_sink.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "lake/commit_summary.h"

namespace freshet {

namespace {

// In the summary of each snapshot, so that verdicts are as durable as the rows they concern.
constexpr std::string_view kVerdictsKey = "freshet.column-verdicts";

// What a lake table says of itself before a writer opens it.
struct Standing {
  std::vector<LakeColumn> columns;
  StreamOffset committed = 0;
  TableVerdicts verdicts;
};

Standing standing_of(const std::filesystem::path& directory) {
  Standing standing;
  const auto table = IcebergTable::open(directory);
  if (!table) return standing;
  for (const IcebergField& field : table->schema().fields) standing.columns.push_back(field.column);
  standing.committed = committed_offset_of(*table);
  if (const auto json = table->summary(kVerdictsKey))
    standing.verdicts = TableVerdicts::from_json(*json);
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
      source_(schema),
      schema_version_(version_of(*schema)),
      identity_(options.key),
      transform_(schema, options.transform, options.key, existing_columns(lake, table_),
                 committed_verdicts(lake, table_)) {
  announce_verdicts();
  mirror_committed_ = standing_of(lake.table_directory(table_)).committed;
  history_committed_ =
      standing_of(lake.table_directory(table_ + std::string(HistoryWriter::kSuffix))).committed;
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

MirrorWriter& TableSink::mirror() {
  if (!mirror_) {
    mirror_.emplace(lake_, table_, transform_.schema());
  } else if (mirror_version_ != transform_.version()) {
    mirror_->evolve(transform_.schema());
  }
  mirror_version_ = transform_.version();
  mirror_->set_lenient(!complete_ && source_->has_key());
  return *mirror_;
}

HistoryWriter& TableSink::history() {
  if (!history_) {
    history_.emplace(lake_, table_, transform_.schema());
  } else if (history_version_ != transform_.version()) {
    history_->evolve(transform_.schema());
  }
  history_version_ = transform_.version();
  return *history_;
}

void TableSink::apply(const Change& change, StreamOffset offset) {
  if (change.schema != source_ && *change.schema != *source_) {
    source_ = change.schema;
    schema_version_ = version_of(*source_);
    transform_.change_schema(source_);
  }
  follow(change.op);
  if (!mirror_wants(offset) && !history_wants(offset)) return;
  ++changes_;
  unpublished_ = true;
  if (!pending_since_) pending_since_ = std::chrono::steady_clock::now();
  if (!is_row(change.op)) return apply_mark(change, offset);

  transform_.apply(change.op == Op::remove ? change.before : change.after, cells_, arena_);
  if (mirror_wants(offset)) apply_to_mirror(change);
  if (history_wants(offset)) apply_to_history(change, offset);
  arena_.clear();
  if (transform_.verdicts().version() != announced_) announce_verdicts();
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

void TableSink::announce_verdicts() {
  const std::vector<std::string> overruled = transform_.overruled();
  const auto& verdicts = transform_.verdicts().all();
  for (; announced_ < verdicts.size(); ++announced_) {
    const ColumnVerdict& verdict = verdicts[announced_];
    const std::string column = source_->name.qualified() + "." + verdict.column;
    if (std::ranges::find(overruled, verdict.column) != overruled.end())
      log_warn("{} holds {}, but a rule of the configuration overrules this verdict", column,
               verdict.type);
    else if (options_.transform.sensitive_data.mode != MaskMode::column)
      log_warn(
          "{} holds {}, but transform.sensitive_data.mode is cell: the verdict is not followed",
          column, verdict.type);
    else
      log_info("{} holds {} ({}): all of it is masked", column, verdict.type,
               verdict.name_type.empty()
                   ? fmt::format("{} of {} cells", verdict.hits, verdict.cells)
                   : "its name says so");
  }
}

void TableSink::apply_to_mirror(const Change& change) {
  if (!source_->has_key() && !begun_) return;
  MirrorWriter& writer = mirror();
  switch (change.op) {
    case Op::load: return writer.load(identity_.row_id(*source_, change.after), cells_);
    case Op::insert: return writer.insert(identity_.row_id(*source_, change.after), cells_);
    case Op::update:
      return writer.update(identity_.row_id(*source_, change.before),
                           identity_.row_id(*source_, change.after), cells_);
    case Op::remove: return writer.remove(identity_.row_id(*source_, change.before));
    default: fail(ErrorKind::internal, "{} is no row change", name_of(change.op));
  }
}

void TableSink::apply_to_history(const Change& change, StreamOffset offset) {
  history().append({.op = change.op,
                    .commit_micros = change.transaction->commit_micros,
                    .gtid = change.transaction->gtid,
                    .binlog_file = change.transaction->file,
                    .binlog_position = change.transaction->offset,
                    .row = change.ordinal,
                    .offset = offset,
                    .schema_version = schema_version_},
                   cells_);
}

void TableSink::apply_mark(const Change& change, StreamOffset offset) {
  switch (change.op) {
    case Op::truncate:
      cells_.clear();
      if (mirror_wants(offset)) mirror().truncate();
      if (history_wants(offset)) apply_to_history(change, offset);
      return;
    case Op::snapshot_begin:
      if (!mirror_wants(offset)) return;
      if (MirrorWriter& writer = mirror(); !source_->has_key()) writer.truncate();
      return;
    default: return;  // its columns are in force, and follow() has seen it
  }
}

void TableSink::publish() {
  if (!unpublished_) return;
  if (mirror_) mirror_->publish();
  if (history_) history_->publish();
  unpublished_ = false;
}

void TableSink::commit(const CommitPoint& applied) {
  transform_.decide();
  announce_verdicts();
  CommitPoint point = applied;
  if (transform_.verdicts().version() > 0)
    point.notes.emplace(kVerdictsKey, transform_.verdicts().to_json());
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

std::size_t TableSink::pending_bytes() const noexcept {
  return (mirror_ ? mirror_->pending_bytes() : 0) + (history_ ? history_->pending_bytes() : 0);
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
          .verdicts = transform_.verdicts(),
          .overruled = transform_.overruled()};
}

}  // namespace freshet
