#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace freshet {

enum class ColumnType : std::uint8_t {
  tinyint,
  smallint,
  mediumint,
  integer,
  bigint,
  decimal,
  real32,
  real64,
  bit,
  year,
  date,
  time,
  datetime,
  timestamp,
  char_,
  varchar,
  tinytext,
  text,
  mediumtext,
  longtext,
  binary,
  varbinary,
  tinyblob,
  blob,
  mediumblob,
  longblob,
  enumeration,
  set,
  json,
  geometry,
  vector,
  uuid,
  inet4,
  inet6,
};

[[nodiscard]] std::string_view name_of(ColumnType type) noexcept;

// True where cells are character data or JSON: what the detectors look at.
[[nodiscard]] bool is_textual(ColumnType type) noexcept;

struct TableName {
  std::string database;
  std::string table;

  [[nodiscard]] std::string qualified() const { return database + "." + table; }
  friend auto operator<=>(const TableName&, const TableName&) = default;
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::integer;
  bool nullable = true;
  bool is_unsigned = false;
  std::uint32_t length =
      0;  // characters (text), bytes (binary), bits (BIT), precision (DECIMAL); 0 = unknown
  std::uint8_t scale =
      0;  // DECIMAL digits after the point; fraction digits (0..6) of TIME, DATETIME, TIMESTAMP
  std::vector<std::string> labels;  // ENUM and SET members, UTF-8

  friend bool operator==(const Column&, const Column&) = default;
};

// The columns of a table at one place in the log. Immutable once shared; compared by content.
struct TableSchema {
  TableName name;
  std::vector<Column> columns;
  std::vector<std::uint32_t>
      key;  // column indexes in key order; empty for a table without a primary key

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view column) const noexcept;
  [[nodiscard]] bool has_key() const noexcept { return !key.empty(); }
  // 64-bit hash of the whole content: equal schemas have equal fingerprints, on every machine.
  [[nodiscard]] std::uint64_t fingerprint() const;
  friend bool operator==(const TableSchema&, const TableSchema&) = default;
};

using SchemaPtr = std::shared_ptr<const TableSchema>;

void put_schema(Bytes& out, const TableSchema& schema);
[[nodiscard]] TableSchema read_schema(ByteReader& in);

}  // namespace freshet
