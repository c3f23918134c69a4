#include "pipeline/stores.h"

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

}  // namespace freshet
