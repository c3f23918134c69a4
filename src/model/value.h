#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace freshet {

// What one cell holds. Exact for every MySQL type: no decimal passes through a double, and a cell
// that is absent from a row image is neither null nor a default.
enum class ValueKind : std::uint8_t {
  absent = 0,  // not in the row image (binlog_row_image MINIMAL or NOBLOB)
  null = 1,
  int64 = 2,   // TINYINT..BIGINT, YEAR (0 or 1901..2155)
  uint64 = 3,  // the unsigned ones, and BIT(n)
  float32 = 4,
  float64 = 5,
  decimal = 6,     // text: canonical digits with exactly the column's scale, e.g. "-12.50"
  date = 7,        // integer: year << 9 | month << 5 | day; any part may be 0
  time = 8,        // integer: signed microseconds, |t| < 839 h
  datetime = 9,    // integer: pack_datetime(); no time zone; any part may be 0
  timestamp = 10,  // integer: microseconds since 1970-01-01 UTC; kZeroTimestamp for 0000-00-00
  text = 11,       // text: valid UTF-8. CHAR..LONGTEXT, ENUM label, SET "a,b", UUID, INET
  bytes = 12,  // text: raw bytes. BINARY..LONGBLOB, GEOMETRY (SRID u32 + WKB), VECTOR (float32 LE)
  json = 13,   // text: a JSON document as the server prints it
};

inline constexpr std::int64_t kZeroTimestamp = INT64_MIN;

// One decoded cell. A view: text points into the block that it was read from.
struct Value {
  ValueKind kind = ValueKind::absent;
  union {
    std::int64_t integer = 0;
    std::uint64_t natural;
    double real;   // float64
    float real32;  // float32
  };
  std::string_view text;

  static Value absent() noexcept { return {}; }
  static Value null() noexcept { return of(ValueKind::null); }
  static Value of(ValueKind kind) noexcept {
    Value v;
    v.kind = kind;
    return v;
  }
  static Value of(ValueKind kind, std::string_view text) noexcept {
    Value v;
    v.kind = kind;
    v.text = text;
    return v;
  }
  static Value of_int(std::int64_t i, ValueKind kind = ValueKind::int64) noexcept {
    Value v;
    v.kind = kind;
    v.integer = i;
    return v;
  }
  static Value of_uint(std::uint64_t u) noexcept {
    Value v;
    v.kind = ValueKind::uint64;
    v.natural = u;
    return v;
  }
  static Value of_float(float f) noexcept {
    Value v;
    v.kind = ValueKind::float32;
    v.real32 = f;
    return v;
  }
  static Value of_double(double d) noexcept {
    Value v;
    v.kind = ValueKind::float64;
    v.real = d;
    return v;
  }

  [[nodiscard]] bool is_null() const noexcept { return kind == ValueKind::null; }
  [[nodiscard]] bool is_absent() const noexcept { return kind == ValueKind::absent; }
  [[nodiscard]] bool is_text() const noexcept {
    return kind == ValueKind::text || kind == ValueKind::json;
  }
};

// Equal kind and equal content; floats compare by bit pattern.
[[nodiscard]] bool operator==(const Value& a, const Value& b) noexcept;

// Calendar parts as MySQL stores them: any part may be zero, the whole need not be a real day.
struct CivilTime {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int micros = 0;
  friend bool operator==(const CivilTime&, const CivilTime&) = default;
};

[[nodiscard]] std::int64_t pack_date(int year, int month, int day) noexcept;
[[nodiscard]] CivilTime unpack_date(std::int64_t packed) noexcept;
// ((year * 13 + month) << 5 | day) << 17 | hour << 12 | minute << 6 | second, then << 24 | micros.
[[nodiscard]] std::int64_t pack_datetime(const CivilTime& t) noexcept;
[[nodiscard]] CivilTime unpack_datetime(std::int64_t packed) noexcept;

// A day that exists (proleptic Gregorian, year 1..9999).
[[nodiscard]] bool is_real_day(const CivilTime& t) noexcept;
// Days since 1970-01-01; requires is_real_day().
[[nodiscard]] std::int64_t days_since_epoch(const CivilTime& t) noexcept;
// Microseconds since 1970-01-01 00:00:00, no time zone; requires is_real_day().
[[nodiscard]] std::int64_t micros_since_epoch(const CivilTime& t) noexcept;
[[nodiscard]] CivilTime civil_from_micros(std::int64_t micros) noexcept;

// MySQL's text: "2026-11-22", "-838:59:59.000001", "2026-11-22 17:19:06.12"; `fsp` fraction digits
// (0..6).
[[nodiscard]] std::string format_date(std::int64_t packed);
[[nodiscard]] std::string format_time(std::int64_t micros, int fsp);
[[nodiscard]] std::string format_datetime(std::int64_t packed, int fsp);
[[nodiscard]] std::string format_timestamp(std::int64_t micros, int fsp);

// Row image: the cells of a table's columns, in column order, each a kind byte and its payload:
// integers zigzag or varint; date varint; datetime, timestamp 8 bytes LE; floats 4 or 8 bytes; the
// textual kinds varint length + bytes. This is the form of the stream's blocks, so a row is
// encoded once, where the source decodes it.
void put_value(Bytes& out, const Value& value);
// Throws Error{corrupt} on an unknown kind or a short block. Views point into the reader's block.
[[nodiscard]] Value read_value(ByteReader& in);

}  // namespace freshet
