#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"
#include "source/sql_tokens.h"
#include "source/table_definition.h"

namespace freshet {

// What a statement of the log means for tables.
struct Statement {
  enum class Kind : std::uint8_t {
    begin,
    commit,
    rollback,
    savepoint,    // SAVEPOINT, RELEASE SAVEPOINT
    rollback_to,  // ROLLBACK TO SAVEPOINT
    xa_start,
    xa_end,
    xa_prepare,
    xa_commit,
    xa_rollback,
    ddl,         // `actions` tells; empty: a temporary table ...
    data,        // INSERT, UPDATE, DELETE, REPLACE, LOAD ... in statement format
    irrelevant,  // users, views, routines, maintenance
    unknown,     // not understood: must not be passed over
  };

  struct Action {
    enum class Kind : std::uint8_t {
      create,
      replace,
      alter,
      rename,
      drop,
      truncate,
      create_database,
      alter_database,
      drop_database
    };
    Kind kind = Kind::alter;
    TableName table;                     // of a database: only .database
    TableName to;                        // rename
    TableEdit edit;                      // create, replace, alter: what becomes of the columns
    bool keeps_rows = true;              // alter: no row goes or comes, none changes but by `edit`
    bool if_not_exists = false;          // create, create_database
    bool system_versioned = false;       // create, alter: the statement speaks of system versioning
    std::optional<std::string> charset;  // of a database: its default; empty = the server's
  };

  Kind kind = Kind::unknown;
  std::vector<Action> actions;      // in order
  std::optional<TableName> target;  // data: the table it names first, where it can be told
  bool whole_table = false;         // data: DELETE FROM t, without any condition
  std::string xid;                  // xa_*: its identifier as written
};

// Reads a statement: whether it changes tables, which, and how. `text` is UTF-8; names without a
// database belong to `database`. What is not understood of a table's columns is told in
// Action::edit, and never passed over.
[[nodiscard]] Statement read_statement(std::string_view text, std::string_view database,
                                       const SqlDialect& dialect);

}  // namespace freshet
