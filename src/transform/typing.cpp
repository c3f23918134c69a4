#include "transform/typing.h"

#include <fmt/format.h>

#include "base/error.h"

namespace freshet {
namespace {

constexpr std::uint32_t kMaxPrecision = 38;  // Iceberg decimal

LakeColumn plain_column(const Column& column, LakeType type) {
  return {.name = column.name, .type = type};
}

LakeColumn decimal_column(const Column& column) {
  if (column.length == 0 || column.length > kMaxPrecision)
    return plain_column(column, LakeType::string);
  return {.name = column.name,
          .type = LakeType::decimal,
          .precision = static_cast<std::uint8_t>(column.length),
          .scale = column.scale};
}

LakeColumn untagged_column(const Column& column) {
  switch (column.type) {
    case ColumnType::tinyint:
    case ColumnType::smallint:
    case ColumnType::mediumint:
    case ColumnType::year: return plain_column(column, LakeType::int32);
    case ColumnType::integer:
      return plain_column(column, column.is_unsigned ? LakeType::int64 : LakeType::int32);
    case ColumnType::bigint:
      if (!column.is_unsigned) return plain_column(column, LakeType::int64);
      return {.name = column.name, .type = LakeType::decimal, .precision = 20, .scale = 0};
    case ColumnType::decimal: return decimal_column(column);
    case ColumnType::real32: return plain_column(column, LakeType::float32);
    case ColumnType::real64: return plain_column(column, LakeType::float64);
    case ColumnType::bit:
      return plain_column(column, column.length == 1 ? LakeType::boolean : LakeType::binary);
    case ColumnType::date: return plain_column(column, LakeType::date);
    case ColumnType::datetime: return plain_column(column, LakeType::timestamp);
    case ColumnType::timestamp: return plain_column(column, LakeType::timestamptz);
    case ColumnType::binary:
    case ColumnType::varbinary:
    case ColumnType::tinyblob:
    case ColumnType::blob:
    case ColumnType::mediumblob:
    case ColumnType::longblob:
    case ColumnType::geometry:
    case ColumnType::vector: return plain_column(column, LakeType::binary);
    default: return plain_column(column, LakeType::string);
  }
}

[[noreturn]] void misfit(const TableName& table, const Column& column, const Value& value) {
  fail(ErrorKind::corrupt, "{}.{} ({}) holds a value of kind {} that its type cannot have",
       table.qualified(), column.name, name_of(column.type), static_cast<int>(value.kind));
}

Value real_day(const CivilTime& t) {
  return is_real_day(t) ? Value::of_int(days_since_epoch(t)) : Value::null();
}

Value real_moment(const CivilTime& t) {
  return is_real_day(t) ? Value::of_int(micros_since_epoch(t)) : Value::null();
}

Value big_endian(std::uint64_t bits, std::uint32_t length, Arena& arena) {
  const std::size_t size = length == 0 ? 8 : (length + 7) / 8;
  char* const room = arena.allocate(size);
  for (std::size_t i = 0; i < size; ++i) room[i] = static_cast<char>(bits >> (8 * (size - 1 - i)));
  return Value::of(ValueKind::bytes, {room, size});
}

Value decimal_of(std::uint64_t natural, Arena& arena) {
  const fmt::format_int digits(natural);
  return Value::of(ValueKind::decimal, arena.keep({digits.data(), digits.size()}));
}

bool is_integer(const Value& value) noexcept {
  return value.kind == ValueKind::int64 || value.kind == ValueKind::uint64;
}

// True if the value is of a kind that the conversion takes.
bool fits(const Value& value, Conversion conversion) noexcept {
  switch (conversion) {
    case Conversion::integer:
    case Conversion::decimal_from_unsigned:
    case Conversion::boolean_bit:
    case Conversion::bits: return is_integer(value);
    case Conversion::decimal: return value.kind == ValueKind::decimal;
    case Conversion::real:
      return value.kind == ValueKind::float32 || value.kind == ValueKind::float64;
    case Conversion::date: return value.kind == ValueKind::date;
    case Conversion::datetime: return value.kind == ValueKind::datetime;
    case Conversion::timestamp: return value.kind == ValueKind::timestamp;
    case Conversion::time_text: return value.kind == ValueKind::time;
    case Conversion::moment_text:
      return value.kind == ValueKind::date || value.kind == ValueKind::datetime ||
             value.kind == ValueKind::timestamp;
    case Conversion::text:
    case Conversion::json: return value.is_text();
    case Conversion::plain: return value.is_text() || value.kind == ValueKind::decimal;
    case Conversion::bytes: return value.kind == ValueKind::bytes || value.is_text();
  }
  return false;
}

}  // namespace

LakeColumn lake_column_of(const Column& column, bool key) {
  LakeColumn result = untagged_column(column);
  result.required = key;
  return result;
}

Conversion conversion_of(const Column& column) noexcept {
  switch (column.type) {
    case ColumnType::tinyint:
    case ColumnType::smallint:
    case ColumnType::mediumint:
    case ColumnType::integer:
    case ColumnType::year: return Conversion::integer;
    case ColumnType::bigint:
      return column.is_unsigned ? Conversion::decimal_from_unsigned : Conversion::integer;
    case ColumnType::decimal:
      return column.length == 0 || column.length > kMaxPrecision ? Conversion::plain
                                                                 : Conversion::decimal;
    case ColumnType::real32:
    case ColumnType::real64: return Conversion::real;
    case ColumnType::bit: return column.length == 1 ? Conversion::boolean_bit : Conversion::bits;
    case ColumnType::date: return Conversion::date;
    case ColumnType::datetime: return Conversion::datetime;
    case ColumnType::timestamp: return Conversion::timestamp;
    case ColumnType::time: return Conversion::time_text;
    case ColumnType::uuid:
    case ColumnType::inet4:
    case ColumnType::inet6: return Conversion::plain;
    case ColumnType::json: return Conversion::json;
    case ColumnType::binary:
    case ColumnType::varbinary:
    case ColumnType::tinyblob:
    case ColumnType::blob:
    case ColumnType::mediumblob:
    case ColumnType::longblob:
    case ColumnType::geometry:
    case ColumnType::vector: return Conversion::bytes;
    default: return Conversion::text;
  }
}

bool can_hold_digits(ColumnType type) noexcept {
  switch (type) {
    case ColumnType::smallint:
    case ColumnType::mediumint:
    case ColumnType::integer:
    case ColumnType::bigint:
    case ColumnType::decimal:
    case ColumnType::real32:
    case ColumnType::real64: return true;
    default: return false;
  }
}

bool can_hold_day(ColumnType type) noexcept {
  return type == ColumnType::date || type == ColumnType::datetime || type == ColumnType::timestamp;
}

Value convert(const Value& value, Conversion conversion, const TableName& table,
              const Column& column, Arena& arena) {
  if (!fits(value, conversion)) misfit(table, column, value);
  switch (conversion) {
    case Conversion::integer: return Value::of_int(value.integer);
    case Conversion::decimal_from_unsigned: return decimal_of(value.natural, arena);
    case Conversion::boolean_bit: return Value::of_int(value.natural != 0);
    case Conversion::bits: return big_endian(value.natural, column.length, arena);
    case Conversion::date: return real_day(unpack_date(value.integer));
    case Conversion::datetime: return real_moment(unpack_datetime(value.integer));
    case Conversion::timestamp:
      return value.integer == kZeroTimestamp ? Value::null() : Value::of_int(value.integer);
    case Conversion::time_text:
      return Value::of(ValueKind::text, arena.keep(format_time(value.integer, column.scale)));
    case Conversion::moment_text:
      return Value::of(ValueKind::text, arena.keep(display_text(value, column)));
    case Conversion::decimal:
    case Conversion::real: return value;
    case Conversion::text:
    case Conversion::json:
    case Conversion::plain: return Value::of(ValueKind::text, value.text);
    case Conversion::bytes: return Value::of(ValueKind::bytes, value.text);
  }
  misfit(table, column, value);
}

std::string display_text(const Value& value, const Column& column) {
  switch (value.kind) {
    case ValueKind::int64: return fmt::to_string(value.integer);
    case ValueKind::uint64: return fmt::to_string(value.natural);
    case ValueKind::float32: return fmt::to_string(value.real32);
    case ValueKind::float64: return fmt::to_string(value.real);
    case ValueKind::date: return format_date(value.integer);
    case ValueKind::time: return format_time(value.integer, column.scale);
    case ValueKind::datetime: return format_datetime(value.integer, column.scale);
    case ValueKind::timestamp: return format_timestamp(value.integer, column.scale);
    default: return std::string(value.text);
  }
}

}  // namespace freshet
