#pragma once

#include <string_view>

#include "pipeline/table_mapping.h"

namespace freshet {

// Reads an AWS DMS table-mapping document (AWS DMS user guide, "Using table mapping to specify task
// settings"): selection, transformation and object-mapping rules. What cannot be followed is
// refused by rule-id, with what to do instead; nothing is ignored. `name` stands for the file in
// messages. Throws Error{config}.
[[nodiscard]] TableMapping parse_dms_mapping(std::string_view json, std::string_view name);

}  // namespace freshet
