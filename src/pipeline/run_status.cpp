#include "pipeline/run_status.h"

#include <algorithm>

#include "base/json_text.h"

namespace freshet {

namespace {

// Seconds until a load has come to the server's estimate, at the rate it has now.
std::string seconds_left(const TableProgress& progress, double rate) {
  if (!progress.unfinished() || rate <= 0 || progress.estimate <= progress.rows) return "null";
  return fmt::format("{:.0f}", static_cast<double>(progress.estimate - progress.rows) / rate);
}

std::string table_json(const TableName& name, const TableProgress& progress, double rate) {
  return fmt::format(
      R"({{"table":{},"phase":"{}","state":"{}","loaded":{},"estimate":{},"rows_per_second":{:.0f},)"
      R"("seconds_left":{},"chosen":{},"whole":{}}})",
      json_quote(name.qualified()), name_of(progress.phase),
      progress.paused && progress.unfinished() ? "paused" : name_of(progress.phase), progress.rows,
      progress.estimate, rate, seconds_left(progress, rate), !progress.where.empty(),
      progress.whole());
}

template <typename Range, typename Render>
std::string array_json(const Range& range, Render render) {
  std::string out = "[";
  for (const auto& item : range) {
    if (out.size() > 1) out += ',';
    out += render(item);
  }
  return out + "]";
}

std::string retention_json(const std::optional<LogRetention>& retention) {
  if (!retention) return "null";
  return fmt::format(R"({{"oldest_file":{},"bytes_ahead":{},"seconds_left":{}}})",
                     json_quote(retention->oldest_file), retention->bytes_ahead,
                     retention->seconds_left ? fmt::to_string(*retention->seconds_left) : "null");
}

std::string_view name_of(LoadBrake brake) noexcept {
  switch (brake) {
    case LoadBrake::none: return "null";
    case LoadBrake::log_behind: return R"("log_behind")";
    case LoadBrake::rate: return R"("rate")";
  }
  return "null";
}

std::string sink_json(const SinkStatus& sink) {
  return fmt::format(
      R"({{"table":{},"rows":{},"pending":{},"changes":{},"complete":{},"verdicts":{},"overruled":{}}})",
      json_quote(sink.table), sink.rows, sink.pending, sink.changes, sink.complete,
      array_json(sink.verdicts.all(),
                 [](const ColumnVerdict& verdict) { return to_json(verdict); }),
      array_json(sink.overruled, json_quote));
}

}  // namespace

std::string_view name_of(SnapshotPhase phase) noexcept {
  switch (phase) {
    case SnapshotPhase::pending: return "pending";
    case SnapshotPhase::loading: return "loading";
    case SnapshotPhase::spooled: return "spooled";
    case SnapshotPhase::done: return "done";
    case SnapshotPhase::cancelled: return "cancelled";
  }
  return "unknown";
}

bool RunStatus::caught_up() const {
  const bool loaded = std::ranges::all_of(
      capture.tables, [](const auto& entry) { return entry.second.phase == SnapshotPhase::done; });
  return connected && loaded && !capture.tables.empty() && backlog() == 0;
}

std::string RunStatus::problem() const {
  if (!connected) return "the source is not connected: " + source_problem;
  if (capture.tables.empty()) return "the tables are not known yet";
  for (const auto& [name, progress] : capture.tables)
    if (!progress.whole())
      return fmt::format("{}: {} of about {} rows loaded", name.qualified(), progress.rows,
                         progress.estimate);
  return {};
}

std::string to_json(const RunStatus& status) {
  const auto sources = array_json(status.capture.tables, [&](const auto& entry) {
    const auto rate = status.capture.rates.find(entry.first);
    return table_json(entry.first, entry.second,
                      rate == status.capture.rates.end() ? 0 : rate->second);
  });
  const auto sinks = array_json(status.ingest.tables, sink_json);
  return fmt::format(
      R"({{"now_micros":{},"started_micros":{},"caught_up":{},)"
      R"("source":{{"connected":{},"problem":{},"version":{},"position":{},"log_end":{},"last_event_micros":{},"retention":{},"behind_seconds":{},"throttled":{},"tables":{}}},)"
      R"("stream":{{"first":{},"last":{},"bytes":{}}},)"
      R"("lake":{{"applied":{},"committed":{},"backlog":{},"applied_micros":{},"tables":{}}},)"
      R"("ledger":{{"read":{},"emitted":{},"filtered":{},"repeated":{},"loaded":{},"delivered":{},"balanced":{}}}}})",
      status.now_micros, status.started_micros, status.caught_up(), status.connected,
      json_quote(status.source_problem), json_quote(status.capture.server_version),
      to_json(status.capture.position),
      json_quote(status.capture.log_end.known() ? to_string(status.capture.log_end) : ""),
      status.capture.last_event_micros, retention_json(status.capture.retention),
      status.capture.behind ? fmt::to_string(status.capture.behind->count() / 1000) : "null",
      name_of(status.capture.brake), sources, status.stream.first, status.stream.last,
      status.stream.bytes, status.ingest.applied, status.ingest.committed, status.backlog(),
      status.ingest.applied_micros, sinks, status.rows.read, status.rows.emitted,
      status.rows.filtered, status.rows.repeated, status.rows.loaded, status.delivered,
      status.rows.balanced());
}

}  // namespace freshet
