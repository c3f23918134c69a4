#pragma once

#include <string_view>

#include "base/bytes.h"

namespace freshet {

// Appends MySQL's binary JSON as the text that the server prints for it: `{"a": 1, "bb":
// [true, 2.5]}`. An empty document is null (a NULL that was forced into a NOT NULL column). Throws
// Error{corrupt} for bytes that are no document: wrong offsets, more than 100 levels.
void append_json(Bytes& out, std::string_view document);

// Appends a double as MySQL's JSON functions print it: the shortest digits that read back as the
// same number; an exponent from 1e15 up and below 1e-15.
void append_json_double(Bytes& out, double number);

// Appends a string in double quotes with the server's escapes.
void append_json_string(Bytes& out, std::string_view text);

// Appends the digits of a NEWDECIMAL (MySQL strings/decimal.cc, decimal2bin) with exactly `scale`
// digits after the point. Consumes its bytes.
void append_decimal(Bytes& out, ByteReader& in, unsigned precision, unsigned scale);
[[nodiscard]] std::size_t decimal_size(unsigned precision, unsigned scale) noexcept;

}  // namespace freshet
