#include "source/ddl.h"

#include <algorithm>
#include <utility>

#include "source/column_reader.h"

namespace freshet {

namespace {

using Kind = Statement::Kind;
using Action = Statement::Action;

bool has_words(SqlTokens tokens, std::string_view first, std::string_view second) {
  return std::ranges::adjacent_find(tokens, [&](const SqlToken& a, const SqlToken& b) {
           return is_word(a, first) && is_word(b, second);
         }) != tokens.end();
}

bool speaks_of_versioning(SqlTokens tokens) { return has_words(tokens, "SYSTEM", "VERSIONING"); }

// ---- CREATE TABLE

void add_doubt(TableEdit& edit, std::string why) {
  if (edit.doubt.empty()) edit.doubt = std::move(why);
}

// (a, b(10) DESC)
void read_primary_key(SqlCursor at, bool if_not_exists, TableEdit& edit) {
  TableClause clause{.kind = TableClause::Kind::add_primary_key, .if_exists = if_not_exists};
  while (!at.empty() && !at.sees('(')) at.skip();
  const std::optional<SqlTokens> parts = at.take_parentheses();
  if (!parts) return add_doubt(edit, "its primary key is not understood");
  for (const SqlTokens part : split_commas(*parts)) {
    std::optional<std::string> name = SqlCursor(part).take_name();
    if (!name) return add_doubt(edit, "its primary key is not understood");
    clause.key.push_back(std::move(*name));
  }
  edit.clauses.push_back(std::move(clause));
}

bool begins_index(const SqlCursor& at) {
  if (at.sees_any({"INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK"}))
    return true;
  SqlCursor ahead = at;
  return ahead.take("VECTOR") && ahead.sees_any({"INDEX", "KEY"});
}

// A key or constraint; false if it is none.
bool read_constraint(SqlCursor at, TableEdit& edit) {
  if (at.take("CONSTRAINT") && !begins_index(at) && !at.sees("PRIMARY")) {
    at.take_all({"IF", "NOT", "EXISTS"});
    if (!begins_index(at) && !at.sees("PRIMARY")) at.take_name();
  }
  const SqlTokens all = at.left();
  if (at.take_all({"PRIMARY", "KEY"})) {
    read_primary_key(at, has_words(all, "IF", "NOT"), edit);
    return true;
  }
  if (!begins_index(at)) return false;
  if (at.sees("CHECK") &&
      std::ranges::any_of(all, [](const SqlToken& token) { return is_word(token, "json_valid"); }))
    add_doubt(edit, "whether its CHECK makes a column JSON is not understood");
  return true;
}

void read_new_column(SqlCursor at, bool if_not_exists, const SqlDialect& dialect, TableEdit& edit) {
  auto read = read_column_definition(at, dialect);
  if (!read) return add_doubt(edit, std::move(read.error()));
  edit.clauses.push_back({.kind = TableClause::Kind::add_column,
                          .column = std::move(read->spec),
                          .after = std::move(read->after),
                          .if_exists = if_not_exists});
}

// One of what stands in the parentheses of CREATE TABLE or ADD.
void read_element(SqlTokens element, bool if_not_exists, const SqlDialect& dialect,
                  TableEdit& edit) {
  const SqlCursor at(element);
  SqlCursor ahead = at;
  if (ahead.take("PERIOD") && ahead.take("FOR"))
    return add_doubt(edit, "periods are not understood");
  if (!read_constraint(at, edit)) read_new_column(at, if_not_exists, dialect, edit);
}

void read_charset_option(const std::string& charset, TableEdit& edit) {
  if (charset.empty()) return;
  edit.clauses.push_back({.kind = TableClause::Kind::default_charset, .charset = charset});
}

// Of the options after the parentheses only character sets concern the columns. A query there
// makes columns that the text does not tell.
void read_table_options(SqlCursor at, TableEdit& edit) {
  at.take_all({"START", "TRANSACTION"});
  while (!at.empty()) {
    if (at.sees_any({"SELECT", "VALUES", "TABLE"}))
      return add_doubt(edit, "its columns come from a query");
    if (const std::optional<SqlTokens> inside = at.take_parentheses()) {
      if (SqlCursor(*inside).sees_any({"SELECT", "WITH", "VALUES"}))
        return add_doubt(edit, "its columns come from a query");
    } else if (const std::optional<std::string> charset = take_charset(at)) {
      read_charset_option(*charset, edit);
    } else {
      at.skip();
    }
  }
}

TableEdit read_table_body(SqlCursor at, std::string_view database, const SqlDialect& dialect) {
  TableEdit edit;
  if (at.take("LIKE")) {
    edit.like = at.take_table(database);
    if (!edit.like) add_doubt(edit, "the table it is like is not understood");
    return edit;
  }
  SqlCursor body = at;
  if (const std::optional<SqlTokens> inside = body.take_parentheses()) {
    if (SqlCursor(*inside).sees_any({"LIKE"}))
      return read_table_body(SqlCursor(*inside), database, dialect);
    for (const SqlTokens element : split_commas(*inside))
      read_element(element, false, dialect, edit);
    at = body;
  }
  read_table_options(at, edit);
  if (edit.clauses.empty()) add_doubt(edit, "its columns are not understood");
  return edit;
}

// ---- ALTER TABLE

void read_add(SqlCursor at, const SqlDialect& dialect, Action& alter) {
  TableEdit& edit = alter.edit;
  if (read_constraint(at, edit)) return;
  if (at.sees_any({"PARTITION"})) return;
  SqlCursor ahead = at;
  if (ahead.take_any({"SYSTEM", "PERIOD"}) && ahead.sees_any({"VERSIONING", "FOR"}))
    return add_doubt(edit, "versions and periods are not understood");
  at.take("COLUMN");
  const bool if_not_exists = at.take_all({"IF", "NOT", "EXISTS"});
  if (!at.sees('(')) return read_new_column(at, if_not_exists, dialect, edit);
  const std::optional<SqlTokens> list = at.take_parentheses();
  if (!list) return add_doubt(edit, "it is cut off");
  for (const SqlTokens element : split_commas(*list))
    read_element(element, if_not_exists, dialect, edit);
}

void read_alter_drop(SqlCursor at, Action& alter) {
  TableEdit& edit = alter.edit;
  const TableClause drop_key{.kind = TableClause::Kind::drop_primary_key};
  if (at.take_all({"PRIMARY", "KEY"})) return edit.clauses.push_back(drop_key);
  if (at.take("PARTITION")) {
    alter.keeps_rows = false;
    return;
  }
  SqlCursor ahead = at;
  if (ahead.take_any({"SYSTEM", "PERIOD"}) && ahead.sees_any({"VERSIONING", "FOR"}))
    return add_doubt(edit, "versions and periods are not understood");
  const bool index =
      at.take_any({"INDEX", "KEY", "CONSTRAINT", "CHECK"}) || at.take_all({"FOREIGN", "KEY"});
  at.take("COLUMN");
  const bool if_exists = at.take_all({"IF", "EXISTS"});
  std::optional<std::string> name = at.take_name();
  if (!name) return add_doubt(edit, "what it drops is not understood");
  if (index) {
    if (same_word(*name, "PRIMARY")) edit.clauses.push_back(drop_key);
    return;
  }
  edit.clauses.push_back(
      {.kind = TableClause::Kind::drop_column, .name = std::move(*name), .if_exists = if_exists});
}

void read_change(SqlCursor at, bool renames, const SqlDialect& dialect, TableEdit& edit) {
  at.take("COLUMN");
  TableClause clause{.kind = TableClause::Kind::change_column,
                     .if_exists = at.take_all({"IF", "EXISTS"})};
  const std::optional<std::string> old = renames ? at.take_name() : SqlCursor(at).take_name();
  auto read = read_column_definition(at, dialect);
  if (!read) return add_doubt(edit, std::move(read.error()));
  clause.name = old.value_or("");
  clause.column = std::move(read->spec);
  clause.after = std::move(read->after);
  edit.clauses.push_back(std::move(clause));
}

void read_rename_column(SqlCursor at, TableEdit& edit) {
  const bool if_exists = at.take_all({"IF", "EXISTS"});
  std::optional<std::string> from = at.take_name();
  at.take("TO");
  std::optional<std::string> to = at.take_name();
  if (!from || !to) return add_doubt(edit, "what it renames is not understood");
  edit.clauses.push_back({.kind = TableClause::Kind::rename_column,
                          .name = std::move(*from),
                          .new_name = std::move(*to),
                          .if_exists = if_exists});
}

void read_convert(SqlCursor at, Action& alter) {
  if (!at.take("TO")) {  // CONVERT PARTITION p TO TABLE t, CONVERT TABLE t TO PARTITION p
    alter.keeps_rows = false;
    return;
  }
  const std::optional<std::string> charset = take_charset(at);
  if (!charset) return add_doubt(alter.edit, "what it converts to is not understood");
  alter.edit.clauses.push_back({.kind = TableClause::Kind::convert_charset, .charset = *charset});
}

// Clauses about partitions and tablespaces.
bool read_storage_clause(SqlCursor at, Action& alter) {
  if (at.take("PARTITION") && at.sees("BY")) return true;
  if (at.take_all({"REMOVE", "PARTITIONING"}) || at.take_all({"UPGRADE", "PARTITIONING"}))
    return true;
  if (at.take_any({"REORGANIZE", "REBUILD", "OPTIMIZE", "ANALYZE", "CHECK", "COALESCE"}))
    return at.sees("PARTITION");
  if (at.take_any({"TRUNCATE", "EXCHANGE", "DISCARD", "IMPORT", "REPAIR"})) {
    alter.keeps_rows = false;
    return at.sees_any({"PARTITION", "TABLESPACE"});
  }
  return false;
}

// A table option that says nothing about values.
bool take_neutral_option(SqlCursor& at) {
  if (at.take_all({"DATA", "DIRECTORY"}) || at.take_all({"INDEX", "DIRECTORY"}) ||
      at.take_any({"COMMENT",
                   "AUTO_INCREMENT",
                   "AUTOEXTEND_SIZE",
                   "ROW_FORMAT",
                   "KEY_BLOCK_SIZE",
                   "STATS_PERSISTENT",
                   "STATS_AUTO_RECALC",
                   "STATS_SAMPLE_PAGES",
                   "ALGORITHM",
                   "LOCK",
                   "AVG_ROW_LENGTH",
                   "MAX_ROWS",
                   "MIN_ROWS",
                   "CHECKSUM",
                   "DELAY_KEY_WRITE",
                   "PACK_KEYS",
                   "COMPRESSION",
                   "ENCRYPTION",
                   "ENCRYPTED",
                   "ENCRYPTION_KEY_ID",
                   "TABLESPACE",
                   "PAGE_CHECKSUM",
                   "PAGE_COMPRESSED",
                   "PAGE_COMPRESSION_LEVEL",
                   "TRANSACTIONAL",
                   "ENGINE_ATTRIBUTE",
                   "SECONDARY_ENGINE_ATTRIBUTE",
                   "SECONDARY_ENGINE",
                   "WAIT"})) {
    at.take('=');
    at.skip();
    return true;
  }
  return at.take_any({"FORCE", "NOWAIT"}) || at.take_all({"ENABLE", "KEYS"}) ||
         at.take_all({"DISABLE", "KEYS"}) || at.take_all({"WITH", "VALIDATION"}) ||
         at.take_all({"WITHOUT", "VALIDATION"});
}

void read_alter_clause(SqlCursor at, const SqlDialect& dialect, Action& alter) {
  TableEdit& edit = alter.edit;
  if (at.take("ADD")) return read_add(at, dialect, alter);
  if (at.take("DROP")) return read_alter_drop(at, alter);
  if (at.take("CHANGE")) return read_change(at, true, dialect, edit);
  if (at.take("MODIFY")) return read_change(at, false, dialect, edit);
  if (at.take("CONVERT")) return read_convert(at, alter);
  if (at.take("RENAME")) {
    if (at.sees_any({"INDEX", "KEY"})) return;
    if (at.take("COLUMN")) return read_rename_column(at, edit);
  }
  if (at.take("ALTER")) {
    if (at.sees_any({"INDEX", "KEY", "CHECK", "CONSTRAINT"})) return;
    at.take("COLUMN");
    at.take_name();
    if (at.sees_any({"SET", "DROP"})) return;  // DEFAULT, VISIBLE, INVISIBLE
  }
  if (read_storage_clause(at, alter)) return;
  while (!at.empty()) {
    if (const std::optional<std::string> charset = take_charset(at)) {
      read_charset_option(*charset, edit);
    } else if (at.take("ENGINE")) {
      at.take('=');
      if (!at.take_any({"INNODB", "MYISAM", "ARIA", "ROCKSDB"})) alter.keeps_rows = false;
      if (!alter.keeps_rows) at.skip();
    } else if (!take_neutral_option(at)) {
      alter.keeps_rows = false;
      return add_doubt(edit, "\"" + at.left()[0].text + "\" is not understood");
    }
  }
}

// The table that takes part in EXCHANGE PARTITION p WITH TABLE t, CONVERT PARTITION p TO TABLE t,
// CONVERT TABLE t TO PARTITION p.
void read_other_table(SqlCursor at, std::string_view database, Statement& statement) {
  const bool exchange = at.take("EXCHANGE");
  if (!exchange && (!at.take("CONVERT") || at.sees("TO"))) return;
  const bool leaves = at.sees("TABLE");
  while (!at.empty() && !at.take("TABLE")) at.skip();
  const std::optional<TableName> table = at.take_table(database);
  if (!table) return;
  Action action{.table = *table};
  if (exchange) {
    action.keeps_rows = false;
  } else if (leaves) {
    action.kind = Action::Kind::drop;
  } else {
    action.kind = Action::Kind::create;
    action.edit.doubt = "it was a partition";
  }
  statement.actions.push_back(std::move(action));
}

// RENAME [TO | AS | =] name; not RENAME COLUMN, INDEX, KEY.
std::optional<TableName> renamed_to(SqlCursor at, std::string_view database) {
  if (!at.take("RENAME")) return std::nullopt;
  if (!at.take_any({"TO", "AS"}) && !at.take('=') && at.sees_any({"COLUMN", "INDEX", "KEY"}))
    return std::nullopt;
  return at.take_table(database);
}

// Clauses that themselves hold commas: the parts that follow belong to them.
bool goes_on_in(SqlTokens clause) {
  SqlCursor at(clause);
  if (at.take_all({"ORDER", "BY"})) return true;
  return (at.take_any({"DROP", "ADD", "REORGANIZE", "REBUILD", "OPTIMIZE", "ANALYZE", "CHECK",
                       "REPAIR", "TRUNCATE", "DISCARD", "IMPORT"}) &&
          at.sees("PARTITION")) ||
         SqlCursor(clause).sees("PARTITION");
}

bool is_list_part(SqlTokens clause) {
  SqlCursor at(clause);
  at.take_name();
  if (at.take("INTO")) return true;
  at.take_any({"ASC", "DESC"});
  return at.empty();
}

void read_alter_table(SqlCursor at, std::string_view database, bool ignore,
                      const SqlDialect& dialect, Statement& statement) {
  at.take_all({"IF", "EXISTS"});
  const std::optional<TableName> table = at.take_table(database);
  if (!table) return;
  statement.kind = Kind::ddl;
  // ALTER IGNORE drops rows that break a new unique key.
  Action alter{.kind = Action::Kind::alter,
               .table = *table,
               .keeps_rows = !ignore,
               .system_versioned = speaks_of_versioning(at.left())};
  if (at.take("WAIT")) at.skip();
  at.take("NOWAIT");
  std::optional<TableName> new_name;
  const std::vector<SqlTokens> specs = split_commas(at.left());
  bool in_list = false;  // of what one clause names
  for (const SqlTokens spec : specs) {
    if (const auto name = renamed_to(SqlCursor(spec), database)) {
      new_name = name;
      continue;
    }
    if (in_list && is_list_part(spec)) continue;
    in_list = goes_on_in(spec);
    if (SqlCursor(spec).sees("ORDER")) continue;
    read_alter_clause(SqlCursor(spec), dialect, alter);
    read_other_table(SqlCursor(spec), database, statement);
  }
  if (!new_name || specs.size() > 1) statement.actions.push_back(std::move(alter));
  if (new_name)
    statement.actions.push_back({.kind = Action::Kind::rename, .table = *table, .to = *new_name});
}

// ---- the statements

// name ON table: CREATE INDEX, DROP INDEX
void read_index(SqlCursor at, std::string_view database, bool drop, Statement& statement) {
  at.take_all({"IF", "NOT", "EXISTS"});
  at.take_all({"IF", "EXISTS"});
  const std::optional<std::string> index = at.take_name();
  while (!at.empty() && !at.sees("ON")) at.skip();
  at.take("ON");
  const std::optional<TableName> table = at.take_table(database);
  if (!index || !table) return;
  statement.kind = Kind::ddl;
  Action alter{.kind = Action::Kind::alter, .table = *table};
  if (drop && same_word(*index, "PRIMARY"))
    alter.edit.clauses.push_back({.kind = TableClause::Kind::drop_primary_key});
  statement.actions.push_back(std::move(alter));
}

// [DEFAULT] CHARACTER SET x, COLLATE y, and what else a database has.
std::optional<std::string> read_database_options(SqlCursor at) {
  std::optional<std::string> charset;
  while (!at.empty()) {
    const std::optional<std::string> named = take_charset(at);
    if (!named)
      at.skip();
    else if (!charset || !named->empty())
      charset = named;
  }
  return charset;
}

void read_create_database(SqlCursor at, bool replace, Statement& statement) {
  const bool if_not_exists = at.take_all({"IF", "NOT", "EXISTS"});
  const std::optional<std::string> name = at.take_name();
  if (!name) return;
  statement.kind = Kind::ddl;
  if (replace)
    statement.actions.push_back({.kind = Action::Kind::drop_database, .table = {*name, ""}});
  statement.actions.push_back({.kind = Action::Kind::create_database,
                               .table = {*name, ""},
                               .if_not_exists = if_not_exists,
                               .charset = read_database_options(at).value_or("")});
}

void read_alter_database(SqlCursor at, std::string_view database, Statement& statement) {
  std::string name(database);
  SqlCursor options = at;
  if (!take_charset(options) && !at.sees_any({"READ", "ENCRYPTION", "COMMENT", "UPGRADE"}))
    name = at.take_name().value_or(name);
  statement.kind = Kind::ddl;
  statement.actions.push_back({.kind = Action::Kind::alter_database,
                               .table = {name, ""},
                               .charset = read_database_options(at)});
}

void read_create_table(SqlCursor at, std::string_view database, bool replace,
                       const SqlDialect& dialect, Statement& statement) {
  const bool if_not_exists = at.take_all({"IF", "NOT", "EXISTS"});
  const std::optional<TableName> table = at.take_table(database);
  if (!table) return;
  statement.kind = Kind::ddl;
  statement.actions.push_back({.kind = replace ? Action::Kind::replace : Action::Kind::create,
                               .table = *table,
                               .edit = read_table_body(at, database, dialect),
                               .if_not_exists = if_not_exists,
                               .system_versioned = speaks_of_versioning(at.left())});
}

void read_create(SqlCursor at, std::string_view database, const SqlDialect& dialect,
                 Statement& statement) {
  const bool replace = at.take_all({"OR", "REPLACE"});
  at.take_any({"ONLINE", "OFFLINE"});
  if (at.take_any({"DATABASE", "SCHEMA"})) return read_create_database(at, replace, statement);
  if (at.take("TEMPORARY")) {
    statement.kind = Kind::ddl;
    return;
  }
  if (at.take("TABLE")) return read_create_table(at, database, replace, dialect, statement);
  SqlCursor index = at;
  index.take_any({"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"});
  if (index.take_any({"INDEX", "KEY"})) return read_index(index, database, false, statement);
  // Views, routines, triggers, events, users, roles, servers, sequences, tablespaces ...
  statement.kind = Kind::irrelevant;
}

void read_alter(SqlCursor at, std::string_view database, const SqlDialect& dialect,
                Statement& statement) {
  at.take_any({"ONLINE", "OFFLINE"});
  const bool ignore = at.take("IGNORE");
  if (at.take("TABLE")) return read_alter_table(at, database, ignore, dialect, statement);
  if (at.take_any({"DATABASE", "SCHEMA"})) return read_alter_database(at, database, statement);
  statement.kind = Kind::irrelevant;
}

void read_table_list(SqlCursor at, std::string_view database, Action::Kind kind,
                     Statement& statement) {
  statement.kind = Kind::ddl;
  do {
    const std::optional<TableName> table = at.take_table(database);
    if (!table) {
      statement.kind = Kind::unknown;
      return;
    }
    statement.actions.push_back({.kind = kind, .table = *table});
  } while (at.take(','));
}

void read_drop(SqlCursor at, std::string_view database, Statement& statement) {
  at.take_any({"ONLINE", "OFFLINE"});
  if (at.take("TEMPORARY")) {
    statement.kind = Kind::ddl;
    return;
  }
  if (at.take_any({"TABLE", "TABLES"})) {
    at.take_all({"IF", "EXISTS"});
    return read_table_list(at, database, Action::Kind::drop, statement);
  }
  if (at.take_any({"DATABASE", "SCHEMA"})) {
    at.take_all({"IF", "EXISTS"});
    const std::optional<std::string> name = at.take_name();
    if (!name) return;
    statement.kind = Kind::ddl;
    statement.actions.push_back({.kind = Action::Kind::drop_database, .table = {*name, ""}});
    return;
  }
  if (at.take("INDEX")) return read_index(at, database, true, statement);
  statement.kind = Kind::irrelevant;
}

void read_rename(SqlCursor at, std::string_view database, Statement& statement) {
  if (!at.take_any({"TABLE", "TABLES"})) {
    statement.kind = Kind::irrelevant;  // RENAME USER
    return;
  }
  at.take_all({"IF", "EXISTS"});
  statement.kind = Kind::ddl;
  do {
    const std::optional<TableName> from = at.take_table(database);
    if (at.take("WAIT")) at.skip();
    at.take("NOWAIT");
    at.take("TO");
    const std::optional<TableName> to = at.take_table(database);
    if (!from || !to) {
      statement.kind = Kind::unknown;
      return;
    }
    statement.actions.push_back({.kind = Action::Kind::rename, .table = *from, .to = *to});
  } while (at.take(','));
}

void read_data(SqlCursor at, std::string_view database, Statement& statement) {
  statement.kind = Kind::data;
  const bool deletes = at.sees("DELETE");
  if (!at.take_any({"INSERT", "REPLACE", "UPDATE", "DELETE"})) return;
  while (at.take_any({"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"})) {
  }
  if (!deletes) at.take("INTO");
  if (deletes && !at.take("FROM")) return;  // DELETE t1, t2 FROM ...
  statement.target = at.take_table(database);
  at.take(';');
  statement.whole_table = deletes && at.empty();
}

std::string joined(SqlTokens tokens) {
  std::string text;
  for (const SqlToken& token : tokens) text += token.text;
  return text;
}

void read_xa(SqlCursor at, Statement& statement) {
  if (at.take_any({"START", "BEGIN"}))
    statement.kind = Kind::xa_start;
  else if (at.take("END"))
    statement.kind = Kind::xa_end;
  else if (at.take("PREPARE"))
    statement.kind = Kind::xa_prepare;
  else if (at.take("COMMIT"))
    statement.kind = Kind::xa_commit;
  else if (at.take("ROLLBACK"))
    statement.kind = Kind::xa_rollback;
  statement.xid = joined(at.left());
}

void read_transaction(SqlCursor at, Statement& statement) {
  if (at.take("BEGIN"))
    statement.kind = Kind::begin;
  else if (at.take_all({"START", "TRANSACTION"}))
    statement.kind = Kind::begin;
  else if (at.take("COMMIT"))
    statement.kind = Kind::commit;
  else if (at.take_any({"SAVEPOINT", "RELEASE"}))
    statement.kind = Kind::savepoint;
  else if (at.take("ROLLBACK")) {
    at.take("WORK");
    statement.kind = at.sees("TO") ? Kind::rollback_to : Kind::rollback;
  }
}

// MariaDB: SET STATEMENT variable = value, ... FOR statement
void skip_set_statement(SqlCursor& at) {
  SqlCursor ahead = at;
  if (!ahead.take_all({"SET", "STATEMENT"})) return;
  while (!ahead.empty() && !ahead.sees("FOR")) ahead.skip();
  if (ahead.take("FOR")) at = ahead;
}

bool is_irrelevant(SqlCursor at) {
  if (at.take("ANALYZE")) return at.sees_any({"TABLE", "TABLES", "LOCAL", "NO_WRITE_TO_BINLOG"});
  return at.sees_any({"GRANT", "REVOKE",   "SET",      "FLUSH",   "OPTIMIZE",  "REPAIR",
                      "CHECK", "CHECKSUM", "INSTALL",  "RESET",   "PURGE",     "CHANGE",
                      "USE",   "LOCK",     "UNLOCK",   "CACHE",   "UNINSTALL", "SHOW",
                      "KILL",  "EXPLAIN",  "SHUTDOWN", "RESTART", "DEALLOCATE"});
}

}  // namespace

Statement read_statement(std::string_view text, std::string_view database,
                         const SqlDialect& dialect) {
  Statement statement;
  // Nearly every statement of a log in ROW format is this one.
  if (text == "BEGIN") {
    statement.kind = Kind::begin;
    return statement;
  }
  const std::vector<SqlToken> tokens = cut_sql(text, dialect);
  SqlCursor at(tokens);
  skip_set_statement(at);
  if (at.empty()) {
    statement.kind = Kind::irrelevant;
  } else if (at.sees_any({"BEGIN", "START", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"})) {
    read_transaction(at, statement);
  } else if (at.take("XA")) {
    read_xa(at, statement);
  } else if (at.take("CREATE")) {
    read_create(at, database, dialect, statement);
  } else if (at.take("ALTER")) {
    read_alter(at, database, dialect, statement);
  } else if (at.take("DROP")) {
    read_drop(at, database, statement);
  } else if (at.take("RENAME")) {
    read_rename(at, database, statement);
  } else if (at.take("TRUNCATE")) {
    at.take("TABLE");
    read_table_list(at, database, Action::Kind::truncate, statement);
  } else if (at.take_all({"LOAD", "INDEX"}) || is_irrelevant(at)) {
    statement.kind = Kind::irrelevant;
  } else if (at.sees_any({"INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "WITH", "CALL", "DO",
                          "SELECT", "ANALYZE", "VALUES", "EXECUTE"})) {
    read_data(at, database, statement);
  }
  return statement;
}

}  // namespace freshet
