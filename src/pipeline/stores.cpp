#include "pipeline/stores.h"

#include "base/file.h"
#include "pipeline/installation_key.h"

namespace freshet {

namespace {

std::string installation_key(const Config& config) {
  make_directories(config.state_directory());
  return load_or_create_key(config.state_directory() / "key");
}

}  // namespace

LakeOptions lake_options(const Config& config) {
  return {.warehouse = config.lake.location,
          .state = config.state_directory(),
          .database = config.lake.database,
          .query_memory = config.lake.memory_bytes,
          .query_disk = config.lake.spill_bytes,
          .threads = config.lake.threads};
}

EmbeddedStreamOptions stream_options(const Config& config) {
  return {.retention = config.stream.retention, .max_bytes = config.stream.max_bytes};
}

CaptureOptions capture_options(const Config& config) {
  const SensitiveDataOptions& masking = config.transform.sensitive_data;
  const bool at_capture = masking.at == MaskPlace::capture;
  return {
      .source = config.source.connection,
      .mapping = config.source.mapping,
      .load = {.chunk_rows = config.source.snapshot.chunk_rows,
               .workers = config.source.snapshot.workers,
               .rows_per_second = config.source.snapshot.rows_per_second,
               .pause_behind = config.source.snapshot.pause_behind,
               .views = {.lock_non_transactional = config.source.snapshot.lock_non_transactional}},
      .spool_directory = config.state_directory() / "spool",
      .key = installation_key(config),
      .masking = at_capture ? std::optional(masking) : std::nullopt};
}

SinkOptions sink_options(const Config& config) {
  return {.transform = config.transform,
          .key = installation_key(config),
          .mirror = config.lake.mirror,
          .history = config.lake.history,
          .prefix = {}};
}

std::filesystem::path ingest_checkpoint_file(const Config& config) {
  return config.state_directory() / "ingest.checkpoint";
}

std::filesystem::path pii_report_file(const Config& config) {
  return config.state_directory() / "pii.json";
}

}  // namespace freshet
