#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/background_writer.h"
#include "pipeline/batch_shaper.h"
#include "pipeline/capture_masker.h"
#include "pipeline/capture_state.h"
#include "pipeline/ledger.h"
#include "pipeline/load_rate.h"
#include "pipeline/log_delay.h"
#include "pipeline/snapshot_request.h"
#include "pipeline/table_loader.h"
#include "source/binlog_source.h"
#include "source/log_retention.h"
#include "stream/stream.h"

namespace freshet {

struct CaptureOptions {
  SourceOptions source;
  TableMapping mapping;  // tables to follow, and the shape in which they enter the stream
  LoadLimits load;
  std::filesystem::path spool_directory;
  std::string key;                              // the installation's secret, 32 bytes
  std::optional<SensitiveDataOptions> masking;  // at capture; nothing: rows stay clear
  bool reload = false;  // begin at the log's end and load all tables, whatever the stream has
};

// What holds the loading of tables back.
enum class LoadBrake : std::uint8_t { none, log_behind, rate };

// What people may know of a capture while it runs.
struct CaptureStatus {
  std::string server_version;
  Position position;
  LogCoordinate log_end;                  // after the last event read
  std::int64_t last_event_micros = 0;     // commit time of the last transaction read
  std::optional<LogRetention> retention;  // as of a moment ago
  std::map<TableName, TableProgress> tables;
  std::map<TableName, double> rates;  // rows per second, of the tables that are being loaded
  LoadBrake brake = LoadBrake::none;
  // How long the log reader takes to where the log ends; known while tables are being loaded.
  std::optional<std::chrono::milliseconds> behind;
};

// Asks where in the stream a place of the log lies.
struct PlaceRequest {
  // Names the place. Runs in the thread that reads the log, which therefore is not past it yet.
  // Nothing withdraws the request. Must not throw.
  std::function<std::optional<LogCoordinate>()> name;
  // All changes before the place, and none of the later ones, are in the stream and durable:
  // those up to `last`. Runs in the same thread, before anything else enters the stream.
  // `tables` as of that place. Must not throw.
  std::function<void(StreamOffset last, const std::map<TableName, TableProgress>& tables)> reached;
};

// The capture loop: tables and log of one source server into the stream.
//
// Loads and log changes enter the stream in one order, as if each chunk had been read at the very
// place of the log where its loads stand: the log is read up to the place of the chunk's view, then
// the chunk is appended, then reading goes on. What enters the stream enters with the state that
// accounts for it, so a restart neither repeats nor misses a change.
class Capture {
 public:
  // Connects, and resumes from the writer's source state, or begins at the end of the log with all
  // tables to be loaded. Throws Error of any kind that the source has reason for.
  Capture(CaptureOptions options, StreamWriter& writer, Ledger& ledger);
  ~Capture();

  // Until stop. Throws Error{unavailable} when the link breaks: make a new Capture then.
  void run(std::stop_token stop);

  [[nodiscard]] CaptureStatus status() const;  // from any thread
  // Of masking at capture. From any thread.
  [[nodiscard]] std::vector<CaptureMasker::Finding> findings() const;

  // Requests are served one after the other while run() runs; those that it leaves are destroyed
  // with the capture. From any thread.
  void find_place(PlaceRequest request);
  // Has the capture's thread do what people ask for, and returns when that is durable, with a line
  // for each table; all of the tables or none. From any thread. Throws Error{usage} or
  // Error{conflict} as take_step(), Error{unavailable} if the capture ends first.
  [[nodiscard]] std::string snapshot(const SnapshotRequest& request, const std::stop_token& stop);

 private:
  void resume();
  void begin();
  void begin_again();
  void learn_databases();
  void suspect(const Statement::Action& action, const std::set<std::string>& learned);
  std::optional<LogCoordinate> first_statement_touching(const TableName& table,
                                                        const LogCoordinate& from);
  void add_new_tables();
  void clear_removed(const TableName& table);
  void put_mark(ChangeBatch& batch, Op op, const SchemaPtr& schema) const;
  void adopt_selection();
  void account(const ReadResult& read);
  void note(const DdlNotice& notice);
  void load_again(const TableName& table);
  void store_changes();
  void store_idle_position();
  // Shapes and appends; gives the number of row changes that the mapping leaves out.
  std::uint64_t append(ChangeBatch batch);
  void append_loaded(std::stop_token stop);
  void open_place();
  void close_place();
  void finish_spools(std::stop_token stop);
  void drain_spool(const TableName& table, TableProgress& progress, std::stop_token stop);
  void remember_schemas();
  void watch_log();
  void watch_delay();
  void advance_loads();
  [[nodiscard]] bool loads() const;
  [[nodiscard]] LoadBrake brake() const;
  void publish_status();
  [[nodiscard]] bool tracks(std::string_view database) const;
  [[nodiscard]] bool joins_now(const TableName& table) const;
  void serve_requests();
  std::string serve(const SnapshotRequest& request);
  std::uint64_t try_condition(const TableName& table, const std::string& where);
  void take_requests(bool running);
  std::optional<LoadedChunk> take_chunk();
  std::map<TableName, double> load_rates();
  void remove_stray_spools() const;
  [[nodiscard]] bool captured(const TableName& table) const;
  [[nodiscard]] bool passes_over(const TableName& table);
  [[nodiscard]] Spool log_spool() const;
  [[nodiscard]] Bytes sealed_state() const;

  CaptureOptions options_;
  std::unique_ptr<CaptureMasker> masker_;  // null where rows stay clear
  StreamWriter& writer_;
  BackgroundWriter stream_;  // what appends to writer_ and flushes it
  Ledger& ledger_;
  ServerFacts facts_;
  std::optional<Connection> schema_connection_;
  CaptureState state_;
  std::set<TableName> passed_over_;  // said once for each
  bool adopted_ = false;  // the selection in force is the configured one, not that of the state
  SchemaTracker schemas_;
  std::unique_ptr<BinlogSource> log_;
  std::unique_ptr<TableLoader> loader_;
  BatchShaper shaper_{options_.mapping};
  ChangeBatch batch_;
  Position stored_;  // the position of the last append
  std::chrono::steady_clock::time_point stored_at_{};
  std::chrono::steady_clock::time_point published_at_{};
  std::optional<LogRetention> retention_;
  std::chrono::steady_clock::time_point watched_at_{};
  std::chrono::steady_clock::time_point warned_at_{};
  LogDelay delay_;
  bool late_ = false;  // the log is so far behind that no view is opened

  struct OpenPlace {
    LogCoordinate at;
    PlaceRequest request;
  };
  std::optional<OpenPlace> place_;

  std::mutex requests_mutex_;
  std::deque<PlaceRequest> requests_;
  std::map<TableName, LoadRate> rates_;

  struct Asked {
    SnapshotRequest request;
    std::promise<std::string> answer;
  };
  std::mutex asked_mutex_;
  std::deque<std::shared_ptr<Asked>> asked_;
  bool running_ = false;  // requests are taken

  mutable std::mutex status_mutex_;
  CaptureStatus status_;
};

}  // namespace freshet
