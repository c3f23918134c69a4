// The whole path on a private MariaDB, part by part, as ratios within one run:
//   dump      the binlog as events, read and thrown away: the limit of what follows
//   decode    the same log as typed changes in a reused batch, thrown away
//   capture   the same log into the embedded stream, durable
//   load      a table by snapshot, against a plain SELECT * of one client
//   ingest    changes from the stream into the lake: masked, committed
//   delay     single-row commits on an idle pipeline: until readable in the stream, and in SQL
//
// Every part of a repeat runs before the next repeat begins, so that parts see the same weather.

#include <mysql.h>
#include <sys/resource.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/temporary_directory.h"
#include "bench_report.h"
#include "bench_server.h"
#include "lake/lake.h"
#include "pipeline/capture.h"
#include "pipeline/ingest.h"
#include "query/query_engine.h"
#include "source/binlog_source.h"
#include "source/event_reader.h"
#include "source/log_dump.h"
#include "source/schema_reader.h"
#include "source/snapshot_view.h"
#include "stream/embedded_stream.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr std::uint32_t kWindow = 50'000;
constexpr std::uint32_t kDelayTableRows = 10'000;
constexpr auto kPatience = 120s;
const std::string kKey(32, 'k');  // the installation's

struct Options {
  std::uint32_t rows = 1'000'000;
  std::uint32_t ingest_rows = 250'000;
  int commits = 200;
  int repeat = 3;
  std::set<std::string> only;
  std::set<std::string> logs;
  fs::path mysqld = FRESHET_SOURCE_DIR "/.deps/mysql-root/mysqld";
  bool json = false;

  [[nodiscard]] bool wants(const std::string& part) const {
    return only.empty() || only.contains(part);
  }
  [[nodiscard]] bool wants_logs() const { return wants("decode") || wants("capture"); }
  [[nodiscard]] bool wants_log(const std::string& kind) const {
    return logs.empty() || logs.contains(kind);
  }
};

// Asks every half a millisecond.
void wait_until(std::string_view what, const std::function<bool()>& done) {
  const Stopwatch watch;
  while (!done()) {
    if (watch.elapsed() > kPatience) fail(ErrorKind::failed, "waited too long for {}", what);
    std::this_thread::sleep_for(500us);
  }
}

// ---- time ----

// Seconds of processor time, of all threads of this process.
double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Spent {
  std::vector<double> wall, processor;  // seconds

  void add(const Stopwatch& watch, double processor_before) {
    wall.push_back(watch.seconds());
    processor.push_back(processor_seconds() - processor_before);
  }
};

// ---- reading the log ----

void dump(const BenchServer& server, const LogStretch& stretch, Spent& spent) {
  const double processor_before = processor_seconds();
  const Stopwatch watch;
  const auto reader = open_dump(server.account(), server.facts(), server.position(stretch.from));
  while (reader->at() < stretch.to)
    if (!reader->next(10s)) fail(ErrorKind::failed, "the dump ended early");
  spent.add(watch, processor_before);
}

BinlogSource source_of(const BenchServer& server, const LogStretch& stretch, SchemaTracker& schemas,
                       const TemporaryDirectory& spool) {
  return {server.account(),
          server.facts(),
          server.position(stretch.from),
          [&stretch](const TableName& table) { return table == stretch.table; },
          schemas,
          {.directory = spool.path()}};
}

void decode(const BenchServer& server, const LogStretch& stretch, Spent& spent) {
  const TemporaryDirectory spool("bench");
  const double processor_before = processor_seconds();
  const Stopwatch watch;
  SchemaTracker schemas;
  BinlogSource source = source_of(server, stretch, schemas, spool);
  ChangeBatch batch;
  std::uint64_t rows = 0;
  for (bool reached = false; !reached; batch.clear()) {
    const ReadResult read = source.read(batch, kBatchBytes, 1s, stretch.to, {});
    rows += read.rows_emitted;
    reached = read.reached;
  }
  if (rows != stretch.rows) fail(ErrorKind::failed, "{} rows read, not {}", rows, stretch.rows);
  spent.add(watch, processor_before);
}

TableMapping only(const std::string& table) {
  TableMapping mapping;
  mapping.selection.push_back(
      {.origin = "bench", .tables = TablePattern::glob(table), .filter = {}});
  return mapping;
}

// A capture that runs, once started, in a thread of its own until it goes.
class RunningCapture {
 public:
  RunningCapture(const SourceOptions& source, const std::string& table, EmbeddedStream& stream,
                 const fs::path& spool)
      : capture_({.source = source,
                  .mapping = only(table),
                  .load = {},
                  .spool_directory = spool,
                  .key = kKey},
                 stream.writer(), ledger_) {}

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { capture_.run(stop); });
  }
  void stop() { thread_.request_stop(); }

  [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }
  [[nodiscard]] CaptureStatus status() const { return capture_.status(); }

 private:
  Ledger ledger_;
  Capture capture_;
  std::jthread thread_;
};

SchemaPtr schema_of(BenchServer& server, const TableName& table) {
  const auto definition = read_table_definition(server.sql(), server.facts(), table);
  return std::make_shared<const TableSchema>(definition.value().schema);
}

// The state of a capture that has loaded the table and stands at the stretch's start.
Bytes state_at(BenchServer& server, const LogStretch& stretch) {
  CaptureState state;
  state.position = server.position(stretch.from);
  TableProgress& table = state.tables[stretch.table];
  table.phase = SnapshotPhase::done;
  table.schema = schema_of(server, stretch.table);
  table.joined = true;
  return state.encode();
}

void capture(BenchServer& server, const LogStretch& stretch, Spent& spent) {
  const TemporaryDirectory folder("bench");
  const auto stream = EmbeddedStream::open(folder.path() / "stream");
  stream->writer().append(ChangeBatch(), state_at(server, stretch));
  stream->writer().flush();
  // Of this log it has no schemas yet: it learns them, and reads all statements up to the log's
  // end, as a first start would where there is next to nothing to read.
  RunningCapture capture(server.account(), stretch.table.qualified(), *stream,
                         folder.path() / "spool");
  const double processor_before = processor_seconds();
  const Stopwatch watch;
  capture.start();
  // The log goes on behind the stretch, and so would the capture.
  wait_until("the stretch", [&] { return capture.ledger().counts().emitted >= stretch.rows; });
  capture.stop();
  wait_until("the capture", [&] { return stream->last_offset() >= stretch.rows; });
  spent.add(watch, processor_before);
}

// A stretch of the log, and what reading it takes.
struct LogRun {
  std::string kind;
  LogStretch stretch;
  std::string capture_mark;
  Spent dump, decode, capture;
};

void measure_log(BenchServer& server, const Options& options, LogRun& run) {
  dump(server, run.stretch, run.dump);
  if (options.wants("decode")) decode(server, run.stretch, run.decode);
  if (options.wants("capture")) capture(server, run.stretch, run.capture);
}

void report_log(Report& report, const LogRun& run) {
  const auto rows = static_cast<double>(run.stretch.rows);
  const double limit = rows / median(run.dump.wall);
  const auto add = [&](const char* part, const Spent& spent, const std::string& mark) {
    if (spent.wall.empty()) return;
    const double rate = rows / median(spent.wall);
    const bool baseline = &spent == &run.dump;
    report.add({fmt::format("{}, {}", part, run.kind), rate, "rows/s",
                baseline ? "" : "dump of the same log", rate / limit, mark});
    report.add({"  processor time of a row", median(spent.processor) * 1e9 / rows, "ns",
                baseline ? "" : "dump of the same log",
                median(run.dump.processor) / median(spent.processor), ""});
  };
  add("dump", run.dump, "");
  add("decode", run.decode, "ratio >= 0.5");
  add("capture, durable", run.capture, run.capture_mark);
}

// ---- full load ----

double select_seconds(const BenchServer& server) {
  Connection client = Connection::open(server.account());
  const Stopwatch watch;
  const std::string_view sql = "SELECT * FROM bench.users";
  if (::mysql_real_query(client.handle(), sql.data(), sql.size()) != 0)
    fail(ErrorKind::failed, "SELECT: {}", ::mysql_error(client.handle()));
  MYSQL_RES* result = ::mysql_use_result(client.handle());
  while (::mysql_fetch_row(result) != nullptr) continue;
  ::mysql_free_result(result);
  return watch.seconds();
}

double snapshot_seconds(const BenchServer& server) {
  SnapshotReader reader(server.account(), server.facts());
  SnapshotView view = reader.open(BenchServer::kUsers);
  const LoadLimits limits;
  ChangeBatch batch;
  std::optional<std::string> key;
  const Stopwatch watch;
  for (bool done = false; !done; batch.clear()) {
    ChunkResult chunk =
        view.read_chunk({.after = key}, limits.chunk_rows, limits.chunk_bytes, batch);
    done = chunk.done;
    if (chunk.last_key) key = std::move(chunk.last_key);
  }
  return watch.seconds();
}

double load_seconds(const BenchServer& server, std::uint64_t rows, const fs::path& folder) {
  const auto stream = EmbeddedStream::open(folder / "stream");
  const Stopwatch watch;
  RunningCapture capture(server.account(), BenchServer::kUsers.qualified(), *stream,
                         folder / "spool");
  capture.start();
  wait_until("the full load", [&] { return capture.ledger().counts().loaded == rows; });
  return watch.seconds();
}

void measure_load(const BenchServer& server, const Options& options, Report& report) {
  std::vector<double> plain, snapshot, load;
  for (int i = 0; i < options.repeat; ++i) {
    plain.push_back(select_seconds(server));
    snapshot.push_back(snapshot_seconds(server));
    const TemporaryDirectory folder("bench");
    load.push_back(load_seconds(server, options.rows, folder.path()));
  }
  const double limit = options.rows / median(plain);
  report.add({"plain SELECT *, one client", limit, "rows/s", "", 0, ""});
  const auto add = [&](const char* name, const std::vector<double>& seconds, const char* mark) {
    const double rate = options.rows / median(seconds);
    report.add({name, rate, "rows/s", "plain SELECT *", rate / limit, mark});
  };
  add("load, typed rows", snapshot, "ratio >= 0.8");
  add("load, durable in the stream", load, "");
}

// ---- ingest ----

// A stream of its own: a snapshot of no rows, then inserts, then updates of the same rows.
class IngestInput {
 public:
  IngestInput(BenchServer& server, const LogStretch& inserts, const LogStretch& updates,
              std::uint64_t rows, const fs::path& folder)
      : stream_(EmbeddedStream::open(folder)) {
    put_empty_snapshot(server);
    inserted_ = copy(server, inserts, rows);
    updated_ = copy(server, updates, rows);
  }

  [[nodiscard]] EmbeddedStream& stream() const noexcept { return *stream_; }
  [[nodiscard]] StreamOffset inserted() const noexcept { return inserted_; }
  [[nodiscard]] StreamOffset updated() const noexcept { return updated_; }

 private:
  void put_empty_snapshot(BenchServer& server) {
    const SchemaPtr schema = schema_of(server, BenchServer::kUsers);
    ChangeBatch batch;
    batch.begin_transaction({.commit_micros = now_micros()});
    batch.add_mark(Op::snapshot_begin, schema);
    batch.add_mark(Op::snapshot_end, schema);
    batch.end_transaction();
    stream_->writer().append(batch, "");
  }

  // Copies transactions up to `rows` rows exactly, for updates behind would meet no row. A batch
  // ends anywhere, so the last ones are taken event by event, into blocks of the ordinary size.
  StreamOffset copy(const BenchServer& server, const LogStretch& stretch, std::uint64_t rows) {
    const TemporaryDirectory spool("bench");
    SchemaTracker schemas;
    BinlogSource source = source_of(server, stretch, schemas, spool);
    ChangeBatch batch;
    std::uint64_t copied = 0;
    while (copied < rows || batch.in_transaction()) {
      const std::size_t bytes = copied + kWindow / 2 < rows ? kBatchBytes : 1;
      copied += source.read(batch, bytes, 1s, stretch.to, {}).rows_emitted;
      if (batch.bytes() >= kBatchBytes) put(batch);
    }
    put(batch);
    stream_->writer().flush();
    return stream_->last_offset();
  }

  void put(ChangeBatch& batch) {
    stream_->writer().append(batch, "");
    batch.clear();
  }

  std::unique_ptr<EmbeddedStream> stream_;
  StreamOffset inserted_ = 0;
  StreamOffset updated_ = 0;
};

IngestOptions ingest_options(const fs::path& folder, bool mirror, bool history) {
  IngestOptions options;
  options.sink.key = kKey;
  options.sink.mirror = mirror;
  options.sink.history = history;
  options.checkpoint_file = folder / "ingest.checkpoint";
  return options;
}

// Applies and commits everything up to `end`.
void ingest_up_to(const IngestInput& input, Lake& lake, const IngestOptions& options,
                  StreamOffset end, Spent& spent) {
  const auto reader = input.stream().reader();
  Ledger ledger;
  std::stop_source stopped;
  stopped.request_stop();
  const double processor_before = processor_seconds();
  const Stopwatch watch;
  Ingest ingest(options, *reader, lake, ledger);
  ingest.drain_to(end);
  ingest.run(stopped.get_token());
  spent.add(watch, processor_before);
}

struct IngestTimes {
  Spent inserts, updates;
};

void measure_ingest_once(const IngestInput& input, bool mirror, bool history, IngestTimes& times,
                         bool masking = true) {
  const TemporaryDirectory folder("bench");
  const auto lake =
      Lake::open({.warehouse = folder.path() / "lake", .state = folder.path() / "state"});
  IngestOptions options = ingest_options(folder.path(), mirror, history);
  if (!masking) options.sink.transform.sensitive_data.detect.clear();
  ingest_up_to(input, *lake, options, input.inserted(), times.inserts);
  ingest_up_to(input, *lake, options, input.updated(), times.updates);
}

// Rows/s of the dump.
double limit_of(const BenchServer& server, const LogStretch& stretch, const Options& options) {
  Spent spent;
  for (int i = 0; i < options.repeat; ++i) dump(server, stretch, spent);
  return static_cast<double>(stretch.rows) / median(spent.wall);
}

void measure_ingest(BenchServer& server, const LogStretch& inserts, const LogStretch& updates,
                    const Options& options, Report& report) {
  const TemporaryDirectory folder("bench");
  const double insert_limit = limit_of(server, inserts, options);
  const double update_limit = limit_of(server, updates, options);
  const IngestInput input(server, inserts, updates, options.ingest_rows, folder.path() / "stream");
  IngestTimes history, mirror, both, unmasked;
  for (int i = 0; i < options.repeat; ++i) {
    measure_ingest_once(input, false, true, unmasked, false);
    measure_ingest_once(input, false, true, history);
    measure_ingest_once(input, true, false, mirror);
    measure_ingest_once(input, true, true, both);
  }
  const auto add = [&](const std::string& name, const Spent& spent, double limit,
                       const char* mark) {
    const double rate = options.ingest_rows / median(spent.wall);
    report.add({name, rate, "rows/s", "dump of such a log", rate / limit, mark});
    report.add({"  processor time of a row", median(spent.processor) * 1e6 / options.ingest_rows,
                "us", "", 0, ""});
  };
  add("ingest, history, inserts", history.inserts, insert_limit, ">= 500 000 rows/s");
  add("ingest, history, updates", history.updates, update_limit, ">= 500 000 rows/s");
  add("ingest, history, inserts, without masking", unmasked.inserts, insert_limit, "");
  add("ingest, history, updates, without masking", unmasked.updates, update_limit, "");
  const auto compare = [&](const char* name, const Spent& masked, const Spent& plain) {
    report.add({name, options.ingest_rows / median(masked.wall), "rows/s", "without masking",
                median(plain.wall) / median(masked.wall), "ratio >= 0.7"});
    report.add({"  processor time of a row", median(masked.processor) * 1e6 / options.ingest_rows,
                "us", "without masking", median(plain.processor) / median(masked.processor), ""});
  };
  compare("ingest with masking, inserts", history.inserts, unmasked.inserts);
  compare("ingest with masking, updates", history.updates, unmasked.updates);
  add("ingest, mirror, inserts", mirror.inserts, insert_limit, ">= 250 000 changes/s");
  add("ingest, mirror, updates", mirror.updates, update_limit, ">= 250 000 changes/s");
  add("ingest, both tables, inserts", both.inserts, insert_limit, "");
  add("ingest, both tables, updates", both.updates, update_limit, "");
}

// ---- delays ----

// Stream, lake, capture and ingest as `freshet run` puts them together.
class IdlePipeline {
 public:
  IdlePipeline(const SourceOptions& source, const fs::path& folder)
      : stream_(EmbeddedStream::open(folder / "stream")),
        lake_(Lake::open({.warehouse = folder / "lake", .state = folder / "state"})),
        reader_(stream_->reader()),
        ingest_(ingest_options(folder, true, true), *reader_, *lake_, ledger_),
        ingest_thread_([this](const std::stop_token& stop) { ingest_.run(stop); }),
        capture_(source, "bench.delay", *stream_, folder / "spool") {
    capture_.start();
    wait_until("the load", [&] { return shows("count(*)", "true", kDelayTableRows); });
  }

  [[nodiscard]] EmbeddedStream& stream() noexcept { return *stream_; }

  [[nodiscard]] bool shows(const std::string& what, const std::string& where, std::int64_t value) {
    std::string result;
    try {
      QueryEngine(*lake_).run(fmt::format("SELECT {} FROM delay WHERE {}", what, where),
                              {.format = ResultFormat::csv, .row_limit = {}, .stop = {}},
                              [&](std::string_view piece) { result += piece; });
    } catch (const Error&) {
      return false;  // there is no such table yet
    }
    return result.ends_with(fmt::format("\"{}\"\n", value));
  }

 private:
  Ledger ledger_;
  std::unique_ptr<EmbeddedStream> stream_;
  std::unique_ptr<Lake> lake_;
  std::unique_ptr<StreamReader> reader_;
  Ingest ingest_;
  std::jthread ingest_thread_;
  RunningCapture capture_;
};

struct Delays {
  std::vector<double> commit;  // the server's own round trip
  std::vector<double> stream, sql;
};

double milliseconds(const Stopwatch& watch) { return watch.seconds() * 1000; }

// All delays count from the moment the statement is sent, so they hold the server's own time too.
Delays measure_delays(BenchServer& server, IdlePipeline& pipeline, const Options& options) {
  Delays delays;
  const auto reader = pipeline.stream().reader();
  StreamOffset offset = pipeline.stream().last_offset();
  reader->seek(offset);
  for (int n = 1; n <= options.commits; ++n) {
    const Stopwatch watch;
    double in_stream = 0;
    std::jthread waiting([&] {
      if (reader->next(10s, {})) in_stream = milliseconds(watch);
    });
    const int user = 1 + n * 37 % static_cast<int>(kDelayTableRows);
    const int value = 1000 + n;
    server.sql().execute(
        fmt::format("UPDATE delay SET numberofdocuments = {} WHERE userid = {}", value, user));
    delays.commit.push_back(milliseconds(watch));
    wait_until("a change in SQL", [&] {
      return pipeline.shows("numberofdocuments", fmt::format("userid = {}", user), value);
    });
    delays.sql.push_back(milliseconds(watch));
    waiting.join();
    delays.stream.push_back(in_stream);
    std::this_thread::sleep_for(std::chrono::milliseconds(n * 13 % 40));
  }
  return delays;
}

void measure_delay(BenchServer& server, const Options& options, Report& report) {
  const TemporaryDirectory folder("bench");
  IdlePipeline pipeline(server.account(), folder.path());
  const Delays delays = measure_delays(server, pipeline, options);
  for (const auto& [share, name] : {std::pair(0.5, "p50"), std::pair(0.99, "p99")}) {
    const double commit = percentile(delays.commit, share);
    const auto add = [&](const char* what, const std::vector<double>& times, const char* mark) {
      const double time = percentile(times, share);
      report.add({fmt::format("delay, {}, {}", what, name), time, "ms",
                  fmt::format("the commit alone, {}", name), time / commit,
                  share > 0.9 ? mark : ""});
    };
    report.add({fmt::format("delay, the commit alone, {}", name), commit, "ms", "", 0, ""});
    add("commit -> readable in the stream", delays.stream, "<= 5 ms");
    add("commit -> visible in SQL", delays.sql, "<= 250 ms");
  }
}

// ---- the run ----

double resident_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void measure_logs(BenchServer& server, const Options& options, std::vector<LogRun>& runs,
                  Report& report) {
  std::erase_if(runs, [&](const LogRun& run) { return !options.wants_log(run.kind); });
  for (int i = 0; i < options.repeat; ++i)
    for (LogRun& run : runs) measure_log(server, options, run);
  for (const LogRun& run : runs) report_log(report, run);
}

void measure_mariadb(BenchServer& server, const Options& options, Report& report) {
  const LogStretch inserts = server.insert_all();
  const LogStretch updates = server.update_all();
  std::vector<LogRun> runs;
  runs.push_back(
      {.kind = "bulk inserts", .stretch = inserts, .capture_mark = ">= 2 000 000 rows/s"});
  runs.push_back({.kind = "bulk updates", .stretch = updates});
  runs.push_back({.kind = "single-row transactions",
                  .stretch = server.update_one_by_one(options.rows / 5),
                  .capture_mark = ">= 500 000 /s"});
  if (options.wants_logs()) {
    runs.push_back({.kind = "compressed events", .stretch = server.insert_compressed()});
    runs.push_back({.kind = "100 columns", .stretch = server.insert_wide(options.rows / 20)});
    runs.push_back({.kind = "JSON", .stretch = server.insert_documents(options.rows / 10)});
  }
  measure_logs(server, options, runs, report);
  if (options.wants("load")) measure_load(server, options, report);
  if (options.wants("ingest")) measure_ingest(server, inserts, updates, options, report);
}

void measure_mysql(const Options& options, Report& report) {
  const TemporaryDirectory folder("bench");
  BenchServer server(folder.path(), options.rows, kWindow, options.mysqld);
  std::vector<LogRun> runs;
  runs.push_back({.kind = "bulk inserts of MySQL", .stretch = server.insert_all()});
  runs.push_back(
      {.kind = "compressed transactions of MySQL", .stretch = server.insert_compressed()});
  measure_logs(server, options, runs, report);
}

void run(const Options& options) {
  const Stopwatch watch;
  Report report;
  {
    const TemporaryDirectory folder("bench");
    BenchServer server(folder.path(), options.rows, kWindow);
    if (options.only != std::set<std::string>{"delay"}) measure_mariadb(server, options, report);
    if (options.wants("delay")) {
      server.make_delay_table(kDelayTableRows);
      measure_delay(server, options, report);
    }
  }
  if (options.wants_logs()) {
    if (fs::exists(options.mysqld))
      measure_mysql(options, report);
    else
      fmt::print(stderr, "MySQL is left out: there is no {}; scripts/mysql-root fetches one\n",
                 options.mysqld.string());
  }
  report.add({"memory of this process, most", resident_megabytes(), "MB", "", 0, "<= 512 MB"});
  if (options.json) {
    fmt::print("{}", report.json());
    return;
  }
  fmt::print("{}\n{} rows, medians of {}; {:.0f} s in all, with the server on the same {} cores\n",
             report.table(), options.rows, options.repeat, watch.seconds(),
             std::thread::hardware_concurrency());
}

int start(int argc, char** argv) {
  Options options;
  CLI::App app("The pipeline on a private MariaDB: rates and delays as ratios of one run");
  app.add_option("--rows", options.rows, "Rows inserted, and updated; a multiple of 50000")
      ->check(CLI::Range(50'000, 3'000'000));
  app.add_option("--ingest-rows", options.ingest_rows, "Of these, rows taken into the lake");
  app.add_option("--commits", options.commits, "Commits whose delays are measured");
  app.add_option("--repeat", options.repeat, "Runs of each part; the median counts")
      ->check(CLI::Range(1, 100));
  app.add_option("--only", options.only, "Parts: decode, capture, load, ingest, delay")
      ->delimiter(',')
      ->check(CLI::IsMember({"decode", "capture", "load", "ingest", "delay"}));
  app.add_option("--mysqld", options.mysqld, "The MySQL server, beside Debian's MariaDB");
  app.add_option("--log", options.logs,
                 "Kinds of log for decode and capture, as the report has them")
      ->delimiter(',');
  app.add_flag("--json", options.json, "A JSON array instead of the table");
  CLI11_PARSE(app, argc, argv);
  options.rows = options.rows / kWindow * kWindow;
  options.ingest_rows = std::clamp(options.ingest_rows / kWindow * kWindow, kWindow, options.rows);
  set_log_level(LogLevel::warn);
  run(options);
  return 0;
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  try {
    return freshet::start(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "pipeline_bench: {}\n", error.what());
    return 1;
  }
}
