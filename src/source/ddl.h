#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"

namespace freshet {

// What a statement of the log means for captured tables.
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
    ddl,         // `actions` tells; empty: a temporary table, a database created ...
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
      drop_database
    };
    Kind kind = Kind::alter;
    TableName table;            // drop_database: only .database
    TableName to;               // rename
    bool neutral = false;       // alter: existing rows keep their values when read by column name
    bool same_columns = false;  // alter: no column comes, goes or changes
    bool system_versioned = false;  // create, alter: the statement speaks of system versioning
    friend bool operator==(const Action&, const Action&) = default;
  };

  Kind kind = Kind::unknown;
  std::vector<Action> actions;      // in order
  std::optional<TableName> target;  // data: the table it names first, where it can be told
  bool whole_table = false;         // data: DELETE FROM t, without any condition
  std::string xid;                  // xa_*: its identifier as written
};

// Reads the head of a statement: as much of SQL as tells whether it changes tables, and which.
// `text` is UTF-8; names without a database belong to `database`.
[[nodiscard]] Statement read_statement(std::string_view text, std::string_view database,
                                       std::uint64_t sql_mode);

}  // namespace freshet
