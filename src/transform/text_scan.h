#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace freshet {

// What one fast pass over a text tells: enough to know that most text holds nothing.
struct TextTraits {
  std::size_t digits = 0;  // ASCII digits, at least; and all bytes that may begin another digit
  bool at_sign = false;    // '@', "%40", or a byte that may begin a wide '@'
  bool ascii = true;
  bool percent_at = false;  // "%40"

  // False if the folded text is the text itself.
  [[nodiscard]] bool may_fold() const noexcept { return !ascii || percent_at; }
};

[[nodiscard]] TextTraits scan_text(std::string_view text) noexcept;

// Folded text has exactly the length of the original, so that places in one are places in the
// other. Wide and other non-ASCII forms of digits, '@', '+', dots, hyphens, brackets and spaces
// are replaced by their ASCII form, followed by kFiller up to the length they had. Characters of
// no width become kFiller altogether. "%40" becomes '@' and fillers.
inline constexpr char kFiller = '\x01';

// The folded form: `text` itself where nothing is to fold, else `scratch`.
[[nodiscard]] std::string_view fold_text(std::string_view text, std::string& scratch);

// First byte in [from, to) that is an ASCII digit; `to` if there is none.
[[nodiscard]] const char* find_digit(const char* from, const char* to) noexcept;

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_alnum(char c) noexcept { return is_digit(c) || is_letter(c); }
[[nodiscard]] constexpr bool is_wide(char c) noexcept { return (c & 0x80) != 0; }
[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace freshet
