#include "pipeline/supervisor.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "lake/lake.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"
#include "pipeline/metrics.h"
#include "pipeline/metrics_endpoint.h"
#include "pipeline/pii_report.h"
#include "pipeline/stores.h"
#include "pipeline/verify.h"
#include "query/query_engine.h"
#include "stream/embedded_stream.h"

namespace freshet {

namespace {

using namespace std::chrono_literals;

constexpr auto kStatusEvery = 250ms;
constexpr auto kTrimEvery = 60s;
constexpr auto kSaveEvery = 10s;

// Sleeps, but wakes at once on stop.
void pause(std::chrono::milliseconds length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, length, [] { return false; });
}

class Supervisor {
 public:
  Supervisor(const Config& config, RunObserver& observer, const RunOptions& options);
  RunStatus run(std::stop_token stop);

 private:
  void capture_loop(std::stop_token stop);
  void capture_once(const std::stop_token& stop);
  void ingest_loop(std::stop_token stop);
  void watch(const std::stop_token& stop);
  std::string snapshot(const SnapshotRequest& request, const std::stop_token& stop);
  void answer(std::string_view request, const ControlReply& reply, std::stop_token stop);
  void verify(const ControlRequest& request, const ControlReply& reply, std::stop_token stop);
  [[nodiscard]] std::unique_ptr<MetricsEndpoint> serve_metrics() const;
  void fail_with(std::exception_ptr error);
  [[nodiscard]] bool failed() const;
  [[nodiscard]] RunStatus status() const;
  void set_problem(std::string problem);
  [[nodiscard]] PiiReport pii_report() const;
  void save_pii_report() const;

  const Config& config_;
  RunObserver& observer_;
  bool reload_;  // until it has been done
  std::int64_t started_ = now_micros();
  PiiReport earlier_;  // of the runs before
  Ledger ledger_;
  std::unique_ptr<EmbeddedStream> stream_;
  std::unique_ptr<Lake> lake_;
  std::unique_ptr<StreamReader> reader_;
  std::unique_ptr<Ingest> ingest_;

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<Capture> capture_;
  CaptureStatus last_capture_;
  PiiReport ended_;  // of captures that ended in this run
  std::string problem_ = "not connected yet";
  std::exception_ptr error_;
  std::condition_variable_any failed_;
};

Supervisor::Supervisor(const Config& config, RunObserver& observer, const RunOptions& flags)
    : config_(config), observer_(observer), reload_(flags.reload) {
  make_directories(config.state_directory());
  make_directories(config.lake.location);
  if (const auto report = read_file_if_present(pii_report_file(config)))
    earlier_ = PiiReport::from_json(*report);
  stream_ = EmbeddedStream::open(config.stream.path, stream_options(config));
  lake_ = Lake::open(lake_options(config));
  reader_ = stream_->reader();
  IngestOptions options;
  options.sink = sink_options(config);
  options.checkpoint_file = ingest_checkpoint_file(config);
  options.flush_interval = config.lake.flush_interval;
  ingest_ = std::make_unique<Ingest>(std::move(options), *reader_, *lake_, ledger_);
}

RunStatus Supervisor::run(std::stop_token stop) {
  const ControlServer control(
      control_socket(config_.state_directory()),
      [this](std::string_view request, const ControlReply& reply, std::stop_token token) {
        answer(request, reply, std::move(token));
      });
  const auto metrics = serve_metrics();
  std::jthread ingest([this](std::stop_token token) { ingest_loop(std::move(token)); });
  std::jthread capture([this](std::stop_token token) { capture_loop(std::move(token)); });
  watch(stop);
  capture.request_stop();
  capture.join();
  if (!failed()) ingest_->drain_to(stream_->last_offset());
  ingest.request_stop();
  ingest.join();
  observer_.status(status());
  save_pii_report();
  if (failed()) std::rethrow_exception(error_);
  return status();
}

// Null where it is not asked for.
std::unique_ptr<MetricsEndpoint> Supervisor::serve_metrics() const {
  if (!config_.endpoints.metrics) return nullptr;
  return std::make_unique<MetricsEndpoint>(
      *config_.endpoints.metrics,
      MetricsSource{
          .metrics =
              [this] { return render_metrics(status(), pii_report()) + render_process_metrics(); },
          .problem = [this] { return status().problem(); }});
}

// The supervisor's own thread: reports, trims the stream, and waits for the end.
void Supervisor::watch(const std::stop_token& stop) {
  auto trim_at = std::chrono::steady_clock::now() + kTrimEvery;
  auto save_at = std::chrono::steady_clock::now() + kSaveEvery;
  while (!stop.stop_requested() && !failed()) {
    observer_.status(status());
    if (std::chrono::steady_clock::now() >= trim_at) {
      stream_->trim(ingest_->checkpoint() + 1);
      trim_at = std::chrono::steady_clock::now() + kTrimEvery;
    }
    if (std::chrono::steady_clock::now() >= save_at) {
      save_pii_report();
      save_at = std::chrono::steady_clock::now() + kSaveEvery;
    }
    std::unique_lock lock(mutex_);
    failed_.wait_for(lock, stop, kStatusEvery, [this] { return error_ != nullptr; });
  }
}

void Supervisor::capture_loop(std::stop_token stop) {
  const auto [first, longest] = config_.source.retry;
  std::chrono::milliseconds wait = first;
  while (!stop.stop_requested() && !failed()) {
    const auto started = std::chrono::steady_clock::now();
    try {
      capture_once(stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable) return fail_with(std::current_exception());
      if (stop.stop_requested()) return;
      if (std::chrono::steady_clock::now() - started > longest) wait = first;  // it had worked
      log_warn("the source is not available, next attempt in {} ms: {}", wait.count(),
               error.what());
      set_problem(error.what());
      pause(wait, stop);
      wait = std::min(wait * 2, longest);
    } catch (const std::exception&) {
      return fail_with(std::current_exception());
    }
  }
}

void Supervisor::capture_once(const std::stop_token& stop) {
  CaptureOptions options = capture_options(config_);
  options.reload = reload_;
  const auto capture = std::make_shared<Capture>(std::move(options), stream_->writer(), ledger_);
  reload_ = false;
  {
    const std::lock_guard lock(mutex_);
    capture_ = capture;
    problem_.clear();
  }
  capture->run(stop);
}

void Supervisor::ingest_loop(std::stop_token stop) {
  try {
    ingest_->run(std::move(stop));
  } catch (const std::exception&) {
    fail_with(std::current_exception());
  }
}

void Supervisor::fail_with(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  failed_.notify_all();
}

bool Supervisor::failed() const {
  const std::lock_guard lock(mutex_);
  return error_ != nullptr;
}

void Supervisor::set_problem(std::string problem) {
  const std::lock_guard lock(mutex_);
  if (capture_) {
    last_capture_ = capture_->status();
    for (const auto& finding : capture_->findings()) ended_.add(finding.table, finding.columns);
  }
  capture_.reset();
  problem_ = std::move(problem);
}

RunStatus Supervisor::status() const {
  RunStatus status{.now_micros = now_micros(), .started_micros = started_};
  {
    const std::lock_guard lock(mutex_);
    status.connected = capture_ != nullptr;
    status.source_problem = problem_;
    status.capture = capture_ ? capture_->status() : last_capture_;
  }
  status.ingest = ingest_->status();
  status.stream = {.first = stream_->first_offset(),
                   .last = stream_->last_offset(),
                   .bytes = stream_->size_bytes()};
  status.rows = ledger_.counts();
  status.delivered = ledger_.delivered();
  return status;
}

PiiReport Supervisor::pii_report() const {
  PiiReport report;
  report.now_micros = now_micros();
  for (const TableFindings& found : ingest_->findings()) report.add(found.table, found.columns);
  for (const SinkStatus& sink : ingest_->status().tables)
    report.add(sink.table, sink.verdicts, sink.overruled);
  const std::lock_guard lock(mutex_);
  report.add(ended_);
  if (capture_)
    for (const auto& finding : capture_->findings()) report.add(finding.table, finding.columns);
  report.add_earlier(earlier_);
  return report;
}

// Not synced: after a power cut some counts are missing.
void Supervisor::save_pii_report() const {
  replace_file_unsynced(pii_report_file(config_), pii_report().to_json());
}

std::string Supervisor::snapshot(const SnapshotRequest& request, const std::stop_token& stop) {
  std::shared_ptr<Capture> capture;
  {
    const std::lock_guard lock(mutex_);
    if (!capture_) fail(ErrorKind::unavailable, "the source is not connected: {}", problem_);
    capture = capture_;
  }
  return capture->snapshot(request, stop);
}

void Supervisor::answer(std::string_view text, const ControlReply& reply, std::stop_token stop) {
  const ControlRequest request = parse_request(text);
  if (request.command == "status") return reply.write(to_json(status()));
  if (request.command == "verify") return verify(request, reply, std::move(stop));
  if (request.command == "pii") return reply.write(pii_report().to_json());
  if (request.command == "snapshot") return reply.write(snapshot(request.snapshot, stop));
  if (request.command != "query")
    fail(ErrorKind::usage,
         "this freshet does not know the request {}: are client and server of one version?",
         request.command);
  QueryEngine(*lake_).run(
      request.sql,
      {.format = request.format, .row_limit = request.row_limit, .stop = std::move(stop)},
      [&](std::string_view piece) { reply.write(piece); });
}

void Supervisor::verify(const ControlRequest& request, const ControlReply& reply,
                        std::stop_token stop) {
  RunningMeetingPlace place(
      config_.source.connection,
      [this] {
        const std::lock_guard lock(mutex_);
        return capture_;
      },
      *ingest_, *lake_);
  verify_tables({.tables = request.tables,
                 .mapping = config_.source.mapping,
                 .sink = sink_options(config_),
                 .stop = std::move(stop)},
                place, [&](std::string_view json) { reply.write(std::string(json) + "\n"); });
}

}  // namespace

RunStatus run_pipeline(const Config& config, std::stop_token stop, RunObserver& observer,
                       const RunOptions& options) {
  return Supervisor(config, observer, options).run(std::move(stop));
}

}  // namespace freshet
