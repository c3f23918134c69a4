#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/position.h"
#include "model/table_schema.h"
#include "source/ddl.h"
#include "source/table_definition.h"

namespace freshet {

struct TableMap;
struct Charset;

// What the server says of a table now, asked on a second connection. Each may be empty.
struct SchemaLookup {
  // The table as information_schema has it, read while a metadata lock keeps its definition.
  // Nothing if there is no base table of that name.
  std::function<std::optional<TableDefinition>(const TableName&)> definition;
  // The place of the first statement that touches the table, from `from` up to the end that the log
  // has when this is called; nothing if there is none.
  std::function<std::optional<LogCoordinate>(const TableName&, const LogCoordinate& from)> touched;
};

// A table's schema at one place in the log, with what decoding needs beyond it.
struct ResolvedTable {
  SchemaPtr schema;
  std::vector<const Charset*> charsets;  // per column; nullptr where the column has no characters
  bool changed = false;                  // differs from the schema that was known before
};

// What a statement did to a table.
struct SchemaEffect {
  SchemaPtr before;           // null where it was not known
  SchemaPtr after;            // null where it is not known
  bool keeps_values = false;  // old rows keep their values when they are read by column name
  bool keeps_key = false;     // and the same key tells them apart
};

// Gives the schema in force at an event's place: docs/schema-tracking.md has the whole argument.
//
// With binlog_row_metadata=FULL the event itself tells names, key, signs, labels and character
// sets. What it lacks (MariaDB's JSON, UUID and INET types, which the log shows as LONGTEXT and
// BINARY) is taken from the definition known for the table, or from information_schema, for a
// column of equal name and the same physical type only.
//
// Without names in the log the definition comes from the statements: it starts as given to know(),
// and follows every DDL statement of the log in order. Each event must have exactly the physical
// columns that the definition predicts. Where it has not, or a statement was not understood, or the
// table was never seen, there is doubt. Then information_schema is asked, and what it says is
// believed under two conditions: it predicts the event exactly; and the log, from the event up to
// an end that was read after the answer, holds no statement that touches the table. For then the
// definition of the answer was in force in all of that stretch, and so at the event. Otherwise
// Error{unsupported}. It never guesses by position.
//
// All tables of the tracked databases are followed, captured or not: any of them may be renamed.
//
// Not thread-safe: belongs to the thread that reads the log.
class SchemaTracker {
 public:
  // `tracks`: the databases that tables may be captured from; empty = all.
  explicit SchemaTracker(SchemaLookup lookup = {},
                         std::function<bool(std::string_view database)> tracks = {});

  // The table as it stands where the log reader stands.
  void know(TableDefinition definition);
  // Nothing is certain of the table, not even whether it is there.
  void suspect(const TableName& name);
  // A database all of whose tables are known or suspect, with its default character set.
  void know_database(const std::string& database, const std::string& charset);
  [[nodiscard]] bool knows_database(const std::string& database) const;

  // The schema as last known, null if there is none.
  [[nodiscard]] SchemaPtr known(const TableName& name) const;
  [[nodiscard]] const TableDefinition* definition(const TableName& name) const;
  // Whether it is in force where the log reader stands.
  [[nodiscard]] bool is_certain(const TableName& name) const;
  [[nodiscard]] std::vector<TableName> tables_of(const std::string& database) const;

  // The schema for the rows of an event at `at`. Becomes the known one.
  ResolvedTable resolve(const TableMap& map, const LogCoordinate& at);

  // Whether the event speaks of a MariaDB SEQUENCE. Without names in the log it must not be a table
  // that is known, or in doubt, of a database all of whose tables are.
  [[nodiscard]] bool is_sequence(const TableMap& map) const;

  // DDL, in log order. `server_charset` is the default of new databases.
  SchemaEffect altered(const TableName& name, const TableEdit& edit, const LogCoordinate& at);
  // The table stood there already where the statement says IF NOT EXISTS: then nothing happens.
  SchemaEffect created(const TableName& name, const TableEdit& edit, bool if_not_exists,
                       const LogCoordinate& at);
  [[nodiscard]] bool exists(const TableName& name) const { return tables_.contains(name); }
  void dropped(const TableName& name);
  void renamed(const TableName& from, const TableName& to, const LogCoordinate& at);
  void database_created(const std::string& database, const std::string& charset);
  void database_altered(const std::string& database, const std::string& charset);
  void database_dropped(const std::string& database);

  // What is to be kept for a restart, in parts: key and content; empty content = the part is gone.
  // Only parts that changed since the last call.
  [[nodiscard]] std::vector<std::pair<std::string, Bytes>> take_changes();
  // Nothing is known any more, as in a new tracker.
  void forget();
  void restore(std::string_view key, std::string_view content);  // throws Error{corrupt}

 private:
  struct Entry {
    TableDefinition definition;  // as of the last statement that was understood
    SchemaPtr schema;            // the same, shared; null = there is no definition
    std::string doubt;           // why it may not be in force; empty = it is
  };

  [[nodiscard]] bool tracks(std::string_view database) const;
  [[nodiscard]] std::string charset_of_database(const std::string& database) const;
  void set(Entry& entry, TableDefinition definition);
  void doubt(Entry& entry, const LogCoordinate& at, std::string_view why);
  void mark(const TableName& name) { changed_tables_.insert(name); }

  ResolvedTable resolve_named(const TableMap& map, Entry& entry);
  ResolvedTable resolve_unnamed(const TableMap& map, Entry& entry, const LogCoordinate& at);
  TableDefinition ask(const TableMap& map, const LogCoordinate& at, const std::string& why) const;

  SchemaLookup lookup_;
  std::function<bool(std::string_view)> tracks_;
  std::map<TableName, Entry> tables_;
  std::map<std::string, std::string> databases_;  // default character set; empty = not known
  std::set<TableName> changed_tables_;
  std::set<std::string> changed_databases_;
};

}  // namespace freshet
