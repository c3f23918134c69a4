#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "pipeline/table_sink.h"

namespace freshet {

// How far the ingest loop had come: a file in the state directory. A shortcut for the next start;
// the summaries of the Iceberg tables are the truth.
struct IngestCheckpoint {
  StreamOffset applied = 0;
  std::map<TableName, SinkCheckpoint> tables;

  // All changes up to here were in the lake: nothing before it is needed for a restart.
  [[nodiscard]] StreamOffset committed() const;

  // Nothing where there is no file; throws Error{corrupt} on one that makes no sense.
  [[nodiscard]] static std::optional<IngestCheckpoint> read(const std::filesystem::path& file);
  void write(const std::filesystem::path& file) const;
};

}  // namespace freshet
