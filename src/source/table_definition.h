#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/table_schema.h"

namespace freshet {

// A table as its statements define it: the schema, and what later statements and the decoding of
// rows ask for beyond it.
struct TableDefinition {
  struct Trait {
    std::string charset;           // of characters, ENUM and SET; empty where it has none
    bool nullable_untold = false;  // a TIMESTAMP of which no statement says NULL or NOT NULL

    friend bool operator==(const Trait&, const Trait&) = default;
  };

  TableSchema schema;
  std::vector<Trait> traits;  // one for each column
  std::string charset;        // of columns that will name none; empty = not known

  friend bool operator==(const TableDefinition&, const TableDefinition&) = default;
};

void put_definition(Bytes& out, const TableDefinition& definition);
[[nodiscard]] TableDefinition read_definition(ByteReader& in);  // throws Error{corrupt}

// A column as a statement writes it.
struct ColumnSpec {
  Column column;  // name, type, length, scale, sign, labels; a text without length as LONGTEXT ...
  bool has_charset = false;                 // its type has a character set
  std::string charset;                      // the one that the statement names; empty = the table's
  std::optional<std::uint64_t> characters;  // TEXT(n), BLOB(n): the smallest type that holds them
  bool nullable_untold = false;
  bool primary_key = false;
  bool null_in_old_rows = false;  // as a new column: NULL in every row that is there already
};

// One clause of CREATE or ALTER TABLE, as far as it concerns the columns.
struct TableClause {
  enum class Kind : std::uint8_t {
    add_column,
    change_column,  // `name` becomes `column`
    rename_column,  // `name` becomes `new_name`
    drop_column,
    add_primary_key,
    drop_primary_key,
    convert_charset,  // of all columns, and of the table
    default_charset,  // of the table
  };
  Kind kind = Kind::add_column;
  std::string name;
  std::string new_name;
  ColumnSpec column;
  std::optional<std::string> after;  // add, change: empty = FIRST; nothing = last, or where it was
  bool if_exists = false;            // IF EXISTS, IF NOT EXISTS
  std::vector<std::string> key;      // add_primary_key
  std::string charset;               // the last two; empty = the default of the database
};

// What makes a definition out of another: a statement's clauses in order.
struct TableEdit {
  std::vector<TableClause> clauses;
  std::string doubt;              // what was not understood; empty: all of it was
  std::optional<TableName> like;  // CREATE TABLE ... LIKE

  [[nodiscard]] bool empty() const noexcept { return clauses.empty() && doubt.empty() && !like; }
};

// The definition after the edit, as the servers make it; or why that cannot be told. `database` is
// the default character set of the table's database, empty where it is not known. Never a guess: a
// clause that does not fit the definition is a reason for doubt.
[[nodiscard]] std::expected<TableDefinition, std::string> apply_edit(const TableDefinition& before,
                                                                     const TableEdit& edit,
                                                                     std::string_view database);

// Existing rows keep their values when they are read by column name: what was, stays as it is, and
// what is new is NULL in them. Rows without a primary key also keep their RowId (RowIdentity).
[[nodiscard]] bool keeps_values(const TableDefinition& before, const TableDefinition& after,
                                const TableEdit& edit);

}  // namespace freshet
