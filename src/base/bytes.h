#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/error.h"

namespace freshet {

// An owned, growing run of bytes. std::string, so that it meets RocksDB and sockets without a copy.
using Bytes = std::string;

static_assert(std::endian::native == std::endian::little,
              "decoders read little-endian words in place");

// Reads a bounded block of bytes front to back. It cannot leave the block: a read past the end
// throws Error{corrupt}, so no decoder needs length checks of its own. Does not own the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] std::size_t offset() const noexcept {
    return static_cast<std::size_t>(at_ - begin_);
  }
  [[nodiscard]] bool empty() const noexcept { return at_ == end_; }

  // The next n bytes; the view lives as long as the block.
  std::string_view take(std::size_t n) {
    need(n);
    std::string_view view(at_, n);
    at_ += n;
    return view;
  }
  std::string_view rest() { return take(left()); }
  void skip(std::size_t n) {
    need(n);
    at_ += n;
  }

  // The next byte, without taking it.
  [[nodiscard]] std::uint8_t peek() const {
    need(1);
    return static_cast<std::uint8_t>(*at_);
  }
  std::uint8_t u8() {
    need(1);
    return static_cast<std::uint8_t>(*at_++);
  }

  // A little-endian word of n bytes, n <= 8.
  std::uint64_t le(std::size_t n) {
    need(n);
    std::uint64_t word = 0;
    if (left() >= sizeof word && n > 0) [[likely]] {
      std::memcpy(&word, at_, sizeof word);  // in one piece; what is too much of it goes
      word = word << unused(n) >> unused(n);
    } else {
      std::memcpy(&word, at_, n);
    }
    at_ += n;
    return word;
  }
  // A big-endian word of n bytes, n <= 8.
  std::uint64_t be(std::size_t n) {
    need(n);
    std::uint64_t word = 0;
    if (left() >= sizeof word && n > 0) [[likely]] {
      std::memcpy(&word, at_, sizeof word);
      word = __builtin_bswap64(word) >> unused(n);
    } else {
      for (std::size_t i = 0; i < n; ++i) word = word << 8 | static_cast<std::uint8_t>(at_[i]);
    }
    at_ += n;
    return word;
  }
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  T fixed() {
    need(sizeof(T));
    T value;
    std::memcpy(&value, at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }

  // LEB128, at most ten bytes.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail(ErrorKind::corrupt, "a variable-length integer is longer than ten bytes");
  }
  std::int64_t zigzag() {
    const std::uint64_t raw = varint();
    return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
  }
  // varint length, then that many bytes.
  std::string_view text() { return take(varint()); }

 private:
  // Bits of a word that n bytes leave.
  static constexpr int unused(std::size_t n) noexcept { return 64 - 8 * static_cast<int>(n); }

  void need(std::size_t n) const {
    if (n > left()) [[unlikely]]
      fail(ErrorKind::corrupt, "a block ends at byte {} where {} more bytes were expected",
           end_ - begin_, n - left());
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

// The writing side of ByteReader. Appends; every function is the inverse of its namesake above.
inline void put_u8(Bytes& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }

template <typename T>
  requires std::is_trivially_copyable_v<T>
void put_fixed(Bytes& out, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  out.append(raw, sizeof(T));
}

inline void put_be(Bytes& out, std::uint64_t value, std::size_t n) {
  for (std::size_t i = n; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

inline void put_varint(Bytes& out, std::uint64_t value) {
  char raw[10];
  std::size_t n = 0;
  while (value >= 0x80) {
    raw[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  raw[n++] = static_cast<char>(value);
  out.append(raw, n);
}

inline void put_zigzag(Bytes& out, std::int64_t value) {
  put_varint(out,
             (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

inline void put_text(Bytes& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

}  // namespace freshet
