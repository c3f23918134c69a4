#include "pipeline/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/file.h"

namespace freshet {

namespace {

constexpr double kMicros = 1e6;  // of a second

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

// Families of samples, one after the other.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_ += fmt::format("# HELP freshet_{0} {2}\n# TYPE freshet_{0} {1}\n", name, type, help);
  }

  template <typename Number>
  void sample(Number value, const Labels& labels = {}) {
    out_ += "freshet_";
    out_ += name_;
    for (std::size_t i = 0; i < labels.size(); ++i)
      out_ += fmt::format("{}{}=\"{}\"", i == 0 ? '{' : ',', labels[i].first,
                          escaped(labels[i].second));
    out_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", value);
  }

  // A family of one sample.
  template <typename Number>
  void gauge(std::string_view name, std::string_view help, Number value) {
    family(name, "gauge", help);
    sample(value);
  }
  template <typename Number>
  void counter(std::string_view name, std::string_view help, Number value) {
    family(name, "counter", help);
    sample(value);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::string_view name_;
};

double seconds(std::int64_t micros) noexcept { return static_cast<double>(micros) / kMicros; }

void put_source(Exposition& out, const RunStatus& status) {
  out.gauge("start_time_seconds", "When this run began, seconds since the epoch.",
            seconds(status.started_micros));
  out.gauge("source_connected", "1 while the source server answers.", int{status.connected});
  out.gauge("source_last_event_timestamp_seconds",
            "Commit time of the last transaction read from the log; 0 before the first.",
            seconds(status.capture.last_event_micros));
  if (!status.capture.retention) return;
  out.gauge("source_log_ahead_bytes", "Log on the server that is still to be read.",
            status.capture.retention->bytes_ahead);
  if (status.capture.retention->seconds_left)
    out.gauge("source_log_retention_seconds",
              "How long the server is sure to keep the log that is being read.",
              *status.capture.retention->seconds_left);
}

void put_tables(Exposition& out, const RunStatus& status) {
  const auto each = [&](std::string_view name, std::string_view help, auto figure) {
    out.family(name, "gauge", help);
    for (const auto& [table, progress] : status.capture.tables)
      out.sample(figure(progress), {{"table", table.qualified()}});
  };
  each("snapshot_rows", "Rows of the table's last load that are in the stream.",
       [](const TableProgress& progress) { return progress.rows; });
  each("snapshot_estimated_rows", "Rows that the server expected when that load began.",
       [](const TableProgress& progress) { return progress.estimate; });
  each("snapshot_whole", "1 if the lake has all rows of the table, but for the delay.",
       [](const TableProgress& progress) { return int{progress.whole()}; });
  out.family("snapshot_phase", "gauge", "1 for the phase that the table's load is in.");
  for (const auto& [table, progress] : status.capture.tables)
    out.sample(1, {{"table", table.qualified()}, {"phase", name_of(progress.phase)}});
}

void put_stream(Exposition& out, const RunStatus& status) {
  out.gauge("stream_first_offset", "Oldest change that the stream keeps.", status.stream.first);
  out.gauge("stream_last_offset", "Newest change in the stream.", status.stream.last);
  out.gauge("stream_bytes", "Size of the stream on disk.", status.stream.bytes);
}

void put_lake(Exposition& out, const RunStatus& status) {
  out.gauge("lake_applied_offset", "Last change that SQL shows.", status.ingest.applied);
  out.gauge("lake_committed_offset", "Last change that all Iceberg tables hold.",
            status.ingest.committed);
  out.gauge("backlog_changes", "Changes in the stream that SQL does not show yet.",
            status.backlog());
  // Behind an empty stream nothing is late, however long ago the last change was.
  const std::int64_t late = status.now_micros - status.ingest.applied_micros;
  out.gauge("lag_seconds", "How far SQL is behind the source's commits; 0 without a backlog.",
            status.backlog() == 0 ? 0 : std::max(0.0, seconds(late)));
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                        auto figure) {
    out.family(name, type, help);
    for (const SinkStatus& sink : status.ingest.tables)
      out.sample(figure(sink), {{"table", sink.table}});
  };
  each("lake_rows", "gauge", "Live rows of the mirror.",
       [](const SinkStatus& sink) { return sink.rows; });
  each("lake_pending_changes", "gauge", "Changes that SQL shows and no commit holds yet.",
       [](const SinkStatus& sink) { return sink.pending; });
  each("lake_changes_total", "counter", "Changes applied to the table.",
       [](const SinkStatus& sink) { return sink.changes; });
}

void put_ledger(Exposition& out, const RunStatus& status) {
  out.counter("ledger_read_total", "Row changes read from the log.", status.rows.read);
  out.family("ledger_changes_total", "counter", "What became of them; the sum is what was read.");
  out.sample(status.rows.emitted, {{"outcome", "emitted"}});
  out.sample(status.rows.filtered, {{"outcome", "filtered"}});
  out.sample(status.rows.repeated, {{"outcome", "repeated"}});
  out.counter("ledger_loaded_total", "Rows loaded from tables.", status.rows.loaded);
  out.counter("ledger_delivered_total",
              "Changes, rows and marks that were taken out of the stream.", status.delivered);
  out.gauge("ledger_balanced", "1 if each change read is accounted for.",
            int{status.rows.balanced()});
}

template <typename Put>
void for_personal_columns(const PiiReport& report, Put put) {
  for (const PiiTable& table : report.tables)
    for (const PiiColumn& column : table.columns)
      if (column.personal()) put(table, column);
}

void put_personal_data(Exposition& out, const PiiReport& report) {
  out.family("pii_cells_total", "counter", "Cells looked at, of columns with personal data.");
  for_personal_columns(report, [&](const PiiTable& table, const PiiColumn& column) {
    out.sample(column.cells, {{"table", table.table}, {"column", column.column}});
  });
  out.family("pii_masked_cells_total", "counter", "Cells that masking changed.");
  for_personal_columns(report, [&](const PiiTable& table, const PiiColumn& column) {
    out.sample(column.masked, {{"table", table.table},
                               {"column", column.column},
                               {"action", column.action},
                               {"basis", column.basis}});
  });
  out.family("pii_found_cells_total", "counter", "Cells in which personal data was found.");
  for_personal_columns(report, [&](const PiiTable& table, const PiiColumn& column) {
    for (const auto& [type, cells] : column.found)
      out.sample(cells, {{"table", table.table}, {"column", column.column}, {"type", type}});
  });
  out.family("pii_verdict", "gauge", "1 for each column that a verdict calls personal.");
  for_personal_columns(report, [&](const PiiTable& table, const PiiColumn& column) {
    if (column.verdict)
      out.sample(1, {{"table", table.table},
                     {"column", column.column},
                     {"type", column.verdict->type},
                     {"overruled", column.overruled ? "true" : "false"}});
  });
}

double processor_seconds() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / kMicros;
}

// proc(5), /proc/pid/statm: the second number, in pages.
std::uint64_t resident_bytes() {
  const std::string text = read_file_if_present("/proc/self/statm").value_or("");
  unsigned long long pages = 0;
  if (std::sscanf(text.c_str(), "%*u %llu", &pages) != 1) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t open_descriptors() {
  std::error_code gone;
  const std::filesystem::directory_iterator all("/proc/self/fd", gone);
  return gone ? 0 : static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

std::string render_metrics(const RunStatus& status, const PiiReport& report) {
  Exposition out;
  put_source(out, status);
  put_tables(out, status);
  put_stream(out, status);
  put_lake(out, status);
  put_ledger(out, status);
  put_personal_data(out, report);
  return out.take();
}

std::string render_process_metrics() {
  return fmt::format(
      "# HELP process_resident_memory_bytes Resident memory size in bytes.\n"
      "# TYPE process_resident_memory_bytes gauge\n"
      "process_resident_memory_bytes {}\n"
      "# HELP process_cpu_seconds_total Total user and system processor time in seconds.\n"
      "# TYPE process_cpu_seconds_total counter\n"
      "process_cpu_seconds_total {}\n"
      "# HELP process_open_fds Number of open file descriptors.\n"
      "# TYPE process_open_fds gauge\n"
      "process_open_fds {}\n",
      resident_bytes(), processor_seconds(), open_descriptors());
}

}  // namespace freshet
