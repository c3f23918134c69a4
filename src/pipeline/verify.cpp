#include "pipeline/verify.h"

#include <algorithm>
#include <chrono>

#include "base/json_text.h"
#include "pipeline/batch_shaper.h"
#include "pipeline/config.h"
#include "pipeline/config_text.h"
#include "pipeline/table_comparison.h"
#include "transform/table_transform.h"

namespace freshet {

namespace {

constexpr std::size_t kChunkRows = 50'000;
constexpr std::size_t kChunkBytes = std::size_t{8} << 20;
constexpr std::chrono::milliseconds kTellEvery{100};

bool names_table(std::string_view wanted, const TableName& table) {
  return matches_table(wanted, table.qualified()) || wanted == table.table;
}

std::vector<TableName> choose_tables(const std::vector<std::string>& wanted,
                                     const std::vector<TableName>& followed) {
  if (wanted.empty()) return followed;
  std::vector<TableName> chosen;
  std::vector<std::string> names;
  for (const TableName& table : followed) names.push_back(table.qualified());
  for (const std::string& name : wanted) {
    const std::size_t before = chosen.size();
    for (const TableName& table : followed)
      if (names_table(name, table)) chosen.push_back(table);
    if (chosen.size() > before) continue;
    const auto nearest =
        nearest_name(name, std::vector<std::string_view>(names.begin(), names.end()));
    fail(ErrorKind::usage, "{} is not among the tables that are followed{}", name,
         nearest ? fmt::format(" (did you mean {}?)", *nearest) : "");
  }
  std::ranges::sort(chosen);
  const auto repeated = std::ranges::unique(chosen);
  chosen.erase(repeated.begin(), repeated.end());
  return chosen;
}

// Tells how far the reading of a table is, not too often.
class Progress {
 public:
  Progress(const VerifySink& sink, std::string table, std::size_t number, std::size_t of)
      : sink_(sink), table_(std::move(table)), number_(number), of_(of) {}

  void begin(std::string_view side, std::uint64_t expected) {
    side_ = side;
    expected_ = expected;
    rows_ = 0;
    tell();
  }
  void row() {
    ++rows_;
    constexpr std::uint64_t kLookAtClock = 1024;
    if (rows_ % kLookAtClock == 0 && std::chrono::steady_clock::now() - told_at_ >= kTellEvery)
      tell();
  }
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

 private:
  void tell() {
    told_at_ = std::chrono::steady_clock::now();
    sink_(fmt::format(
        R"({{"progress":{{"table":{},"number":{},"of":{},"side":"{}","rows":{},"expected":{}}}}})",
        json_quote(table_), number_, of_, side_, rows_, expected_));
  }

  const VerifySink& sink_;
  std::string table_;
  std::size_t number_, of_;
  std::string_view side_;
  std::uint64_t rows_ = 0, expected_ = 0;
  std::chrono::steady_clock::time_point told_at_{};
};

// The comparison of one table.
class TableVerifier {
 public:
  TableVerifier(const VerifyOptions& options, MeetingPlace& place, TableName table,
                Progress& progress)
      : options_(options),
        place_(place),
        table_(std::move(table)),
        lake_table_(lake_table_of(options.sink, options.mapping.target_of(table_))),
        progress_(progress) {}

  [[nodiscard]] ComparisonResult run() {
    meet();
    const ComparisonOptions comparison{
        .secret = options_.sink.key, .key = key_names(), .ignored = ignored_};
    bool first = true;
    return compare_table(comparison, [&] {
      if (!std::exchange(first, false)) meet_again(comparison);
      return TableReading{.lake = [this](const RowSink& sink) { read_lake(sink); },
                          .source = [this](const RowSink& sink) { read_source(sink); }};
    });
  }

  [[nodiscard]] const std::string& lake_table() const noexcept { return lake_table_; }
  // Of the last reading.
  [[nodiscard]] const LogCoordinate& at() const noexcept { return at_; }
  [[nodiscard]] StreamOffset offset() const noexcept { return offset_; }
  // Lake columns that are there and were not compared.
  [[nodiscard]] const std::vector<std::string>& left_out() const noexcept { return left_out_; }

 private:
  void meet() {
    meeting_.reset();
    meeting_ = place_.meet(table_, lake_table_, options_.stop);
    at_ = meeting_->view->log();
    offset_ = meeting_->offset;
    transform_.emplace(shaper_.target_of(meeting_->view->schema()), masking(), options_.sink.key,
                       meeting_->lake->columns());
    ignore_verdicts();
  }

  void meet_again(const ComparisonOptions& comparison) {
    meet();
    if (key_names() != comparison.key || ignored_ != comparison.ignored)
      fail(ErrorKind::failed, "the key or the masking of table {} changed meanwhile: verify again",
           table_.qualified());
  }

  // Rows from before a verdict on a column are masked otherwise than later ones, so the column
  // says nothing; and verdicts that this transform itself would give are none of the lake's.
  [[nodiscard]] TransformOptions masking() const {
    TransformOptions options = options_.sink.transform;
    options.sensitive_data.mode = MaskMode::cell;
    return options;
  }

  void ignore_verdicts() {
    ignored_ = meeting_->verdicts;
    left_out_.clear();
    for (const LakeColumn& column : meeting_->lake->columns())
      if (std::ranges::find(ignored_, column.name) != ignored_.end())
        left_out_.push_back(column.name);
    for (const std::string& name : key_names())
      if (std::ranges::find(ignored_, name) != ignored_.end())
        fail(ErrorKind::failed,
             "the key column {} of table {} is masked as a whole only since some row, so rows "
             "cannot be told by it: give it a rule under transform.sensitive_data.columns, and "
             "load the table again",
             name, table_.qualified());
  }

  [[nodiscard]] std::vector<std::string> key_names() const {
    std::vector<std::string> names;
    for (const std::uint32_t i : transform_->schema().key)
      names.push_back(transform_->schema().columns[i].name);
    return names;
  }

  void read_lake(const RowSink& sink) {
    progress_.begin("lake", 0);
    const std::vector<LakeColumn>& columns = meeting_->lake->columns();
    meeting_->lake->read([&](std::span<const Value> cells) {
      sink({.columns = columns, .version = 0, .cells = cells});
      progress_.row();
    });
    meeting_->lake.reset();  // what it keeps in DuckDB is freed before the slower side is read
  }

  void read_source(const RowSink& sink) {
    progress_.begin("source", progress_.rows());
    SnapshotView& view = *meeting_->view;
    ChangeBatch batch;
    if (!view.chunkable()) {
      view.read_all({}, kChunkBytes, batch, [&](ChangeBatch& rows) { take(rows, sink); });
    } else {
      std::optional<std::string> after;
      for (bool done = false; !done;) {
        const ChunkResult chunk = view.read_chunk({.after = after}, kChunkRows, kChunkBytes, batch);
        take(batch, sink);
        batch.clear();
        after = chunk.last_key;
        done = chunk.done;
      }
    }
    meeting_->view.reset();
  }

  void take(const ChangeBatch& batch, const RowSink& sink) {
    if (options_.stop.stop_requested()) fail(ErrorKind::failed, "the comparison was cancelled");
    const ChangeBatch& shaped = options_.mapping.changes_anything() ? shaper_.shape(batch) : batch;
    if (shaped.empty()) return;
    const SchemaPtr schema = shaped.schemas().front();
    const Bytes block = shaped.encode();
    ChangeCursor cursor(block, [&](std::uint64_t) { return schema; });
    while (const auto change = cursor.next()) {
      transform_->apply(change->after, cells_, arena_);
      sink({.columns = transform_->schema().columns,
            .version = 1 + transform_->version(),
            .cells = cells_});
      arena_.clear();
      progress_.row();
    }
  }

  const VerifyOptions& options_;
  MeetingPlace& place_;
  TableName table_;
  std::string lake_table_;
  Progress& progress_;
  std::unique_ptr<TableMeeting> meeting_;
  BatchShaper shaper_{options_.mapping};
  std::optional<TableTransform> transform_;
  LogCoordinate at_;
  StreamOffset offset_ = 0;
  std::vector<std::string> ignored_;   // by the verdicts, in the lake or not
  std::vector<std::string> left_out_;  // of them those in the lake
  std::vector<Value> cells_;
  Arena arena_;
};

std::string list_json(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ",") + json_quote(name);
  return "[" + list + "]";
}

std::string difference_json(const RowDifference& difference) {
  return fmt::format(R"({{"kind":"{}","key":{},"row":"{}","times":{},"columns":{}}})",
                     name_of(difference.kind), difference.key, difference.digest, difference.times,
                     list_json(difference.columns));
}

std::string result_json(const TableName& table, const TableVerifier& verifier,
                        const ComparisonResult& result) {
  std::string differences;
  for (const RowDifference& difference : result.differences)
    differences += (differences.empty() ? "" : ",") + difference_json(difference);
  return fmt::format(
      R"({{"table":{{"table":{},"lake_table":{},"result":"{}","position":{},"offset":{},)"
      R"("source_rows":{},"lake_rows":{},"ranges_different":{},"readings":{},)"
      R"("missing":{},"extra":{},"changed":{},"complete":{},"columns_left_out":{},"differences":[{}]}}}})",
      json_quote(table.qualified()), json_quote(verifier.lake_table()),
      result.equal() ? "equal" : "different", json_quote(to_string(verifier.at())),
      verifier.offset(), result.source_rows, result.lake_rows, result.ranges_different,
      result.readings, result.missing, result.extra, result.changed, result.complete,
      list_json(verifier.left_out()), differences);
}

std::string problem_json(const TableName& table, const TableVerifier& verifier,
                         std::string_view problem) {
  return fmt::format(
      R"({{"table":{{"table":{},"lake_table":{},"result":"not compared","problem":{}}}}})",
      json_quote(table.qualified()), json_quote(verifier.lake_table()), json_quote(problem));
}

// What concerns one table only; other tables may still be compared.
bool is_of_table(ErrorKind kind) noexcept {
  return kind == ErrorKind::failed || kind == ErrorKind::conflict || kind == ErrorKind::unsupported;
}

bool verify_one(const VerifyOptions& options, MeetingPlace& place, const TableName& table,
                Progress& progress, const VerifySink& sink) {
  TableVerifier verifier(options, place, table, progress);
  try {
    const ComparisonResult result = verifier.run();
    sink(result_json(table, verifier, result));
    return result.equal();
  } catch (const Error& error) {
    if (options.stop.stop_requested() || !is_of_table(error.kind())) throw;
    sink(problem_json(table, verifier, error.what()));
    return false;
  }
}

}  // namespace

void verify_tables(const VerifyOptions& options, MeetingPlace& place, const VerifySink& sink) {
  if (!options.sink.mirror)
    fail(ErrorKind::config,
         "lake.mirror is false: there are no tables in the lake that could equal the source");
  const std::vector<TableName> tables = choose_tables(options.tables, place.tables());
  bool equal = true;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Progress progress(sink, tables[i].qualified(), i + 1, tables.size());
    equal = verify_one(options, place, tables[i], progress, sink) && equal;
  }
  sink(fmt::format(R"({{"equal":{}}})", equal));
}

}  // namespace freshet
