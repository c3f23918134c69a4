#pragma once

#include <string_view>

#include "transform/options.h"

namespace freshet {

// Takes over masking that was configured for AWS, as JSON:
//   - DMS table mappings: rules with rule-action data-masking-digits-mask,
//     data-masking-digits-randomize and data-masking-hash-mask become rules on columns; rules about
//     other things are passed over. (DMS user guide, "Data masking".)
//   - a Glue job or a part of it: its PIIDetection node gives types, action, and the mode of
//     decision. (Glue web API, "PIIDetection".)
//   - Glue's fine-grained detection parameters: {"EMAIL": [{"action": "REDACT", ...}]}.
// Hashes are keyed ones instead of SHA-256, and every cell is looked at instead of a sample. Throws
// Error{config} on what cannot be followed, and where the JSON tells nothing about masking: nothing
// is dropped in silence.
void import_masking(std::string_view json, SensitiveDataOptions& options);

}  // namespace freshet
