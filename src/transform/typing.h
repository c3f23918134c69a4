#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "model/lake_schema.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "transform/options.h"

namespace freshet {

// How cells of a source column become cells of its lake column.
enum class Conversion : std::uint8_t {
  integer,
  decimal_from_unsigned,
  decimal,
  real,
  boolean_bit,
  bits,
  date,
  datetime,
  timestamp,
  time_text,
  moment_text,  // a day or moment that may be none, as the source shows it
  text,         // looked at by the detectors
  plain,        // text that by its type holds nothing personal: UUID, INET, long decimals
  bytes,
  json,
};

// The lake column for a source column (reference: Iceberg spec, "Schemas and Data Types"; what
// Iceberg lacks goes to the next wider type, never to a lossy one).
[[nodiscard]] LakeColumn lake_column_of(const Column& column, bool key);
[[nodiscard]] Conversion conversion_of(const Column& column) noexcept;

// True if cells can be phone numbers, card numbers and the like, written as numbers. TINYINT
// cannot: such a column is a flag.
[[nodiscard]] bool can_hold_digits(ColumnType type) noexcept;
// True if a column of the type holds days: DATE, DATETIME, TIMESTAMP.
[[nodiscard]] bool can_hold_day(ColumnType type) noexcept;

// Converts one cell; of a moment that does not exist the result is null. Text and bytes come back
// as views. Throws Error{corrupt} where the value is not of the column's type.
[[nodiscard]] Value convert(const Value& value, Conversion conversion, const TableName& table,
                            const Column& column, Arena& arena);

// The text of a cell that is no text, for keyed hashes. Moments as MySQL prints them.
[[nodiscard]] std::string display_text(const Value& value, const Column& column);

}  // namespace freshet
