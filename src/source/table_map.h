#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"

namespace freshet {

// Type codes of columns in TABLE_MAP events ("MySQL Internals, enum_field_types"; MariaDB adds the
// compressed ones). enumeration and set stand for STRING columns whose metadata says so.
enum class FieldType : std::uint8_t {
  tiny = 1,
  short_ = 2,
  long_ = 3,
  float_ = 4,
  double_ = 5,
  timestamp = 7,
  longlong = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  varchar = 15,
  bit = 16,
  timestamp2 = 17,
  datetime2 = 18,
  time2 = 19,
  blob_compressed = 140,
  varchar_compressed = 141,
  vector = 242,
  json = 245,
  newdecimal = 246,
  enumeration = 247,
  set = 248,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};

// One column as the log describes it.
struct MappedColumn {
  FieldType type{};
  bool nullable = true;
  // VARCHAR, STRING: most bytes of a value. BLOB and its kin: width of the length. ENUM, SET: bytes
  // of a value. BIT: bits. NEWDECIMAL: precision.
  std::uint32_t length = 0;
  std::uint8_t scale = 0;                  // NEWDECIMAL: scale; *2 time types: fraction digits
  std::optional<bool> is_unsigned;         // numeric columns, where the log tells
  std::optional<std::uint64_t> collation;  // character, ENUM and SET columns, where the log tells
  std::string name;                        // empty where the log does not tell
  std::vector<std::string> labels;         // ENUM, SET; in the column's character set

  friend bool operator==(const MappedColumn&, const MappedColumn&) = default;
};

struct TableMap {
  std::uint64_t id = 0;
  bool mariadb = false;
  bool has_names = false;  // binlog_row_metadata=FULL
  TableName name;
  std::vector<MappedColumn> columns;
  std::vector<std::uint32_t> key;  // primary key, where has_names
};

// Id of the table that a TABLE_MAP or rows event speaks of.
[[nodiscard]] std::uint64_t table_id_of(std::string_view body);

// Throws Error{corrupt}, or Error{unsupported} for a column type that no server writes.
[[nodiscard]] TableMap parse_table_map(std::string_view body, bool mariadb);

// Only the name: enough for a table that is not captured.
[[nodiscard]] TableName parse_table_name(std::string_view body);

// Whether the columns are those of a MariaDB SEQUENCE, which is logged as a table of one row
// (MariaDB sql/sql_sequence.cc): by their names, or where the log tells none, by their types.
[[nodiscard]] bool has_columns_of_sequence(const TableMap& map);

// Time types of before MySQL 5.6. MariaDB's log does not tell how many fraction digits they have.
[[nodiscard]] constexpr bool has_untold_width(FieldType type) noexcept {
  return type == FieldType::time || type == FieldType::datetime || type == FieldType::timestamp;
}

// Character data whose character set the log lists among those of character columns.
[[nodiscard]] bool is_character(FieldType type, bool mariadb) noexcept;

}  // namespace freshet
