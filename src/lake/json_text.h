#pragma once

#include <string>
#include <string_view>

namespace freshet {

// Appends a JSON string: quoted, with the characters escaped that RFC 8259 section 7 demands.
void put_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace freshet
