#include "pipeline/table_meeting.h"

#include <unistd.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <mutex>
#include <span>
#include <utility>

#include "base/file.h"
#include "pipeline/ingest_checkpoint.h"
#include "pipeline/stores.h"
#include "stream/embedded_stream.h"

namespace freshet {

// A meeting that is being brought about. It lives in the queues of the threads that work on it:
// if they drop it, the promise breaks and the requester knows.
struct Appointment {
  Appointment(const SourceOptions& source, const ServerFacts& facts)
      : meeting(std::make_unique<TableMeeting>(source, facts)) {}

  std::unique_ptr<TableMeeting> meeting;
  std::promise<std::unique_ptr<TableMeeting>> promise;

  // Runs a step; its failure is the answer.
  template <typename Step>
  void attempt(Step step) noexcept {
    try {
      step();
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }

  [[nodiscard]] std::optional<LogCoordinate> open_view(const TableName& table) noexcept {
    std::optional<LogCoordinate> at;
    attempt([&] {
      meeting->view.emplace(meeting->reader.open(table));
      at = meeting->view->log();
    });
    return at;
  }

  void keep() { promise.set_value(std::move(meeting)); }
};

namespace {

constexpr std::chrono::milliseconds kLookForStop{50};

ServerFacts facts_of(const SourceOptions& source) {
  Connection connection = Connection::open(source);
  return read_server_facts(connection);
}

void demand_loaded(const TableName& table, const std::map<TableName, TableProgress>& tables) {
  const auto found = tables.find(table);
  if (found == tables.end())
    fail(ErrorKind::failed, "table {} is not followed any more", table.qualified());
  if (found->second.phase != SnapshotPhase::done)
    fail(ErrorKind::failed,
         "table {} is still being loaded: verify it when `freshet status` calls it done",
         table.qualified());
}

using FutureMeeting = std::future<std::unique_ptr<TableMeeting>>;

std::unique_ptr<TableMeeting> wait_for(FutureMeeting meeting, const std::stop_token& stop) {
  while (meeting.wait_for(kLookForStop) != std::future_status::ready)
    if (stop.stop_requested()) fail(ErrorKind::failed, "the comparison was cancelled");
  try {
    return meeting.get();
  } catch (const std::future_error&) {
    fail(ErrorKind::unavailable,
         "the pipeline lost its connection to the source meanwhile: verify again");
  }
}

std::vector<TableName> names_of(const std::map<TableName, TableProgress>& tables) {
  std::vector<TableName> names;
  for (const auto& [name, progress] : tables) names.push_back(name);
  return names;
}

// A verdict on a JSON place holds for the columns of all its types.
std::vector<std::string> columns_of(const TableVerdicts& verdicts) {
  std::vector<std::string> columns;
  for (const ColumnVerdict& verdict : verdicts.all())
    for (const std::string_view suffix : {"", "_boolean", "_long", "_double", "_string"})
      columns.push_back(verdict.column + std::string(suffix));
  return columns;
}

}  // namespace

// ---- beside a running pipeline ----

RunningMeetingPlace::RunningMeetingPlace(const SourceOptions& source,
                                         std::function<std::shared_ptr<Capture>()> capture,
                                         Ingest& ingest, Lake& lake)
    : source_(source),
      facts_(facts_of(source)),
      capture_(std::move(capture)),
      ingest_(ingest),
      lake_(lake) {}

std::vector<TableName> RunningMeetingPlace::tables() {
  const auto capture = capture_();
  if (!capture) fail(ErrorKind::unavailable, "the pipeline is not connected to the source");
  return names_of(capture->status().tables);
}

std::unique_ptr<TableMeeting> RunningMeetingPlace::meet(const TableName& table,
                                                        const std::string& lake_table,
                                                        std::stop_token stop) {
  FutureMeeting meeting;
  {
    const auto capture = capture_();
    if (!capture) fail(ErrorKind::unavailable, "the pipeline is not connected to the source");
    auto appointment = std::make_shared<Appointment>(source_, facts_);
    meeting = appointment->promise.get_future();
    capture->find_place(request(std::move(appointment), table, lake_table, stop));
  }
  return wait_for(std::move(meeting), stop);
}

PlaceRequest RunningMeetingPlace::request(std::shared_ptr<Appointment> appointment,
                                          const TableName& table, const std::string& lake_table,
                                          const std::stop_token& stop) {
  const auto look = [appointment, lake_table, stop, &lake = lake_, &ingest = ingest_] {
    appointment->attempt([&] {
      appointment->meeting->lake = std::make_unique<TableScan>(lake, lake_table, stop);
      TableVerdicts verdicts = committed_verdicts(lake, lake_table);
      for (const SinkStatus& sink : ingest.status().tables)
        if (sink.table == lake_table) verdicts.add(sink.verdicts);
      appointment->meeting->verdicts = columns_of(verdicts);
      appointment->keep();
    });
  };
  return {.name = [appointment, table] { return appointment->open_view(table); },
          .reached =
              [appointment, table, look, &ingest = ingest_](
                  StreamOffset last, const std::map<TableName, TableProgress>& tables) {
                appointment->attempt([&] {
                  demand_loaded(table, tables);
                  appointment->meeting->offset = last;
                  ingest.look_at(last, look);
                });
              }};
}

// ---- with no pipeline running ----

namespace {

// Takes what a capture reads and keeps nothing of it but how much there was for each table.
class ChangeCounter final : public StreamWriter {
 public:
  ChangeCounter(std::string state, std::vector<StatePart> parts, StreamOffset last)
      : state_(std::move(state)), parts_(std::move(parts)), last_(last) {}

  void append(const ChangeBatch& batch, std::string_view state,
              std::span<const StatePart>) override {
    const Bytes block = batch.encode();
    ChangeCursor cursor(block, [&](std::uint64_t fingerprint) { return find(batch, fingerprint); });
    while (const auto change = cursor.next())
      if (change->schema) ++changes_[change->schema->name];
    const std::lock_guard lock(mutex_);
    state_ = state;
  }
  void flush() override {}
  [[nodiscard]] std::string source_state() const override {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  // Those of the start: a counter is never opened again.
  [[nodiscard]] std::vector<StatePart> source_parts() const override { return parts_; }
  [[nodiscard]] StreamOffset last_offset() const override { return last_; }

  // In the thread that appends.
  [[nodiscard]] std::uint64_t changes_of(const TableName& table) const {
    const auto found = changes_.find(table);
    return found == changes_.end() ? 0 : found->second;
  }

 private:
  static SchemaPtr find(const ChangeBatch& batch, std::uint64_t fingerprint) {
    for (const SchemaPtr& schema : batch.schemas())
      if (schema->fingerprint() == fingerprint) return schema;
    fail(ErrorKind::internal, "a batch names a schema that it does not have");
  }

  std::map<TableName, std::uint64_t> changes_;
  mutable std::mutex mutex_;
  std::string state_;
  std::vector<StatePart> parts_;
  StreamOffset last_;
};

}  // namespace

// The log behind the end of the stream, read by a capture whose stream is a counter.
class StoredMeetingPlace::LogAfter {
 public:
  LogAfter(CaptureOptions options, std::string state, std::vector<StatePart> parts,
           StreamOffset last)
      : counter_(std::move(state), std::move(parts), last),
        capture_(std::make_shared<Capture>(std::move(options), counter_, ledger_)),
        thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

  void find_place(PlaceRequest request) {
    const std::lock_guard lock(mutex_);
    if (capture_) capture_->find_place(std::move(request));
  }
  [[nodiscard]] const ChangeCounter& counter() const noexcept { return counter_; }

  // What ended the reading, if anything did.
  void rethrow() {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void run(std::stop_token stop) {
    std::exception_ptr error;
    try {
      capture_->run(std::move(stop));
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    error_ = error;
    capture_.reset();
  }

  Ledger ledger_;
  ChangeCounter counter_;
  std::mutex mutex_;
  std::shared_ptr<Capture> capture_;
  std::exception_ptr error_;
  std::jthread thread_;  // last: it uses all of the above
};

// What the log reader keeps on disk of XA transactions that are not committed yet: the next run
// needs it as it is, so this reader has a copy, which goes with it.
class StoredMeetingPlace::SpoolCopy {
 public:
  explicit SpoolCopy(const std::filesystem::path& spool)
      : path_(fmt::format("{}.verify-{}", spool.string(), ::getpid())) {
    make_directories(path_);
    if (std::filesystem::is_directory(spool))
      std::filesystem::copy(spool, path_,
                            std::filesystem::copy_options::recursive |
                                std::filesystem::copy_options::overwrite_existing);
  }
  SpoolCopy(const SpoolCopy&) = delete;
  SpoolCopy& operator=(const SpoolCopy&) = delete;
  ~SpoolCopy() {
    std::error_code ignored;  // best effort: a leftover harms nobody
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

StoredMeetingPlace::StoredMeetingPlace(const Config& config)
    : config_(config),
      lake_(Lake::open_read_only(lake_options(config))),
      facts_(facts_of(config.source.connection)) {
  const auto stream = EmbeddedStream::open_reader(config.stream.path);
  source_state_ = stream->source_state();
  source_parts_ = stream->source_parts();
  offset_ = stream->last_offset();
  tables_ = CaptureState::decode(source_state_).tables;
  const StreamOffset committed = IngestCheckpoint::read(ingest_checkpoint_file(config))
                                     .value_or(IngestCheckpoint{})
                                     .committed();
  if (committed < offset_)
    fail(ErrorKind::failed,
         "the last run was cut off before the lake had all of the stream ({} changes are missing): "
         "start `freshet run` again, then verify",
         offset_ - committed);
}

StoredMeetingPlace::~StoredMeetingPlace() = default;

std::vector<TableName> StoredMeetingPlace::tables() { return names_of(tables_); }

// The log is read for the tables that are loaded, from the first meeting on.
StoredMeetingPlace::LogAfter& StoredMeetingPlace::log() {
  if (log_) return *log_;
  CaptureOptions options = capture_options(config_);
  options.mapping.only.emplace();
  for (const auto& [name, progress] : tables_)
    if (progress.phase == SnapshotPhase::done) options.mapping.only->insert(name);
  spool_ = std::make_unique<SpoolCopy>(options.spool_directory);
  options.spool_directory = spool_->path();
  log_ = std::make_unique<LogAfter>(std::move(options), source_state_, source_parts_, offset_);
  return *log_;
}

std::unique_ptr<TableMeeting> StoredMeetingPlace::meet(const TableName& table,
                                                       const std::string& lake_table,
                                                       std::stop_token stop) {
  demand_loaded(table, tables_);
  LogAfter& log = this->log();
  FutureMeeting meeting;
  {
    auto appointment = std::make_shared<Appointment>(config_.source.connection, facts_);
    meeting = appointment->promise.get_future();
    log.find_place(
        {.name = [appointment, table] { return appointment->open_view(table); },
         .reached =
             [appointment, table, lake_table, stop, &log, this](
                 StreamOffset last, const std::map<TableName, TableProgress>&) {
               appointment->attempt([&] {
                 if (const auto changes = log.counter().changes_of(table); changes > 0)
                   fail(ErrorKind::failed,
                        "table {}: the source has moved on by {} change(s) since the lake was "
                        "committed: start `freshet run`, then verify",
                        table.qualified(), changes);
                 appointment->meeting->offset = last;
                 appointment->meeting->verdicts =
                     columns_of(committed_verdicts(*lake_, lake_table));
                 appointment->meeting->lake = std::make_unique<TableScan>(*lake_, lake_table, stop);
                 appointment->keep();
               });
             }});
  }
  try {
    return wait_for(std::move(meeting), stop);
  } catch (const Error&) {
    log.rethrow();
    throw;
  }
}

}  // namespace freshet
