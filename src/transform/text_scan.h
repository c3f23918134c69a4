#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace freshet {

// Places in a text, in order; made to be filled from bits.
class Places {
 public:
  using value_type = std::uint32_t;
  using const_iterator = const value_type*;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] const_iterator begin() const noexcept { return places_.data(); }
  [[nodiscard]] const_iterator end() const noexcept { return places_.data() + size_; }
  void clear() noexcept { size_ = 0; }

  // Adds the place of each bit; that of the lowest is `from`. Four at a time, since how many there
  // are is as good as random: what is too much is written over.
  void add(std::size_t from, std::uint64_t bits) {
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    if (places_.size() < size_ + count + 4) places_.resize(2 * size_ + 128);
    std::uint32_t* to = places_.data() + size_;
    for (std::size_t i = 0; i < count; i += 4)
      for (int k = 0; k < 4; ++k, bits &= bits - 1)
        *to++ =
            static_cast<std::uint32_t>(from) + static_cast<std::uint32_t>(std::countr_zero(bits));
    size_ += count;
  }

 private:
  std::vector<std::uint32_t> places_;  // room for more than size_
  std::size_t size_ = 0;
};

// What one fast pass over a text tells: that there is nothing to find, as in most text, or the
// places where detectors have to look. Memory that the caller keeps for reuse.
struct TextMarks {
  unsigned kinds = 0;  // what is there, as bits
  std::size_t digits = 0;
  bool ascii = true;
  bool percent = false;  // a '%' before a digit
  bool filler = false;   // a kFiller, as where UTF-16 is read
  Places at_signs;       // each '@'
  Places colons;         // each ':' before another, or a letter or digit
  // Begins of words (of letters and digits) that a digit follows within kNear bytes, that begin
  // with six capitals, or that are groups of a MAC address by their length.
  Places words;
  Places numbers;  // words that begin with a digit
  // Capitals that begin a word and go on in small letters, and behind the word's letters, perhaps
  // with a dot and a space between, another may stand that belongs to the same name.
  Places names;
  // Begins of runs of at least kLongRun letters, digits, '_' and '-'.
  Places runs;

  static constexpr std::size_t kNear = 8;
  static constexpr std::size_t kLongRun = 16;
  static constexpr std::size_t kColonsOfAddress = 6;  // IPv6 with four parts in dots

  // Bits of `kinds`.
  static constexpr unsigned kAny = 1;
  static constexpr unsigned kDense = 2;    // 7 digits in 64 bytes; always so where they are in 32
  static constexpr unsigned kYear = 4;     // four digits in a row
  static constexpr unsigned kDecimal = 8;  // three digits behind a dot
  static constexpr unsigned kAtSigns = 16;
  static constexpr unsigned kColons = 32;  // two side by side, or kColonsOfAddress of `colons`
  static constexpr unsigned kRuns = 64;
  static constexpr unsigned kNames = 128;
  static constexpr unsigned kNumbers = 256;
  static constexpr unsigned kAllKinds = 511;
  static constexpr unsigned kWords = 512;  // in MarksWanted alone

  // False if the folded text is the text itself.
  [[nodiscard]] bool may_fold() const noexcept { return !ascii || percent || filler; }

  void clear() noexcept {
    kinds = 0;
    digits = 0;
    ascii = true;
    percent = filler = false;
    for (auto* places : {&at_signs, &colons, &words, &numbers, &names, &runs}) places->clear();
  }
};

// Forms of the first bytes of words, by what is a letter and what a digit: one bit per byte, the
// first byte in the lowest.
class WordForms {
 public:
  static constexpr std::size_t kBytes = 8;

  void add(std::uint8_t letters, std::uint8_t digits) noexcept {
    forms_[letters][digits / 64] |= std::uint64_t{1} << digits % 64;
  }
  [[nodiscard]] bool contains(std::uint8_t letters, std::uint8_t digits) const noexcept {
    return forms_[letters][digits / 64] >> digits % 64 & 1;
  }

 private:
  std::array<std::array<std::uint64_t, 4>, 256> forms_{};
};

// What of the marks is read.
struct MarksWanted {
  unsigned kinds = ~0u;              // where but kDense and kAtSigns: others may be left out
  const WordForms* words = nullptr;  // only words that begin so are; without: all
};

// Texts are shorter than 4 GiB.
void scan_text(std::string_view text, TextMarks& marks, const MarksWanted& wanted = {});
// The same, slower, on a processor that has no more than all of its kind.
void scan_text_portably(std::string_view text, TextMarks& marks, const MarksWanted& wanted = {});
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
