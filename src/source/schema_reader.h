#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/table_schema.h"
#include "source/connection.h"
#include "source/table_definition.h"

namespace freshet {

// What information_schema says of one column.
struct ColumnFacts {
  std::string name;
  std::string data_type;    // DATA_TYPE: "int", "varchar"
  std::string column_type;  // COLUMN_TYPE: "int(10) unsigned", "enum('a','b')"
  bool nullable = true;
  std::uint64_t characters = 0;  // CHARACTER_MAXIMUM_LENGTH: characters, or bytes of binary types
  std::uint32_t precision = 0;   // NUMERIC_PRECISION
  std::uint32_t scale = 0;       // NUMERIC_SCALE
  std::uint32_t fraction = 0;    // DATETIME_PRECISION
  std::string charset;           // CHARACTER_SET_NAME; empty where it has none
  bool json_check = false;       // MariaDB: a check constraint json_valid(`name`) on a LONGTEXT
};

// The column as the binlog's table map with full metadata describes it, so that rows of a snapshot
// and rows of the log share one schema. Throws Error{unsupported} on a type that has no ColumnType.
[[nodiscard]] Column column_from(const ColumnFacts& facts);

// Members of "enum('a','it''s')" or "set(...)", quotes undone. Throws Error{corrupt} on other text.
[[nodiscard]] std::vector<std::string> parse_labels(std::string_view column_type);

// The table as it stands now; nothing if it does not exist, is a view, or may not be seen.
// Columns include generated and invisible ones, for the binlog has them too; the key is the
// primary key alone. Throws Error{unsupported} naming the column.
[[nodiscard]] std::optional<TableDefinition> read_table_definition(Connection& connection,
                                                                   const ServerFacts& facts,
                                                                   const TableName& table);

// The same while a metadata lock keeps the table's definition: no statement is changing it, and
// those that did are in the log (the servers write there before they let the lock go). Waits a few
// seconds for such a statement; throws Error{unavailable} if it takes longer.
[[nodiscard]] std::optional<TableDefinition> read_locked_definition(Connection& connection,
                                                                    const ServerFacts& facts,
                                                                    const TableName& table);

// All tables of a database, in a few queries. Left out are tables that Freshet cannot carry, and on
// MySQL those of engines whose DDL is not atomic: there a statement may show here before it is in
// the log.
[[nodiscard]] std::vector<TableDefinition> read_definitions(Connection& connection,
                                                            const ServerFacts& facts,
                                                            const std::string& database);

// Databases but for the system's, with their default character set.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> list_databases(
    Connection& connection);

// Base tables outside the system schemas that this user may see, in order of name.
[[nodiscard]] std::vector<TableName> list_tables(Connection& connection);

// MariaDB's system-versioned tables that this user may see: their log holds history rows, which
// Freshet does not carry.
[[nodiscard]] std::vector<TableName> list_versioned_tables(Connection& connection);

// Whether a read view of the table stands still: its engine has transactions.
[[nodiscard]] bool has_transactions(std::string_view engine) noexcept;
// The engine of a table; empty where there is none.
[[nodiscard]] std::string engine_of(Connection& connection, const TableName& table);

// The server's own guess, from its statistics; may be far off. Zero if it has none.
[[nodiscard]] std::uint64_t estimate_rows(Connection& connection, const TableName& table);

// The same for the bytes of all rows.
[[nodiscard]] std::uint64_t data_bytes(Connection& connection, const TableName& table);

// The same for the rows that fit an SQL condition. Throws Error{failed} where the server refuses
// it.
[[nodiscard]] std::uint64_t estimate_rows_where(Connection& connection, const ServerFacts& facts,
                                                const TableName& table, std::string_view where);

// The same for the bytes of a row.
[[nodiscard]] std::uint64_t average_row_bytes(Connection& connection, const TableName& table);

// Reading in primary-key order from any key on can follow the index: no part is a prefix of its
// column, all parts run in the same direction, and the first is no ENUM or SET (the optimizers make
// no ranges of those). False without a primary key.
[[nodiscard]] bool has_scannable_key(Connection& connection, const TableSchema& schema);

}  // namespace freshet
