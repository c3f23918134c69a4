#pragma once

#include <string>

#include "pipeline/pii_report.h"
#include "pipeline/run_status.h"

namespace freshet {

// What monitoring reads: the figures of `freshet status --json` and of `freshet pii report --json`
// in Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition formats"). Base units:
// seconds, bytes. Labels hold names of tables, columns and types, never values.
[[nodiscard]] std::string render_metrics(const RunStatus& status, const PiiReport& report);

// Of this process, so that every exporter's dashboards show it: memory, processor time,
// descriptors.
[[nodiscard]] std::string render_process_metrics();

}  // namespace freshet
