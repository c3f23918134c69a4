#pragma once

#include <string>

#include "pipeline/pii_report.h"

namespace freshet {

// The report as one HTML page that needs nothing else: no script, no other file.
[[nodiscard]] std::string render_html(const PiiReport& report);

// "2026-11-22 17:00 UTC".
[[nodiscard]] std::string moment_text(std::int64_t micros);
// Why all of a column is masked, or how it is looked at, in words.
[[nodiscard]] std::string reason_text(const PiiColumn& column);

}  // namespace freshet
