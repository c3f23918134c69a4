#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace freshet {

// A fixed set of words, made to say no fast: most words fail on their first byte and length.
class WordSet {
 public:
  static constexpr std::size_t kMost = 128;    // words
  static constexpr std::size_t kLongest = 31;  // bytes

  // Words separated by spaces. Does not compile beyond the bounds.
  consteval explicit WordSet(std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      if (end > 0) words_.at(size_++) = words.substr(0, end);
      if (end > kLongest) throw std::length_error("a word is too long");
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    std::sort(words_.begin(), words_.begin() + size_,
              [](std::string_view a, std::string_view b) { return first(a) < first(b); });
    for (std::size_t i = size_; i-- > 0;) {
      lengths_[first(words_[i])] |= 1u << words_[i].size();
      begins_[first(words_[i])] = static_cast<std::uint8_t>(i);
    }
  }

  template <typename Use>
  constexpr void for_each(const Use& use) const {
    for (std::size_t i = 0; i < size_; ++i) use(words_[i]);
  }

  // True if a word begins with the byte.
  [[nodiscard]] constexpr bool has_first(char c) const noexcept {
    return lengths_[static_cast<unsigned char>(c)] != 0;
  }

  [[nodiscard]] constexpr bool contains(std::string_view word) const noexcept {
    if (word.empty() || word.size() > kLongest || !(lengths_[first(word)] >> word.size() & 1))
      return false;
    for (std::size_t i = begins_[first(word)]; i < size_ && words_[i][0] == word[0]; ++i)
      if (words_[i] == word) return true;
    return false;
  }

 private:
  static constexpr std::size_t first(std::string_view word) noexcept {
    return static_cast<unsigned char>(word[0]);
  }

  std::array<std::string_view, kMost> words_{};
  std::size_t size_ = 0;
  std::array<std::uint32_t, 256> lengths_{};  // by first byte
  std::array<std::uint8_t, 256> begins_{};    // in words_
};

}  // namespace freshet
