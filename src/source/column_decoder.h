#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "source/charset.h"
#include "source/table_map.h"

namespace freshet {

// Writes cells in the form of put_value() (model/value.h) at the end of a byte string, without a
// capacity check per byte. While a sink is open only it may touch the string, whose length means
// nothing until finish().
class CellSink {
 public:
  explicit CellSink(Bytes& out) noexcept : out_(out), at_(out.data() + out.size()), limit_(at_) {}
  ~CellSink() { finish(); }
  CellSink(const CellSink&) = delete;
  CellSink& operator=(const CellSink&) = delete;

  // Sets the string's length to what was written. More may be written afterwards.
  void finish() {
    out_.resize(static_cast<std::size_t>(at_ - out_.data()));
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
  // As put_text; the text becomes valid UTF-8.
  void put_converted(ValueKind kind, std::string_view text, const Charset& charset) {
    char* at = write_head(kind, text.size());
    if (charset.ascii_based() && copy_ascii(at, text)) [[likely]] {
      at_ = at + text.size();
      return;
    }
    put_foreign(kind, text, charset);
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

  // For texts that are made piece by piece: empty, and the thread's own.
  [[nodiscard]] static Bytes& scratch() noexcept;

 private:
  static constexpr std::size_t kMaxHead = 11;  // kind and ten bytes of a varint

  // Copies a text and tells whether it is ASCII, in words: texts are mostly short.
  static bool copy_ascii(char* to, std::string_view text) noexcept {
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
    } else if (size >= 4) {
      copy(0, std::uint32_t{});
      copy(size - 4, std::uint32_t{});
    } else {
      for (std::size_t i = 0; i < size; ++i) copy(i, std::uint8_t{});
    }
    return (all & 0x8080'8080'8080'8080) == 0;
  }
  void put_foreign(ValueKind kind, std::string_view text, const Charset& charset);

  char* room(std::size_t n) {
    if (static_cast<std::size_t>(limit_ - at_) < n) [[unlikely]]
      grow(n);
    return at_;
  }
  void grow(std::size_t n);
  static char* write_varint(char* at, std::uint64_t value) noexcept {
    while (value >= 0x80) {
      *at++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at++ = static_cast<char>(value);
    return at;
  }
  char* write_head(ValueKind kind, std::size_t size) {
    char* at = room(kMaxHead + size);
    *at++ = static_cast<char>(kind);
    return write_varint(at, size);
  }

  Bytes& out_;
  char* at_;
  char* limit_;
};

struct CellPlan;
using DecodeCell = void (*)(ByteReader& in, const CellPlan& plan, CellSink& out);

// How a column's values are read: made once per table map, used for every row.
struct CellPlan {
  DecodeCell decode = nullptr;
  bool prefixed = false;               // the value begins with its length
  bool binary_json = false;            // an update may tell its changes alone
  std::uint32_t width = 0;             // bytes of the value, or of its length
  std::uint32_t length = 0;            // BINARY, UUID, INET: bytes to pad to; DECIMAL: precision
  std::uint8_t scale = 0;              // DECIMAL: scale; times: fraction digits
  ValueKind kind = ValueKind::absent;  // of texts
  const Charset* charset = nullptr;    // of texts
  const std::vector<std::string>* labels = nullptr;  // belongs to the schema
};

// The plan for a column that the log describes as `mapped` and whose schema is `column`, which must
// outlive the plan. `charset` is that of its text, nullptr where it has none.
[[nodiscard]] CellPlan plan_cell(const MappedColumn& mapped, const Column& column,
                                 const Charset* charset);

// Only the sizes: enough to step over a row. Old MariaDB time types, whose width the log does not
// tell, need the schema's fraction digits.
[[nodiscard]] CellPlan plan_width(const MappedColumn& mapped, std::uint8_t scale);

// The length in front of a value. A copy of varying size would cost more than all else in a text.
inline std::size_t read_length(ByteReader& in, std::uint32_t width) {
  switch (width) {
    case 1: return in.u8();
    case 2: return in.fixed<std::uint16_t>();
    case 4: return in.fixed<std::uint32_t>();
    default: return in.le(width);
  }
}

inline void skip_cell(ByteReader& in, const CellPlan& plan) {
  in.skip(plan.prefixed ? read_length(in, plan.width) : plan.width);
}

}  // namespace freshet
