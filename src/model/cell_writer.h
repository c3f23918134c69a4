#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "model/value.h"

namespace freshet {

// Writes cells in the form of put_value() at the end of a byte string, without a capacity check
// per byte. While a writer is open only it may touch the string, whose length means nothing until
// finish().
class CellWriter {
 public:
  explicit CellWriter(Bytes& out) noexcept : out_(out), at_(out.data() + out.size()), limit_(at_) {}
  ~CellWriter() { finish(); }
  CellWriter(const CellWriter&) = delete;
  CellWriter& operator=(const CellWriter&) = delete;

  // Sets the string's length to what was written. More may be written afterwards.
  void finish() {
    out_.resize(offset());
    limit_ = at_;
  }

  void put_kind(ValueKind kind) {
    char* at = room(1);
    *at++ = static_cast<char>(kind);
    at_ = at;
  }
  void put_varint(ValueKind kind, std::uint64_t value) {
    char* at = room(kMaxHead);
    *at++ = static_cast<char>(kind);
    at_ = write_varint(at, value);
  }
  void put_zigzag(ValueKind kind, std::int64_t value) {
    put_varint(kind,
               static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  template <typename T>
  void put_fixed(ValueKind kind, T value) {
    char* at = room(1 + sizeof value);
    *at++ = static_cast<char>(kind);
    std::memcpy(at, &value, sizeof value);
    at_ = at + sizeof value;
  }
  void put_text(ValueKind kind, std::string_view text) {
    char* at = write_head(kind, text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());  // an empty view may be null
    at_ = at + text.size();
  }
  // The same if the text is ASCII; else false, and nothing is written. `readable`: how many bytes
  // may be read from the text's start on, beyond its end too: short texts are then copied whole.
  [[nodiscard]] bool put_ascii(ValueKind kind, std::string_view text, std::size_t readable) {
    char* at = write_head(kind, text.size(), kShort);
    const bool is_short = text.size() <= kShort && readable >= kShort;
    if (!(is_short ? copy_short(at, text) : copy_long(at, text))) return false;
    at_ = at + text.size();
    return true;
  }

  // What is no cell: bytes as they are.
  void put_raw(std::string_view bytes) {
    char* at = room(bytes.size());
    std::memcpy(at, bytes.data(), bytes.size());
    at_ = at + bytes.size();
  }
  // Where the next cell begins in the string.
  [[nodiscard]] std::size_t offset() const noexcept {
    return static_cast<std::size_t>(at_ - out_.data());
  }
  // A cell that stands earlier in the string, once more.
  void put_copy(std::size_t from, std::size_t size) {
    char* at = room(size);
    std::memcpy(at, out_.data() + from, size);
    at_ = at + size;
  }
  // Overwrites bytes that stand earlier in the string.
  template <typename T>
  void patch(std::size_t at, T value) noexcept {
    std::memcpy(out_.data() + at, &value, sizeof value);
  }
  // Takes back what was written from `offset` on.
  void cut(std::size_t offset) noexcept { at_ = out_.data() + offset; }

 private:
  static constexpr std::size_t kMaxHead = 11;  // kind and ten bytes of a varint
  static constexpr std::size_t kShort = 16;

  char* room(std::size_t n) {
    if (static_cast<std::size_t>(limit_ - at_) < n) [[unlikely]]
      grow(n);
    return at_;
  }
  void grow(std::size_t n);
  char* write_head(ValueKind kind, std::size_t size, std::size_t spare = 0) {
    char* at = room(kMaxHead + size + spare);
    *at++ = static_cast<char>(kind);
    return write_varint(at, size);
  }

  // Seven bits a byte, as put_varint() of base/bytes.h, without a branch for each.
  static char* write_varint(char* at, std::uint64_t value) noexcept {
    if (value < 0x80) {
      *at = static_cast<char>(value);
      return at + 1;
    }
    constexpr std::uint64_t kEightBytes = std::uint64_t{1} << 56;
    if (value >= kEightBytes) [[unlikely]]
      return write_long_varint(at, value);
    std::uint64_t x = (value & 0x0fff'ffff) | (value & 0x00ff'ffff'f000'0000) << 4;
    x = (x & 0x0000'3fff'0000'3fff) | (x & 0x0fff'c000'0fff'c000) << 2;
    x = (x & 0x007f'007f'007f'007f) | (x & 0x3f80'3f80'3f80'3f80) << 1;
    const int more = (std::bit_width(value) - 1) / 7;  // bytes before the last one
    x |= 0x8080'8080'8080'8080 & ((std::uint64_t{1} << 8 * more) - 1);
    std::memcpy(at, &x, sizeof x);
    return at + more + 1;
  }
  static char* write_long_varint(char* at, std::uint64_t value) noexcept {
    while (value >= 0x80) {
      *at++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at++ = static_cast<char>(value);
    return at;
  }

  // Both copy a text and tell whether it is ASCII. The short one copies kShort bytes.
  static bool copy_short(char* to, std::string_view text) noexcept {
    static constexpr std::uint64_t kHigh = 0x8080'8080'8080'8080;
    std::uint64_t words[2];
    std::memcpy(words, text.data(), sizeof words);
    std::memcpy(to, words, sizeof words);
    // The high bits of the text's own bytes.
    static constexpr std::uint64_t kOwn[] = {kHigh, kHigh, 0, 0};
    std::uint64_t own[2];
    std::memcpy(own, reinterpret_cast<const char*>(kOwn) + kShort - text.size(), sizeof own);
    return ((words[0] & own[0]) | (words[1] & own[1])) == 0;
  }
  static bool copy_long(char* to, std::string_view text) noexcept {
    const char* from = text.data();
    const std::size_t size = text.size();
    std::uint64_t all = 0;
    const auto copy = [&]<typename Word>(std::size_t at, Word word) {
      std::memcpy(&word, from + at, sizeof word);
      std::memcpy(to + at, &word, sizeof word);
      all |= word;
    };
    // The last word may overlap the one before it.
    if (size >= 8) {
      for (std::size_t i = 0; i + 8 < size; i += 8) copy(i, std::uint64_t{});
      copy(size - 8, std::uint64_t{});
    } else {
      for (std::size_t i = 0; i < size; ++i) copy(i, std::uint8_t{});
    }
    return (all & 0x8080'8080'8080'8080) == 0;
  }

  Bytes& out_;
  char* at_;
  char* limit_;
};

}  // namespace freshet
