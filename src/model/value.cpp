#include "model/value.h"

#include <fmt/format.h>

namespace freshet {

namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr int kSecondFraction = 24;  // bits below the seconds of a packed datetime

bool is_leap(int year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(int year, int month) noexcept {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
CivilTime civil_from_days(std::int64_t days) noexcept {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  CivilTime t;
  t.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  t.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  t.year =
      static_cast<int>(static_cast<std::int64_t>(year_of_era) + era * 400) + (t.month <= 2 ? 1 : 0);
  return t;
}

std::string fraction_text(int micros, int fsp) {
  if (fsp <= 0) return {};
  return "." + fmt::format("{:06}", micros).substr(0, static_cast<std::size_t>(fsp));
}

}  // namespace

bool operator==(const Value& a, const Value& b) noexcept {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ValueKind::absent:
    case ValueKind::null: return true;
    case ValueKind::float32:
      return std::bit_cast<std::uint32_t>(a.real32) == std::bit_cast<std::uint32_t>(b.real32);
    case ValueKind::decimal:
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::json: return a.text == b.text;
    default: return a.natural == b.natural;
  }
}

std::int64_t pack_date(int year, int month, int day) noexcept {
  return static_cast<std::int64_t>(year) << 9 | month << 5 | day;
}

CivilTime unpack_date(std::int64_t packed) noexcept {
  CivilTime t;
  t.year = static_cast<int>(packed >> 9);
  t.month = static_cast<int>(packed >> 5 & 15);
  t.day = static_cast<int>(packed & 31);
  return t;
}

std::int64_t pack_datetime(const CivilTime& t) noexcept {
  const std::int64_t days = static_cast<std::int64_t>(t.year * 13 + t.month) << 5 | t.day;
  const std::int64_t seconds = days << 17 | t.hour << 12 | t.minute << 6 | t.second;
  return seconds << kSecondFraction | t.micros;
}

CivilTime unpack_datetime(std::int64_t packed) noexcept {
  CivilTime t;
  t.micros = static_cast<int>(packed & ((1 << kSecondFraction) - 1));
  const std::int64_t seconds = packed >> kSecondFraction;
  t.second = static_cast<int>(seconds & 63);
  t.minute = static_cast<int>(seconds >> 6 & 63);
  t.hour = static_cast<int>(seconds >> 12 & 31);
  const std::int64_t days = seconds >> 17;
  t.day = static_cast<int>(days & 31);
  const std::int64_t months = days >> 5;
  t.month = static_cast<int>(months % 13);
  t.year = static_cast<int>(months / 13);
  return t;
}

bool is_real_day(const CivilTime& t) noexcept {
  return t.year >= 1 && t.year <= 9999 && t.month >= 1 && t.month <= 12 && t.day >= 1 &&
         t.day <= days_in_month(t.year, t.month);
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
std::int64_t days_since_epoch(const CivilTime& t) noexcept {
  const std::int64_t year = t.year - (t.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const auto month = static_cast<unsigned>(t.month);
  const unsigned day_of_year =
      (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + static_cast<unsigned>(t.day) - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

std::int64_t micros_since_epoch(const CivilTime& t) noexcept {
  const std::int64_t seconds = t.hour * 3600 + t.minute * 60 + t.second;
  return days_since_epoch(t) * kMicrosPerDay + seconds * kMicrosPerSecond + t.micros;
}

CivilTime civil_from_micros(std::int64_t micros) noexcept {
  std::int64_t days = micros / kMicrosPerDay;
  std::int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  CivilTime t = civil_from_days(days);
  t.micros = static_cast<int>(rest % kMicrosPerSecond);
  const auto seconds = static_cast<int>(rest / kMicrosPerSecond);
  t.hour = seconds / 3600;
  t.minute = seconds / 60 % 60;
  t.second = seconds % 60;
  return t;
}

std::string format_date(std::int64_t packed) {
  const CivilTime t = unpack_date(packed);
  return fmt::format("{:04}-{:02}-{:02}", t.year, t.month, t.day);
}

std::string format_time(std::int64_t micros, int fsp) {
  const bool negative = micros < 0;
  const std::uint64_t all =
      negative ? 0 - static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  const std::uint64_t seconds = all / kMicrosPerSecond;
  return fmt::format("{}{:02}:{:02}:{:02}{}", negative ? "-" : "", seconds / 3600,
                     seconds / 60 % 60, seconds % 60,
                     fraction_text(static_cast<int>(all % kMicrosPerSecond), fsp));
}

std::string format_datetime(std::int64_t packed, int fsp) {
  const CivilTime t = unpack_datetime(packed);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}{}", t.year, t.month, t.day, t.hour,
                     t.minute, t.second, fraction_text(t.micros, fsp));
}

std::string format_timestamp(std::int64_t micros, int fsp) {
  if (micros == kZeroTimestamp) return format_datetime(0, fsp);
  return format_datetime(pack_datetime(civil_from_micros(micros)), fsp);
}

void put_value(Bytes& out, const Value& value) {
  put_u8(out, static_cast<std::uint8_t>(value.kind));
  switch (value.kind) {
    case ValueKind::absent:
    case ValueKind::null: return;
    case ValueKind::int64:
    case ValueKind::time: put_zigzag(out, value.integer); return;
    case ValueKind::uint64:
    case ValueKind::date: put_varint(out, value.natural); return;
    case ValueKind::float32: put_fixed(out, value.real32); return;
    case ValueKind::float64: put_fixed(out, value.real); return;
    case ValueKind::datetime:
    case ValueKind::timestamp: put_fixed(out, value.integer); return;
    case ValueKind::decimal:
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::json: put_text(out, value.text); return;
  }
  fail(ErrorKind::internal, "a cell of unknown kind {} cannot be encoded",
       static_cast<int>(value.kind));
}

Value read_value(ByteReader& in) {
  const auto kind = static_cast<ValueKind>(in.u8());
  switch (kind) {
    case ValueKind::absent:
    case ValueKind::null: return Value::of(kind);
    case ValueKind::int64:
    case ValueKind::time: return Value::of_int(in.zigzag(), kind);
    case ValueKind::uint64: return Value::of_uint(in.varint());
    case ValueKind::date: return Value::of_int(static_cast<std::int64_t>(in.varint()), kind);
    case ValueKind::float32: return Value::of_float(in.fixed<float>());
    case ValueKind::float64: return Value::of_double(in.fixed<double>());
    case ValueKind::datetime:
    case ValueKind::timestamp: return Value::of_int(in.fixed<std::int64_t>(), kind);
    case ValueKind::decimal:
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::json: return Value::of(kind, in.text());
  }
  fail(ErrorKind::corrupt, "a row image has a cell of unknown kind {} at byte {}",
       static_cast<int>(kind), in.offset() - 1);
}

}  // namespace freshet
