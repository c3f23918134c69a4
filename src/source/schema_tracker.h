#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/position.h"
#include "model/table_schema.h"

namespace freshet {

struct TableMap;
struct Charset;

// What information_schema says about a table now, asked on a second connection. Each may be empty.
struct SchemaLookup {
  // The table's columns and key.
  std::function<std::optional<TableSchema>(const TableName&)> schema;
  // Its columns' character set names in column order, "" for columns that have none. Asked only
  // where the log carries no character sets (MariaDB NO_LOG, MySQL 5.7).
  std::function<std::vector<std::string>(const TableName&)> charsets;
};

// A table's schema at one place in the log, with what decoding needs beyond it.
struct ResolvedTable {
  SchemaPtr schema;
  std::vector<const Charset*> charsets;  // per column; nullptr where the column has no characters
  bool changed = false;                  // differs from the schema that was known before
};

// Gives the schema in force at an event's place.
//
// With binlog_row_metadata=FULL the event itself tells names, key, signs, labels and character
// sets. What it lacks (MariaDB's JSON, UUID and INET types, which the log shows as LONGTEXT and
// BINARY) is taken from the schema known for the table, or from information_schema, for a column of
// equal name and the same physical type only.
//
// Without names in the log the schema given to know() is used, provided that it predicts exactly
// the physical columns of the event and that no statement has changed the table since; else
// Error{unsupported}. It never guesses by position.
//
// Not thread-safe: belongs to the thread that reads the log.
class SchemaTracker {
 public:
  explicit SchemaTracker(SchemaLookup lookup = {});

  // Registers a table's schema: from the snapshot, or persisted by an earlier run.
  void know(TableSchema schema);
  // The current schema, or nullptr.
  [[nodiscard]] SchemaPtr known(const TableName& name) const;
  // The known tables of a database.
  [[nodiscard]] std::vector<TableName> tables_of(const std::string& database) const;

  // The schema of a TABLE_MAP event at `at`, which becomes the known one.
  ResolvedTable resolve(const TableMap& map, const LogCoordinate& at);

  // DDL, in log order: a statement at `at` may have changed the table's columns.
  void altered(const TableName& name, const LogCoordinate& at);
  void dropped(const TableName& name);
  void renamed(const TableName& from, const TableName& to);

 private:
  struct Entry {
    SchemaPtr schema;
    std::vector<const Charset*> charsets;  // asked for where the log has none; empty = not yet
    std::string outdated_at;               // place of a statement that changed the table since
    bool renamed = false;                  // the schema has not been given out under this name
  };

  TableSchema described(const TableMap& map, std::vector<const Charset*>& charsets) const;
  ResolvedTable resolve_named(const TableMap& map, Entry& entry) const;
  ResolvedTable resolve_unnamed(const TableMap& map, Entry& entry, const LogCoordinate& at) const;
  std::vector<const Charset*> charsets_of(const TableMap& map, const Entry& entry) const;

  SchemaLookup lookup_;
  std::map<TableName, Entry> tables_;
};

}  // namespace freshet
