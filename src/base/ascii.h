#pragma once

#include <string>
#include <string_view>

namespace freshet {

// Letter case of ASCII alone, whatever the locale, for names and keywords. Other bytes stay as they
// are.

[[nodiscard]] constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] inline std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = upper(c);
  return result;
}
[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

}  // namespace freshet
