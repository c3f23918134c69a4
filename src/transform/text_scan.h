#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace freshet {

// What one fast pass over a text tells: that there is nothing to find, as in most text, or the
// places where detectors have to look. Memory that the caller keeps for reuse.
struct TextMarks {
  std::size_t digits = 0;
  bool dense = false;    // seven digits within 64 bytes; always so where as many stand within 32
  bool year = false;     // four digits in a row
  bool decimal = false;  // three digits behind a dot
  bool ascii = true;
  bool percent = false;                 // a '%' before a hexadecimal digit
  bool filler = false;                  // a kFiller, as where UTF-16 is read
  std::vector<std::uint32_t> at_signs;  // each '@'
  std::vector<std::uint32_t> colons;    // each ':' before another, or a letter or digit
  // Begins of words (of letters and digits) that a digit follows within kNear bytes, that begin
  // with six capitals, or that are groups of a MAC address by their length.
  std::vector<std::uint32_t> words;
  std::vector<std::uint32_t> names;  // capitals that begin a word and go on in small letters
  // Begins of runs of at least kLongRun letters, digits, '_' and '-'.
  std::vector<std::uint32_t> runs;

  static constexpr std::size_t kNear = 8;
  static constexpr std::size_t kLongRun = 16;

  // What was marked, as bits.
  static constexpr unsigned kDigits = 1;
  static constexpr unsigned kDense = 2;
  static constexpr unsigned kAtSigns = 4;
  static constexpr unsigned kColons = 8;
  static constexpr unsigned kRuns = 16;
  static constexpr unsigned kNames = 32;
  static constexpr unsigned kYear = 64;
  static constexpr unsigned kAny = 128;
  static constexpr unsigned kDecimal = 256;
  [[nodiscard]] unsigned kinds() const noexcept {
    return kAny | (digits > 0 ? kDigits : 0u) | (dense ? kDense : 0u) |
           (at_signs.empty() ? 0u : kAtSigns) | (colons.empty() ? 0u : kColons) |
           (runs.empty() ? 0u : kRuns) | (year ? kYear : 0u) | (decimal ? kDecimal : 0u) |
           (names.empty() ? 0u : kNames);
  }

  // False if the folded text is the text itself.
  [[nodiscard]] bool may_fold() const noexcept { return !ascii || percent || filler; }
};

// Texts are shorter than 4 GiB. `wanted` are bits of kinds(): where they are none but kDense and
// kAtSigns, the places of other marks are not looked for.
void scan_text(std::string_view text, TextMarks& marks, unsigned wanted = ~0u);
// Of text with fillers, which come between what belongs together: marks every word.
void scan_folded(std::string_view folded, TextMarks& marks);

// Folded text has exactly the length of the original, so that places in one are places in the
// other. Wide and other non-ASCII forms of digits, letters, marks and spaces are replaced by their
// ASCII form, followed by kFiller up to the length they had. Characters of no width become kFiller
// altogether. "%40" becomes '@' and fillers, as other ASCII that is escaped so.
inline constexpr char kFiller = '\x01';

// The folded form: `text` itself where nothing is to fold, else `scratch`. The text is UTF-8.
[[nodiscard]] std::string_view fold_text(std::string_view text, std::string& scratch);

// First byte in [from, to) that is an ASCII digit; `to` if there is none.
[[nodiscard]] const char* find_digit(const char* from, const char* to) noexcept;

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_alnum(char c) noexcept { return is_digit(c) || is_letter(c); }
[[nodiscard]] constexpr bool is_wide(char c) noexcept { return (c & 0x80) != 0; }
[[nodiscard]] constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace freshet
