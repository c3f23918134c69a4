#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/capture.h"
#include "pipeline/ingest.h"
#include "pipeline/ledger.h"

namespace freshet {

struct StreamStatus {
  StreamOffset first = 0;  // oldest change kept
  StreamOffset last = 0;
  std::uint64_t bytes = 0;
};

// What `freshet status` shows: one moment of a running pipeline.
struct RunStatus {
  std::int64_t now_micros = 0;
  std::int64_t started_micros = 0;
  bool connected = false;      // to the source
  std::string source_problem;  // why not
  CaptureStatus capture;
  StreamStatus stream;
  IngestStatus ingest;
  RowCounts rows;
  std::uint64_t delivered = 0;

  // Changes in the stream that SQL does not show yet.
  [[nodiscard]] std::uint64_t backlog() const noexcept { return stream.last - ingest.applied; }
  // True once every table is loaded and the stream is applied to its end.
  [[nodiscard]] bool caught_up() const;
  // Why the lake is not a whole and live copy: the source is away, or tables lack rows. Empty if
  // nothing is wrong, however much there is still to apply.
  [[nodiscard]] std::string problem() const;
};

// One JSON object, for scripts.
[[nodiscard]] std::string to_json(const RunStatus& status);

[[nodiscard]] std::string_view name_of(SnapshotPhase phase) noexcept;

}  // namespace freshet
