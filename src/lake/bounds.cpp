#include "lake/bounds.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <vector>

#include "base/bytes.h"

namespace freshet {
namespace {

using Bound = std::optional<std::string>;
__extension__ using Int128 = __int128;

constexpr std::size_t kCut = 16;  // the reference implementation's default: truncate(16)

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <typename T>
std::string little_endian(T value) {
  Bytes out;
  put_fixed(out, value);
  return out;
}

template <typename T>
Bound integer_bound(std::string_view text) {
  const auto value = parse_number<T>(text);
  return value ? Bound(little_endian(*value)) : std::nullopt;
}

// -0.0 orders below +0.0, but statistics do not tell them apart: a zero takes the safe sign.
template <typename T>
Bound float_bound(std::string_view text, BoundSide side) {
  auto value = parse_number<T>(text);
  if (!value || std::isnan(*value)) return std::nullopt;
  if (*value == 0) *value = side == BoundSide::lower ? -T{0} : T{0};
  return little_endian(*value);
}

Bound boolean_bound(std::string_view text) {
  if (text == "0" || text == "false") return std::string(1, '\0');
  if (text == "1" || text == "true") return std::string(1, '\1');
  return std::nullopt;
}

// Two's complement, big-endian, as few bytes as hold the sign.
std::string minimal_big_endian(Int128 value) {
  std::size_t size = 1;
  while (size < sizeof(Int128) && value >> (8 * size - 1) != value >> 127) ++size;
  std::string out;
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return out;
}

Bound decimal_bound(const LakeColumn& column, std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : "";
  if (fraction.size() > column.scale) return std::nullopt;
  digits.append(fraction).append(column.scale - fraction.size(), '0');
  if (digits.empty() || digits.size() > 38 + 1) return std::nullopt;
  Int128 value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    if (value > (~(Int128{1} << 127) - 9) / 10) return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return minimal_big_endian(negative ? -value : value);
}

template <typename T>
std::optional<T> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  const auto value = parse_number<T>(text.substr(0, width));
  if (value) text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "2026-11-22" at the front of the text.
std::optional<std::int32_t> take_date(std::string_view& text) {
  const auto year = take_number<unsigned>(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number<unsigned>(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number<unsigned>(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day));
  if (!date.ok() || *year == 0) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// "17:19:06", "17:19:06.12" at the front of the text, in microseconds of the day.
std::optional<std::int64_t> take_time(std::string_view& text) {
  const auto hour = take_number<unsigned>(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number<unsigned>(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number<unsigned>(text, 2);
  if (!second) return std::nullopt;
  std::int64_t micros = 0;
  if (take(text, '.')) {
    std::int64_t unit = 100'000;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9' && unit > 0; unit /= 10) {
      micros += unit * (text[0] - '0');
      text.remove_prefix(1);
    }
  }
  return ((*hour * 60LL + *minute) * 60 + *second) * 1'000'000 + micros;
}

Bound date_bound(std::string_view text) {
  const auto day = take_date(text);
  return day && text.empty() ? Bound(little_endian(*day)) : std::nullopt;
}

Bound timestamp_bound(std::string_view text) {
  const auto day = take_date(text);
  if (!day || !take(text, ' ')) return std::nullopt;
  const auto time = take_time(text);
  if (!time || !(text.empty() || text == "+00")) return std::nullopt;
  return little_endian(*day * 86'400'000'000LL + *time);
}

// Code points of UTF-8 text, at most kCut + 1; nothing if it is not UTF-8.
std::optional<std::vector<char32_t>> first_code_points(std::string_view text) {
  std::vector<char32_t> points;
  for (std::size_t at = 0; at < text.size() && points.size() <= kCut;) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || at + size > text.size())
      return std::nullopt;
    char32_t point = size == 1 ? lead : lead & (0x7f >> size);
    for (std::size_t i = 1; i < size; ++i)
      point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
    points.push_back(point);
    at += size;
  }
  return points;
}

void put_code_point(std::string& out, char32_t point) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xe0 | point >> 12);
    } else {
      put(0xf0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3f));
    }
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

// Raises the last element that can be raised and drops what follows it; false if none can.
template <typename Sequence, typename Element>
bool raise_last(Sequence& sequence, Element highest) {
  while (!sequence.empty() && static_cast<Element>(sequence.back()) == highest) sequence.pop_back();
  if (sequence.empty()) return false;
  ++sequence.back();
  return true;
}

Bound string_bound(std::string_view text, BoundSide side) {
  auto points = first_code_points(text);
  if (!points) return std::nullopt;
  if (points->size() <= kCut) return std::string(text);
  points->resize(kCut);
  if (side == BoundSide::upper) {
    if (!raise_last(*points, char32_t{0x10ffff})) return std::nullopt;
    if (points->back() == 0xd800) points->back() = 0xe000;  // surrogates are no characters
  }
  std::string out;
  for (const char32_t point : *points) put_code_point(out, point);
  return out;
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(&digits[i], &digits[i] + 2, byte, 16);
    if (error != std::errc() || end != &digits[i] + 2) return std::nullopt;
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

Bound binary_bound(std::string_view text, BoundSide side) {
  auto raw = from_hex(text);
  if (!raw || raw->size() <= kCut) return raw;
  raw->resize(kCut);
  if (side == BoundSide::upper && !raise_last(*raw, static_cast<unsigned char>(0xff)))
    return std::nullopt;
  return raw;
}

}  // namespace

std::optional<std::string> bound_of(const LakeColumn& column, std::string_view text,
                                    BoundSide side) {
  switch (column.type) {
    case LakeType::boolean: return boolean_bound(text);
    case LakeType::int32: return integer_bound<std::int32_t>(text);
    case LakeType::int64: return integer_bound<std::int64_t>(text);
    case LakeType::float32: return float_bound<float>(text, side);
    case LakeType::float64: return float_bound<double>(text, side);
    case LakeType::decimal: return decimal_bound(column, text);
    case LakeType::date: return date_bound(text);
    case LakeType::timestamp:
    case LakeType::timestamptz: return timestamp_bound(text);
    case LakeType::string: return string_bound(text, side);
    case LakeType::binary: return binary_bound(text, side);
  }
  return std::nullopt;
}

std::string int32_bound(std::int32_t value) { return little_endian(value); }
std::string int64_bound(std::int64_t value) { return little_endian(value); }

}  // namespace freshet
