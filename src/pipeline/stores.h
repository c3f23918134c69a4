#pragma once

#include "lake/lake.h"
#include "pipeline/capture.h"
#include "pipeline/config.h"
#include "pipeline/table_sink.h"
#include "stream/embedded_stream.h"

namespace freshet {

// What the configuration says to the stages: the pipeline, and the commands that look at the same
// files without one, must do alike.
[[nodiscard]] LakeOptions lake_options(const Config& config);
[[nodiscard]] EmbeddedStreamOptions stream_options(const Config& config);
[[nodiscard]] CaptureOptions capture_options(const Config& config);
[[nodiscard]] SinkOptions sink_options(const Config& config);  // reads or makes the secret
[[nodiscard]] std::filesystem::path ingest_checkpoint_file(const Config& config);

// What `freshet pii report` shows while no pipeline runs.
[[nodiscard]] std::filesystem::path pii_report_file(const Config& config);

}  // namespace freshet
