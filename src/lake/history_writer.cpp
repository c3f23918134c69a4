#include "lake/history_writer.h"

#include <array>
#include <set>
#include <utility>
#include <vector>

#include "base/file.h"
#include "lake/commit_summary.h"
#include "lake/hot_rows.h"
#include "lake/ids.h"
#include "lake/parquet_writer.h"
#include "lake/table_view.h"

namespace freshet {

namespace {

constexpr std::string_view kTimeColumn = "_commit_ts";
constexpr std::int64_t kDayMicros = 86'400'000'000;

LakeSchema history_schema(const LakeSchema& table) {
  LakeSchema history{.source = table.source,
                     .columns = {{.name = "_op", .type = LakeType::string},
                                 {.name = std::string(kTimeColumn), .type = LakeType::timestamptz},
                                 {.name = "_gtid", .type = LakeType::string},
                                 {.name = "_binlog_file", .type = LakeType::string},
                                 {.name = "_binlog_pos", .type = LakeType::int64},
                                 {.name = "_row", .type = LakeType::int64},
                                 {.name = "_offset", .type = LakeType::int64},
                                 {.name = "_schema_version", .type = LakeType::int64}}};
  for (LakeColumn column : table.columns) {
    column.required = false;
    history.columns.push_back(std::move(column));
  }
  return history;
}

constexpr std::size_t kEntryCells = 8;

Value text_or_null(std::string_view text) {
  return text.empty() ? Value::null() : Value::of(ValueKind::text, text);
}

std::array<Value, kEntryCells> cells_of(const HistoryEntry& entry) {
  const auto number = [](std::uint64_t n) { return Value::of_int(static_cast<std::int64_t>(n)); };
  return {Value::of(ValueKind::text, name_of(entry.op)),
          Value::of_int(entry.commit_micros),
          text_or_null(entry.gtid),
          text_or_null(entry.binlog_file),
          number(entry.binlog_position),
          number(entry.row),
          number(entry.offset),
          number(entry.schema_version)};
}

std::int32_t day_of(std::int64_t micros) {
  const std::int64_t day = micros / kDayMicros - (micros % kDayMicros < 0 ? 1 : 0);
  return static_cast<std::int32_t>(day);
}

}  // namespace

struct HistoryWriter::State {
  State(Lake& lake, const std::string& table, const LakeSchema& schema);

  void append(const HistoryEntry& entry, std::span<const Value> cells);
  void evolve(const LakeSchema& schema);
  void publish();
  void stage();
  void commit(const CommitPoint& point);
  [[nodiscard]] std::vector<DataFile> write_files();
  [[nodiscard]] DataFile write_day(std::int32_t day);
  void forget_hot();
  void show();
  void step_done(std::string_view step) const {
    if (hook) hook(step);
  }

  Lake& lake;
  std::string name;
  TableClaim claim;
  DuckConnection views;       // of queries
  DuckConnection connection;  // a writer's
  IcebergTable table;
  HotRows hot;
  std::vector<LiveFile> files;
  std::vector<DataFile> staged;  // of them, what is not committed
  std::size_t staged_rows = 0;
  bool unseen = false;          // the view lacks rows or columns
  std::vector<Value> nulls;     // one for each column of the source table
  std::set<std::int32_t> days;  // of hot rows
  std::int32_t last_day = INT32_MIN;
  std::function<void(std::string_view)> hook;
};

HistoryWriter::State::State(Lake& lake_in, const std::string& source, const LakeSchema& schema)
    : lake(lake_in),
      name(source + std::string(kSuffix)),
      claim(lake.claim(name)),
      views(lake.connect()),
      connection(lake.connect_writer()),
      table(IcebergTable::open_or_create(lake.table_directory(name), history_schema(schema),
                                         kTimeColumn)),
      hot(name, table.schema()),
      nulls(schema.columns.size(), Value::null()) {
  if (const auto next = table.evolve(history_schema(schema))) {
    table.commit({.schema = next});
    hot.change_columns(table.schema(), connection, lake.versions());
  }
  files = live_files(connection, table);
  show();
}

void HistoryWriter::State::forget_hot() {
  hot.clear();
  days.clear();
  last_day = INT32_MIN;
}

void HistoryWriter::State::show() {
  lake.show(views, name, table.schema(), files, hot.snapshot());
  unseen = false;
}

void HistoryWriter::State::append(const HistoryEntry& entry, std::span<const Value> cells) {
  const auto head = cells_of(entry);
  hot.append(head, cells.empty() ? std::span<const Value>(nulls) : cells);
  unseen = true;
  if (const std::int32_t day = day_of(entry.commit_micros); day != last_day) {
    days.insert(day);
    last_day = day;
  }
}

void HistoryWriter::State::evolve(const LakeSchema& schema) {
  nulls.assign(schema.columns.size(), Value::null());
  const auto next = table.evolve(history_schema(schema));
  if (!next) return;
  table.commit({.schema = next});
  hot.change_columns(table.schema(), connection, lake.versions());
  unseen = true;
}

void HistoryWriter::State::publish() {
  if (unseen) show();
}

DataFile HistoryWriter::State::write_day(std::int32_t day) {
  const IcebergSchema& schema = table.schema();
  std::string columns;
  for (const IcebergField& field : schema.fields)
    columns += (columns.empty() ? "" : ",") + column_of(field.id);
  const ScopedVersion version(lake.versions(),
                              {.dead = {}, .hot = hot.snapshot(), .hot_dead = nullptr});
  std::string select = fmt::format("SELECT {} FROM freshet_hot({})", columns, version.number());
  if (days.size() > 1)
    select += fmt::format(" WHERE epoch_us({}) >= {} AND epoch_us({}) < {}",
                          column_of(schema.find(kTimeColumn)->id), day * kDayMicros,
                          column_of(schema.find(kTimeColumn)->id), (day + 1) * kDayMicros);
  DataFile file = write_parquet(connection, select, schema, table.new_data_path(),
                                row_group_rows(hot.rows(), hot.bytes()));
  file.partition_day = day;
  return file;
}

std::vector<DataFile> HistoryWriter::State::write_files() {
  std::vector<DataFile> added;
  for (const std::int32_t day : days) added.push_back(write_day(day));
  for (const DataFile& file : added)
    sync_directory(IcebergTable::local_of(file.path).parent_path());
  return added;
}

void HistoryWriter::State::stage() {
  if (hot.rows() == 0) return;
  for (DataFile& file : write_files()) {
    files.push_back({file.path, file.records, {}});
    staged.push_back(std::move(file));
  }
  staged_rows += hot.rows();
  forget_hot();
  unseen = true;
}

void HistoryWriter::State::commit(const CommitPoint& point) {
  if (hot.rows() == 0 && staged.empty()) return publish();
  const std::vector<DataFile> added = write_files();
  step_done("files written");
  TableCommit change{.added = std::exchange(staged, {})};
  change.added.insert(change.added.end(), added.begin(), added.end());
  const std::string commit_id = new_uuid();
  change.summary = commit_summary(point, commit_id);
  commit_table(table, change, commit_id);
  step_done("published");
  for (const DataFile& file : added) files.push_back({file.path, file.records, {}});
  staged_rows = 0;
  forget_hot();
  show();
}

HistoryWriter::HistoryWriter(Lake& lake, const std::string& table, const LakeSchema& schema)
    : state_(std::make_unique<State>(lake, table, schema)) {}
HistoryWriter::~HistoryWriter() = default;
HistoryWriter::HistoryWriter(HistoryWriter&&) noexcept = default;

void HistoryWriter::append(const HistoryEntry& entry, std::span<const Value> cells) {
  state_->append(entry, cells);
}
void HistoryWriter::evolve(const LakeSchema& schema) { state_->evolve(schema); }
void HistoryWriter::publish() { state_->publish(); }
void HistoryWriter::stage() { state_->stage(); }
void HistoryWriter::commit(const CommitPoint& point) { state_->commit(point); }

std::uint64_t HistoryWriter::committed_offset() const { return committed_offset_of(state_->table); }
std::size_t HistoryWriter::pending_rows() const noexcept {
  return state_->staged_rows + state_->hot.rows();
}
std::size_t HistoryWriter::held_rows() const noexcept { return state_->hot.rows(); }
std::size_t HistoryWriter::held_bytes() const noexcept { return state_->hot.bytes(); }

std::int64_t HistoryWriter::rows() const {
  auto rows = static_cast<std::int64_t>(state_->hot.rows());
  for (const LiveFile& file : state_->files) rows += file.records;
  return rows;
}

void HistoryWriter::set_commit_hook(std::function<void(std::string_view)> hook) {
  state_->hook = std::move(hook);
}

}  // namespace freshet
