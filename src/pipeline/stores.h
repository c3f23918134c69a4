#pragma once

#include "lake/lake.h"
#include "pipeline/config.h"
#include "stream/embedded_stream.h"

namespace freshet {

// What the configuration says to the stores: the pipeline and the commands that look at the same
// files without one must open them alike.
[[nodiscard]] LakeOptions lake_options(const Config& config);
[[nodiscard]] EmbeddedStreamOptions stream_options(const Config& config);

}  // namespace freshet
