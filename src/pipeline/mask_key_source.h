#pragma once

#include "pipeline/config.h"

namespace freshet {

// Reads the secrets of transform.sensitive_data.keys into the masking options, for commands that
// mask or reveal; without this call masking refuses to start where keys are configured. A file
// holds 32 bytes or 64 hex digits and must be closed to others; a variable holds 64 hex digits.
// Throws Error{config} or Error{unavailable}, naming the key but never its content.
void load_mask_keys(Config& config);

}  // namespace freshet
