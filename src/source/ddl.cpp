#include "source/ddl.h"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <utility>

#include "source/binlog_event.h"

namespace freshet {

namespace {

using Kind = Statement::Kind;
using Action = Statement::Action;

struct Token {
  enum class Kind : std::uint8_t { word, name, string, symbol };
  Kind kind = Kind::symbol;
  std::string text;  // a word as written; a name or string with its quotes undone
};

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, upper, upper);
}

bool is_word_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Cuts SQL into tokens. Comments vanish; of executable comments (`/*!50100 ... */`, `/*M! ... */`)
// only the marks vanish, for the server that logged them has run what they hold.
class Tokenizer {
 public:
  Tokenizer(std::string_view text, std::uint64_t sql_mode)
      : text_(text),
        ansi_quotes_((sql_mode & Query::kAnsiQuotes) != 0),
        backslash_((sql_mode & Query::kNoBackslashEscapes) == 0) {}

  std::vector<Token> all() {
    std::vector<Token> tokens;
    while (skip_blanks()) tokens.push_back(next());
    return tokens;
  }

 private:
  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
  [[nodiscard]] bool ends() const noexcept { return at_ >= text_.size(); }

  void skip_past(std::string_view mark) {
    const std::size_t found = text_.find(mark, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + mark.size();
  }

  bool skip_comment() {
    const std::string_view here = rest();
    const bool dashes = here.starts_with("--") && (here.size() == 2 || is_space(here[2]));
    if (dashes || here.starts_with('#')) {
      skip_past("\n");
    } else if (here.starts_with("/*!") || here.starts_with("/*M!")) {
      at_ += here[2] == '!' ? 3 : 4;
      while (!ends() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      ++executable_;
    } else if (here.starts_with("/*")) {
      at_ += 2;
      skip_past("*/");
    } else if (executable_ > 0 && here.starts_with("*/")) {
      at_ += 2;
      --executable_;
    } else {
      return false;
    }
    return true;
  }

  // False at the end.
  bool skip_blanks() {
    while (!ends())
      if (is_space(text_[at_]))
        ++at_;
      else if (!skip_comment())
        return true;
    return false;
  }

  Token next() {
    const char c = text_[at_];
    if (c == '`') return {Token::Kind::name, quoted(c, false)};
    if (c == '"' && ansi_quotes_) return {Token::Kind::name, quoted(c, false)};
    if (c == '\'' || c == '"') return {Token::Kind::string, quoted(c, backslash_)};
    if (!is_word_char(c)) return {Token::Kind::symbol, std::string(1, text_[at_++])};
    const std::size_t start = at_;
    while (!ends() && is_word_char(text_[at_])) ++at_;
    return {Token::Kind::word, std::string(text_.substr(start, at_ - start))};
  }

  std::string quoted(char quote, bool backslash) {
    std::string content;
    for (++at_; !ends(); ++at_) {
      if (backslash && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        content += text_[++at_];
      } else if (text_[at_] != quote) {
        content += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        content += text_[++at_];
      } else {
        ++at_;
        break;
      }
    }
    return content;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int executable_ = 0;  // executable comments that are open
  bool ansi_quotes_;
  bool backslash_;
};

using Tokens = std::span<const Token>;

bool is_word(const Token& token, std::string_view word) noexcept {
  return token.kind == Token::Kind::word && same_word(token.text, word);
}

bool is_symbol(const Token& token, char symbol) noexcept {
  return token.kind == Token::Kind::symbol && token.text[0] == symbol;
}

// Walks tokens front to back. Taking what is not there changes nothing and says so.
class Cursor {
 public:
  explicit Cursor(Tokens tokens) noexcept : left_(tokens) {}

  [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
  [[nodiscard]] Tokens left() const noexcept { return left_; }
  [[nodiscard]] bool sees(std::string_view word) const noexcept {
    return !left_.empty() && is_word(left_[0], word);
  }
  [[nodiscard]] bool sees_any(std::initializer_list<std::string_view> words) const noexcept {
    return std::ranges::any_of(words, [&](std::string_view word) { return sees(word); });
  }

  bool take(std::string_view word) {
    if (!sees(word)) return false;
    left_ = left_.subspan(1);
    return true;
  }
  bool take(char symbol) {
    if (left_.empty() || !is_symbol(left_[0], symbol)) return false;
    left_ = left_.subspan(1);
    return true;
  }
  bool take_any(std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return take(word); });
  }
  // All the words, one after another, or nothing.
  bool take_all(std::initializer_list<std::string_view> words) {
    const Tokens before = left_;
    for (const std::string_view word : words)
      if (!take(word)) {
        left_ = before;
        return false;
      }
    return true;
  }
  void skip() { left_ = left_.subspan(left_.empty() ? 0 : 1); }

  // A name, quoted or bare.
  std::optional<std::string> take_name() {
    if (left_.empty()) return std::nullopt;
    const Token& token = left_[0];
    if (token.kind != Token::Kind::word && token.kind != Token::Kind::name) return std::nullopt;
    left_ = left_.subspan(1);
    return token.text;
  }

  std::optional<TableName> take_table(std::string_view database) {
    const bool own_database = take('.');  // ".t" is t
    std::optional<std::string> first = take_name();
    if (!first) return std::nullopt;
    if (own_database || !take('.')) return TableName{std::string(database), *first};
    std::optional<std::string> second = take_name();
    if (!second) return std::nullopt;
    return TableName{*first, *second};
  }

 private:
  Tokens left_;
};

// Splits at commas outside parentheses.
std::vector<Tokens> split_commas(Tokens tokens) {
  std::vector<Tokens> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], '(')) ++depth;
    if (is_symbol(tokens[i], ')')) --depth;
    if (depth != 0 || !is_symbol(tokens[i], ',')) continue;
    parts.push_back(tokens.subspan(start, i - start));
    start = i + 1;
  }
  if (start < tokens.size()) parts.push_back(tokens.subspan(start));
  return parts;
}

bool has_words(Tokens tokens, std::string_view first, std::string_view second) {
  return std::ranges::adjacent_find(tokens, [&](const Token& a, const Token& b) {
           return is_word(a, first) && is_word(b, second);
         }) != tokens.end();
}

bool speaks_of_versioning(Tokens tokens) { return has_words(tokens, "SYSTEM", "VERSIONING"); }

// ---- ALTER TABLE

// A new column that is NULL in every existing row.
bool is_null_column(Tokens definition) {
  constexpr std::string_view kDoubtful[] = {"NOT",       "GENERATED", "AS",      "AUTO_INCREMENT",
                                            "TIMESTAMP", "SERIAL",    "PRIMARY", "PERIOD",
                                            "SYSTEM"};
  // The column's own name may be any word.
  for (std::size_t i = 1; i < definition.size(); ++i) {
    const Token& token = definition[i];
    if (std::ranges::any_of(kDoubtful, [&](std::string_view word) { return is_word(token, word); }))
      return false;
    if (is_word(token, "DEFAULT") &&
        (i + 1 == definition.size() || !is_word(definition[i + 1], "NULL")))
      return false;
    if (is_word(token, "KEY") && !is_word(definition[i - 1], "UNIQUE")) return false;
  }
  return definition.size() > 1;
}

bool is_neutral_add(Cursor at) {
  if (at.take("CONSTRAINT")) {
    if (!at.sees_any({"FOREIGN", "CHECK", "UNIQUE", "PRIMARY"})) at.take_name();
    return at.sees_any({"FOREIGN", "CHECK", "UNIQUE"});
  }
  if (at.sees_any({"INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR", "FOREIGN", "CHECK"}))
    return true;
  if (at.sees_any({"PRIMARY", "PARTITION", "SYSTEM", "PERIOD"})) return false;
  at.take("COLUMN");
  at.take_all({"IF", "NOT", "EXISTS"});
  if (!at.take('(')) return is_null_column(at.left());
  Tokens list = at.left();
  if (list.empty() || !is_symbol(list.back(), ')')) return false;
  return std::ranges::all_of(split_commas(list.first(list.size() - 1)), is_null_column);
}

bool is_neutral_drop(Cursor at) {
  if (at.sees_any({"PRIMARY", "PARTITION", "SYSTEM", "PERIOD"})) return false;
  const bool index =
      at.take_any({"INDEX", "KEY", "CONSTRAINT", "CHECK"}) || at.take_all({"FOREIGN", "KEY"});
  at.take("COLUMN");
  at.take_all({"IF", "EXISTS"});
  const std::optional<std::string> name = at.take_name();
  return name && !(index && same_word(*name, "PRIMARY"));
}

// A table option that says nothing about values.
bool take_neutral_option(Cursor& at) {
  at.take("DEFAULT");
  if (at.take("ENGINE")) {
    at.take('=');
    return at.take_any({"INNODB", "MYISAM", "ARIA", "ROCKSDB"});
  }
  if (at.take_all({"CHARACTER", "SET"}) || at.take_all({"DATA", "DIRECTORY"}) ||
      at.take_all({"INDEX", "DIRECTORY"}) ||
      at.take_any({"CHARSET",
                   "COLLATE",
                   "COMMENT",
                   "AUTO_INCREMENT",
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
                   "TABLESPACE",
                   "PAGE_CHECKSUM",
                   "PAGE_COMPRESSED",
                   "TRANSACTIONAL",
                   "WAIT"})) {
    at.take('=');
    at.skip();
    return true;
  }
  return at.take_any({"FORCE", "NOWAIT"}) || at.take_all({"ENABLE", "KEYS"}) ||
         at.take_all({"DISABLE", "KEYS"});
}

// ADD or DROP of a column, or of what is read like one.
bool is_about_columns(Cursor at) {
  if (!at.take_any({"ADD", "DROP"})) return false;
  return !at.sees_any({"INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR", "FOREIGN",
                       "CHECK", "CONSTRAINT"});
}

bool is_neutral_spec(Cursor at) {
  if (at.take("ADD")) return is_neutral_add(at);
  if (at.take("DROP")) return is_neutral_drop(at);
  if (at.take_all({"ORDER", "BY"})) return true;
  if (at.take("RENAME")) return at.sees_any({"INDEX", "KEY"});
  if (at.take("ALTER")) {
    if (at.sees_any({"INDEX", "KEY", "CHECK", "CONSTRAINT"})) return true;
    at.take("COLUMN");
    at.take_name();
    return at.sees_any({"SET", "DROP"});
  }
  while (!at.empty())
    if (!take_neutral_option(at)) return false;
  return true;
}

// RENAME [TO | AS | =] name; not RENAME COLUMN, INDEX, KEY.
std::optional<TableName> renamed_to(Cursor at, std::string_view database) {
  if (!at.take("RENAME")) return std::nullopt;
  if (!at.take_any({"TO", "AS"}) && !at.take('=') && at.sees_any({"COLUMN", "INDEX", "KEY"}))
    return std::nullopt;
  return at.take_table(database);
}

void read_alter_table(Cursor at, std::string_view database, bool ignore, Statement& statement) {
  at.take_all({"IF", "EXISTS"});
  const std::optional<TableName> table = at.take_table(database);
  if (!table) return;
  statement.kind = Kind::ddl;
  // ALTER IGNORE drops rows that break a new unique key.
  Action alter{.kind = Action::Kind::alter,
               .table = *table,
               .neutral = !ignore,
               .same_columns = !ignore,
               .system_versioned = speaks_of_versioning(at.left())};
  if (at.take("WAIT")) at.skip();
  at.take("NOWAIT");
  std::optional<TableName> new_name;
  const std::vector<Tokens> specs = split_commas(at.left());
  for (const Tokens spec : specs) {
    if (const auto name = renamed_to(Cursor(spec), database)) {
      new_name = name;
      continue;
    }
    alter.neutral = alter.neutral && is_neutral_spec(Cursor(spec));
    alter.same_columns = alter.same_columns && alter.neutral && !is_about_columns(Cursor(spec));
  }
  if (!new_name || specs.size() > 1) statement.actions.push_back(alter);
  if (new_name)
    statement.actions.push_back({.kind = Action::Kind::rename, .table = *table, .to = *new_name});
}

// ---- the statements

// name ON table: CREATE INDEX, DROP INDEX
void read_index(Cursor at, std::string_view database, bool drop, Statement& statement) {
  at.take_all({"IF", "NOT", "EXISTS"});
  at.take_all({"IF", "EXISTS"});
  const std::optional<std::string> index = at.take_name();
  while (!at.empty() && !at.sees("ON")) at.skip();
  at.take("ON");
  const std::optional<TableName> table = at.take_table(database);
  if (!index || !table) return;
  statement.kind = Kind::ddl;
  const bool key = drop && same_word(*index, "PRIMARY");
  statement.actions.push_back(
      {.kind = Action::Kind::alter, .table = *table, .neutral = !key, .same_columns = !key});
}

void read_create(Cursor at, std::string_view database, Statement& statement) {
  const bool replace = at.take_all({"OR", "REPLACE"});
  at.take_any({"ONLINE", "OFFLINE"});
  if (at.sees_any({"DATABASE", "SCHEMA"})) {
    statement.kind = Kind::ddl;
    at.skip();
    if (const auto name = at.take_name(); replace && name)
      statement.actions.push_back({.kind = Action::Kind::drop_database, .table = {*name, ""}});
    return;
  }
  if (at.take("TEMPORARY")) {
    statement.kind = Kind::ddl;
    return;
  }
  if (at.take("TABLE")) {
    at.take_all({"IF", "NOT", "EXISTS"});
    const std::optional<TableName> table = at.take_table(database);
    if (!table) return;
    statement.kind = Kind::ddl;
    statement.actions.push_back({.kind = replace ? Action::Kind::replace : Action::Kind::create,
                                 .table = *table,
                                 .system_versioned = speaks_of_versioning(at.left())});
    return;
  }
  Cursor index = at;
  index.take_any({"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"});
  if (index.take_any({"INDEX", "KEY"})) return read_index(index, database, false, statement);
  // Views, routines, triggers, events, users, roles, servers, sequences, tablespaces ...
  statement.kind = Kind::irrelevant;
}

void read_alter(Cursor at, std::string_view database, Statement& statement) {
  at.take_any({"ONLINE", "OFFLINE"});
  const bool ignore = at.take("IGNORE");
  if (at.take("TABLE")) return read_alter_table(at, database, ignore, statement);
  statement.kind = Kind::irrelevant;
}

void read_table_list(Cursor at, std::string_view database, Action::Kind kind,
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

void read_drop(Cursor at, std::string_view database, Statement& statement) {
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

void read_rename(Cursor at, std::string_view database, Statement& statement) {
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

void read_data(Cursor at, std::string_view database, Statement& statement) {
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

std::string joined(Tokens tokens) {
  std::string text;
  for (const Token& token : tokens) text += token.text;
  return text;
}

void read_xa(Cursor at, Statement& statement) {
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

void read_transaction(Cursor at, Statement& statement) {
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
void skip_set_statement(Cursor& at) {
  Cursor ahead = at;
  if (!ahead.take_all({"SET", "STATEMENT"})) return;
  while (!ahead.empty() && !ahead.sees("FOR")) ahead.skip();
  if (ahead.take("FOR")) at = ahead;
}

bool is_irrelevant(Cursor at) {
  if (at.take("ANALYZE")) return at.sees_any({"TABLE", "TABLES", "LOCAL", "NO_WRITE_TO_BINLOG"});
  return at.sees_any({"GRANT", "REVOKE",   "SET",      "FLUSH",   "OPTIMIZE",  "REPAIR",
                      "CHECK", "CHECKSUM", "INSTALL",  "RESET",   "PURGE",     "CHANGE",
                      "USE",   "LOCK",     "UNLOCK",   "CACHE",   "UNINSTALL", "SHOW",
                      "KILL",  "EXPLAIN",  "SHUTDOWN", "RESTART", "DEALLOCATE"});
}

}  // namespace

Statement read_statement(std::string_view text, std::string_view database, std::uint64_t sql_mode) {
  Statement statement;
  // Nearly every statement of a log in ROW format is this one.
  if (text == "BEGIN") {
    statement.kind = Kind::begin;
    return statement;
  }
  const std::vector<Token> tokens = Tokenizer(text, sql_mode).all();
  Cursor at(tokens);
  skip_set_statement(at);
  if (at.empty()) {
    statement.kind = Kind::irrelevant;
  } else if (at.sees_any({"BEGIN", "START", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"})) {
    read_transaction(at, statement);
  } else if (at.take("XA")) {
    read_xa(at, statement);
  } else if (at.take("CREATE")) {
    read_create(at, database, statement);
  } else if (at.take("ALTER")) {
    read_alter(at, database, statement);
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
