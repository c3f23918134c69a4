#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/lake_schema.h"

namespace freshet {

enum class BoundSide { lower, upper };

// The single-value serialization (Iceberg spec, Appendix D) of a column bound, from the text that
// DuckDB's COPY ... (RETURN_STATS) gives: numbers and dates as it prints them, BOOLEAN 0 or 1, BLOB
// as hexadecimal digits, timestamptz with "+00".
//
// Strings and binaries are cut to 16 code points or bytes; a cut upper bound is raised so that it
// is still no less than the value. Nothing where there is no such bound or the text is none (NaN,
// infinity, years outside 0001..9999): a missing bound is always right.
[[nodiscard]] std::optional<std::string> bound_of(const LakeColumn& column, std::string_view text,
                                                  BoundSide side);

// Serializations of values that need no text.
[[nodiscard]] std::string int32_bound(std::int32_t value);
[[nodiscard]] std::string int64_bound(std::int64_t value);

}  // namespace freshet
