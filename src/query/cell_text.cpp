#include "query/cell_text.h"

#include <cmath>
#include <cstdint>

#include "lake/decimal_text.h"

namespace freshet {

namespace {

__extension__ using UInt128 = unsigned __int128;

template <typename T>
T at(const void* data, idx_t row) noexcept {
  return static_cast<const T*>(data)[row];
}

void put_unsigned(std::string& out, UInt128 value) {
  char digits[40];
  char* end = digits + sizeof digits;
  char* begin = end;
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  out.append(begin, end);
}

Int128 decimal_at(const CellFormat& format, const void* data, idx_t row) noexcept {
  switch (format.stored) {
    case DUCKDB_TYPE_SMALLINT: return at<std::int16_t>(data, row);
    case DUCKDB_TYPE_INTEGER: return at<std::int32_t>(data, row);
    case DUCKDB_TYPE_BIGINT: return at<std::int64_t>(data, row);
    default: return at<Int128>(data, row);
  }
}

template <typename T>
CellKind put_real(std::string& out, T value) {
  if (std::isnan(value)) {
    out += "NaN";
    return CellKind::text;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return CellKind::text;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
  return CellKind::number;
}

// fmt and std print years as they are; DuckDB's infinities and years before 1 are not calendar
// days of ours, so those are named as DuckDB names them.
void put_date(std::string& out, std::int32_t days) {
  if (!duckdb_is_finite_date({days})) {
    out += days < 0 ? "-infinity" : "infinity";
    return;
  }
  const duckdb_date_struct date = duckdb_from_date({days});
  const bool before_christ = date.year <= 0;
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}{}",
                 before_christ ? 1 - date.year : date.year, date.month, date.day,
                 before_christ ? " (BC)" : "");
}

void put_time(std::string& out, std::int64_t micros) {
  const duckdb_time_struct time = duckdb_from_time({micros});
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", time.hour, time.min, time.sec);
  if (time.micros == 0) return;
  std::string fraction = fmt::format(".{:06}", time.micros);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  out += fraction;
}

void put_timestamp(std::string& out, std::int64_t micros, std::string_view zone) {
  if (!duckdb_is_finite_timestamp({micros})) {
    out += micros < 0 ? "-infinity" : "infinity";
    return;
  }
  constexpr std::int64_t kDay = 86'400'000'000;
  std::int64_t day = micros / kDay;
  std::int64_t in_day = micros % kDay;
  if (in_day < 0) {
    in_day += kDay;
    --day;
  }
  put_date(out, static_cast<std::int32_t>(day));
  out.push_back(' ');
  put_time(out, in_day);
  out += zone;
}

void put_hex(std::string& out, std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += "0x";
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
}

CellKind put_integer(std::string& out, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), "{}", value);
  return CellKind::number;
}

}  // namespace

CellFormat::CellFormat(duckdb_logical_type logical) : type(duckdb_get_type_id(logical)) {
  if (type == DUCKDB_TYPE_DECIMAL) {
    stored = duckdb_decimal_internal_type(logical);
    width = duckdb_decimal_width(logical);
    scale = duckdb_decimal_scale(logical);
  }
}

bool CellFormat::is_plain() const noexcept {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return true;
    default: return is_numeric();
  }
}

bool CellFormat::is_nested() const noexcept {
  switch (type) {
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_UNION: return true;
    default: return false;
  }
}

bool CellFormat::is_numeric() const noexcept {
  switch (type) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL: return true;
    default: return false;
  }
}

CellKind put_cell(std::string& out, const CellFormat& format, const void* data, idx_t row) {
  switch (format.type) {
    case DUCKDB_TYPE_BOOLEAN:
      out += at<bool>(data, row) ? "true" : "false";
      return CellKind::boolean;
    case DUCKDB_TYPE_TINYINT: return put_integer(out, at<std::int8_t>(data, row));
    case DUCKDB_TYPE_SMALLINT: return put_integer(out, at<std::int16_t>(data, row));
    case DUCKDB_TYPE_INTEGER: return put_integer(out, at<std::int32_t>(data, row));
    case DUCKDB_TYPE_BIGINT: return put_integer(out, at<std::int64_t>(data, row));
    case DUCKDB_TYPE_UTINYINT: return put_integer(out, at<std::uint8_t>(data, row));
    case DUCKDB_TYPE_USMALLINT: return put_integer(out, at<std::uint16_t>(data, row));
    case DUCKDB_TYPE_UINTEGER: return put_integer(out, at<std::uint32_t>(data, row));
    case DUCKDB_TYPE_UBIGINT: put_unsigned(out, at<std::uint64_t>(data, row)); break;
    case DUCKDB_TYPE_UHUGEINT: put_unsigned(out, at<UInt128>(data, row)); break;
    case DUCKDB_TYPE_HUGEINT: put_decimal(out, at<Int128>(data, row), 0); break;
    case DUCKDB_TYPE_DECIMAL: put_decimal(out, decimal_at(format, data, row), format.scale); break;
    case DUCKDB_TYPE_FLOAT: return put_real(out, at<float>(data, row));
    case DUCKDB_TYPE_DOUBLE: return put_real(out, at<double>(data, row));
    case DUCKDB_TYPE_DATE: put_date(out, at<std::int32_t>(data, row)); return CellKind::text;
    case DUCKDB_TYPE_TIME: put_time(out, at<std::int64_t>(data, row)); return CellKind::text;
    case DUCKDB_TYPE_TIMESTAMP:
      put_timestamp(out, at<std::int64_t>(data, row), "");
      return CellKind::text;
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      put_timestamp(out, at<std::int64_t>(data, row), "+00");
      return CellKind::text;
    case DUCKDB_TYPE_BLOB:
      put_hex(out, text_at(static_cast<const duckdb_string_t*>(data)[row]));
      return CellKind::text;
    default: out += text_at(static_cast<const duckdb_string_t*>(data)[row]); return CellKind::text;
  }
  return CellKind::number;
}

}  // namespace freshet
