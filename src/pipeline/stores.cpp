#include "pipeline/stores.h"

#include "base/file.h"
#include "pipeline/installation_key.h"

namespace freshet {

LakeOptions lake_options(const Config& config) {
  return {.warehouse = config.lake.location,
          .state = config.state_directory(),
          .database = config.lake.database,
          .memory_limit = fmt::format("{}MiB", config.lake.memory_bytes >> 20),
          .threads = config.lake.threads};
}

EmbeddedStreamOptions stream_options(const Config& config) {
  return {.retention = config.stream.retention, .max_bytes = config.stream.max_bytes};
}

CaptureOptions capture_options(const Config& config) {
  return {.source = config.source.connection,
          .mapping = config.source.mapping,
          .load = {.chunk_rows = config.source.snapshot.chunk_rows},
          .spool_directory = config.state_directory() / "spool"};
}

SinkOptions sink_options(const Config& config) {
  make_directories(config.state_directory());
  return {.transform = config.transform,
          .key = load_or_create_key(config.state_directory() / "key"),
          .mirror = config.lake.mirror,
          .history = config.lake.history,
          .prefix = {}};
}

std::filesystem::path ingest_checkpoint_file(const Config& config) {
  return config.state_directory() / "ingest.checkpoint";
}

}  // namespace freshet
