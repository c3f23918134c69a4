#pragma once

#include <string>
#include <string_view>

namespace freshet {

// Appends `text` as a JSON string, quotes included (RFC 8259, section 7). The text must be UTF-8;
// it is copied as it is, control characters, quote and backslash are escaped.
void put_json_string(std::string& out, std::string_view text);

[[nodiscard]] inline std::string json_quote(std::string_view text) {
  std::string out;
  put_json_string(out, text);
  return out;
}

}  // namespace freshet
