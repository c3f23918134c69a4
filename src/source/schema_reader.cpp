#include "source/schema_reader.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "source/charset.h"
#include "source/column_reader.h"

namespace freshet {

namespace {

// What the length and scale of a Column mean for its type.
enum class Extent { none, characters, bytes, bits, decimal, fraction, labels };

struct TypeRule {
  ColumnType type;
  Extent extent = Extent::none;
};

// DATA_TYPE of information_schema, MySQL and MariaDB together.
const TypeRule* find_rule(std::string_view data_type) {
  using enum ColumnType;
  static const std::unordered_map<std::string_view, TypeRule> kRules = {
      {"tinyint", {tinyint}},
      {"smallint", {smallint}},
      {"mediumint", {mediumint}},
      {"int", {integer}},
      {"bigint", {bigint}},
      {"decimal", {decimal, Extent::decimal}},
      {"float", {real32}},
      {"double", {real64}},
      {"bit", {bit, Extent::bits}},
      {"year", {year}},
      {"date", {date}},
      {"time", {time, Extent::fraction}},
      {"datetime", {datetime, Extent::fraction}},
      {"timestamp", {timestamp, Extent::fraction}},
      {"char", {char_, Extent::characters}},
      {"varchar", {varchar, Extent::characters}},
      {"tinytext", {tinytext, Extent::characters}},
      {"text", {text, Extent::characters}},
      {"mediumtext", {mediumtext, Extent::characters}},
      {"longtext", {longtext, Extent::characters}},
      {"binary", {binary, Extent::bytes}},
      {"varbinary", {varbinary, Extent::bytes}},
      {"tinyblob", {tinyblob, Extent::bytes}},
      {"blob", {blob, Extent::bytes}},
      {"mediumblob", {mediumblob, Extent::bytes}},
      {"longblob", {longblob, Extent::bytes}},
      {"enum", {enumeration, Extent::labels}},
      {"set", {set, Extent::labels}},
      {"json", {json}},
      {"geometry", {geometry}},
      {"point", {geometry}},
      {"linestring", {geometry}},
      {"polygon", {geometry}},
      {"multipoint", {geometry}},
      {"multilinestring", {geometry}},
      {"multipolygon", {geometry}},
      {"geometrycollection", {geometry}},
      {"geomcollection", {geometry}},
      {"vector", {vector}},
      {"uuid", {uuid}},
      {"inet4", {inet4}},
      {"inet6", {inet6}},
  };
  const auto found = kRules.find(data_type);
  return found == kRules.end() ? nullptr : &found->second;
}

void set_extent(Column& column, Extent extent, const ColumnFacts& facts) {
  switch (extent) {
    case Extent::none: break;
    case Extent::characters:
    case Extent::bytes: column.length = static_cast<std::uint32_t>(facts.characters); break;
    case Extent::bits: column.length = facts.precision; break;
    case Extent::decimal:
      column.length = facts.precision;
      column.scale = static_cast<std::uint8_t>(facts.scale);
      break;
    case Extent::fraction: column.scale = static_cast<std::uint8_t>(facts.fraction); break;
    case Extent::labels: column.labels = parse_labels(facts.column_type); break;
  }
}

bool is_numeric(ColumnType type) noexcept { return type <= ColumnType::real64; }

std::uint64_t number_in(const std::optional<std::string>& text) {
  std::uint64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

// One table, or all of a database where `table` is empty.
std::string where_table(Connection& connection, const TableName& table,
                        std::string_view schema_column = "TABLE_SCHEMA") {
  std::string where = fmt::format("{} = {}", schema_column, connection.quote(table.database));
  if (!table.table.empty()) where += " AND TABLE_NAME = " + connection.quote(table.table);
  return where;
}

using NamesByTable = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

// Names of the columns with a check constraint json_valid(`name`): what MariaDB makes of JSON.
NamesByTable json_checked_columns(Connection& connection, const TableName& table) {
  NamesByTable names;
  const std::vector<SqlRow> rows = connection.query(
      "SELECT TABLE_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE " +
      where_table(connection, table, "CONSTRAINT_SCHEMA"));
  constexpr std::string_view kHead = "json_valid(`";
  constexpr std::string_view kTail = "`)";
  for (const SqlRow& row : rows) {
    const std::string_view clause = row[1] ? std::string_view(*row[1]) : std::string_view{};
    if (clause.starts_with(kHead) && clause.ends_with(kTail))
      names[row[0].value_or("")].emplace(
          clause.substr(kHead.size(), clause.size() - kHead.size() - kTail.size()));
  }
  return names;
}

using FactsByTable = std::map<std::string, std::vector<ColumnFacts>, std::less<>>;

FactsByTable read_columns(Connection& connection, const ServerFacts& facts,
                          const TableName& table) {
  const std::vector<SqlRow> rows = connection.query(
      "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, "
      "CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, "
      "CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE " +
      where_table(connection, table) + " ORDER BY TABLE_NAME, ORDINAL_POSITION");
  NamesByTable json_checked;
  if (facts.mariadb && !rows.empty()) json_checked = json_checked_columns(connection, table);
  FactsByTable tables;
  for (const SqlRow& row : rows) {
    const std::string name = row[0].value_or("");
    tables[name].push_back({.name = row[1].value_or(""),
                            .data_type = row[2].value_or(""),
                            .column_type = row[3].value_or(""),
                            .nullable = row[4] == "YES",
                            .characters = number_in(row[5]),
                            .precision = static_cast<std::uint32_t>(number_in(row[6])),
                            .scale = static_cast<std::uint32_t>(number_in(row[7])),
                            .fraction = static_cast<std::uint32_t>(number_in(row[8])),
                            .charset = row[9].value_or(""),
                            .json_check = json_checked[name].contains(row[1].value_or(""))});
  }
  return tables;
}

// Primary keys, as names in key order.
std::map<std::string, std::vector<std::string>, std::less<>> read_keys(Connection& connection,
                                                                       const TableName& table) {
  const std::vector<SqlRow> rows = connection.query(
      "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE " +
      where_table(connection, table) + " AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX");
  std::map<std::string, std::vector<std::string>, std::less<>> keys;
  for (const SqlRow& row : rows) keys[row[0].value_or("")].push_back(row[1].value_or(""));
  return keys;
}

std::string charset_of(const ColumnFacts& facts) {
  const Charset* charset = charset_of_name(facts.charset);
  // A name that is unknown here stays: it must not be taken for bytes.
  if (charset == nullptr) return facts.charset;
  return charset->binary() ? std::string() : std::string(charset->name);
}

TableDefinition definition_from(const TableName& table, const std::vector<ColumnFacts>& columns,
                                const std::vector<std::string>& key, const std::string& collation) {
  TableDefinition definition;
  definition.schema.name = table;
  definition.charset = charset_of_collation_name(collation);
  for (const ColumnFacts& column : columns) {
    try {
      definition.schema.columns.push_back(column_from(column));
    } catch (const Error& error) {
      fail(error.kind(), "table {}: {}", table.qualified(), error.what());
    }
    definition.traits.push_back({.charset = charset_of(column)});
  }
  for (const std::string& part : key) {
    const std::optional<std::uint32_t> index = definition.schema.find(part);
    if (!index)
      fail(ErrorKind::unsupported, "table {}: its primary key has a part that is not a column",
           table.qualified());
    definition.schema.key.push_back(*index);
  }
  return definition;
}

// The servers write labels with a quote doubled and NUL, newline, return and backslash escaped,
// whatever the sql_mode (append_unescaped() in both).
class LabelParser {
 public:
  explicit LabelParser(std::string_view text) : text_(text) {}

  std::vector<std::string> parse() {
    at_ = std::min(text_.find('('), text_.size());
    std::vector<std::string> labels;
    char separator = '(';
    while (separator != ')') {
      if (separator != (labels.empty() ? '(' : ',')) malformed();
      take();
      labels.push_back(parse_label());
      separator = peek();
    }
    return labels;
  }

 private:
  std::string parse_label() {
    if (take() != '\'') malformed();
    std::string label;
    while (true) {
      const char c = take();
      if (c == '\\') {
        label.push_back(unescaped(take()));
      } else if (c != '\'') {
        label.push_back(c);
      } else if (at_ < text_.size() && text_[at_] == '\'') {
        label.push_back(take());
      } else {
        return label;
      }
    }
  }

  static char unescaped(char c) noexcept {
    switch (c) {
      case '0': return '\0';
      case 'n': return '\n';
      case 'r': return '\r';
      default: return c;
    }
  }

  [[nodiscard]] char peek() const {
    if (at_ >= text_.size()) malformed();
    return text_[at_];
  }
  char take() {
    const char c = peek();
    ++at_;
    return c;
  }
  [[noreturn]] void malformed() const {
    fail(ErrorKind::corrupt, "the server describes an ENUM or SET as {}", text_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::vector<TableName> tables_of_type(Connection& connection, std::string_view type) {
  const std::vector<SqlRow> rows =
      connection.query(fmt::format("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
                                   "WHERE TABLE_TYPE = '{}' AND TABLE_SCHEMA NOT IN "
                                   "('mysql', 'information_schema', 'performance_schema', 'sys')",
                                   type));
  std::vector<TableName> tables;
  tables.reserve(rows.size());
  for (const SqlRow& row : rows) tables.push_back({row[0].value_or(""), row[1].value_or("")});
  std::ranges::sort(tables);
  return tables;
}

std::uint64_t read_statistic(Connection& connection, std::string_view column,
                             const TableName& table) {
  return number_in(connection.value(fmt::format("SELECT {} FROM information_schema.TABLES WHERE {}",
                                                column, where_table(connection, table))));
}

}  // namespace

std::vector<std::string> parse_labels(std::string_view column_type) {
  LabelParser parser(column_type);
  return parser.parse();
}

Column column_from(const ColumnFacts& facts) {
  const TypeRule* rule = find_rule(facts.data_type);
  if (rule == nullptr)
    fail(ErrorKind::unsupported, "column {} has type {}, which Freshet does not carry", facts.name,
         facts.column_type);
  Column column;
  column.name = facts.name;
  column.type = rule->type;
  column.nullable = facts.nullable;
  set_extent(column, rule->extent, facts);
  if (is_numeric(column.type))
    column.is_unsigned = facts.column_type.find(" unsigned") != std::string::npos;
  if (facts.json_check && column.type == ColumnType::longtext) {
    column.type = ColumnType::json;
    column.length = 0;
  }
  return column;
}

std::optional<TableDefinition> read_table_definition(Connection& connection,
                                                     const ServerFacts& facts,
                                                     const TableName& table) {
  const std::vector<SqlRow> rows =
      connection.query("SELECT TABLE_TYPE, TABLE_COLLATION FROM information_schema.TABLES WHERE " +
                       where_table(connection, table));
  if (rows.empty()) return std::nullopt;
  if (rows[0][0] == "SYSTEM VERSIONED")
    fail(ErrorKind::unsupported,
         "table {} is system-versioned: its log holds history rows, which Freshet does not carry",
         table.qualified());
  if (rows[0][0] != "BASE TABLE") return std::nullopt;
  const FactsByTable columns = read_columns(connection, facts, table);
  if (columns.empty()) return std::nullopt;
  return definition_from(table, columns.begin()->second, read_keys(connection, table)[table.table],
                         rows[0][1].value_or(""));
}

std::optional<TableDefinition> read_locked_definition(Connection& connection,
                                                      const ServerFacts& facts,
                                                      const TableName& table) {
  constexpr unsigned kNoSuchTable = 1146, kUnknownDatabase = 1049;
  connection.execute("SET SESSION lock_wait_timeout = 10");
  connection.execute("START TRANSACTION READ ONLY");
  struct AtExit {
    Connection& connection;
    ~AtExit() {
      try {
        connection.execute("ROLLBACK");
      } catch (const Error&) {  // the link is gone, and the lock with it
      }
    }
  } at_exit{connection};
  try {
    connection.execute(fmt::format("SELECT 1 FROM {}.{} LIMIT 0",
                                   Connection::quote_name(table.database),
                                   Connection::quote_name(table.table)));
  } catch (const Error& error) {
    const unsigned code = connection.error_code();
    if (code == kNoSuchTable || code == kUnknownDatabase) return std::nullopt;
    fail(ErrorKind::unavailable, "the definition of {} cannot be read: {}", table.qualified(),
         error.what());
  }
  return read_table_definition(connection, facts, table);
}

std::vector<TableDefinition> read_definitions(Connection& connection, const ServerFacts& facts,
                                              const std::string& database) {
  const TableName all{database, ""};
  const std::vector<SqlRow> tables = connection.query(
      "SELECT TABLE_NAME, TABLE_COLLATION, ENGINE FROM information_schema.TABLES WHERE "
      "TABLE_TYPE = 'BASE TABLE' AND " +
      where_table(connection, all));
  const FactsByTable columns = read_columns(connection, facts, all);
  auto keys = read_keys(connection, all);
  std::vector<TableDefinition> definitions;
  for (const SqlRow& row : tables) {
    const TableName name{database, row[0].value_or("")};
    const auto found = columns.find(name.table);
    if (found == columns.end() || (!facts.mariadb && row[2] != "InnoDB")) continue;
    try {
      definitions.push_back(
          definition_from(name, found->second, keys[name.table], row[1].value_or("")));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported) throw;
    }
  }
  return definitions;
}

std::vector<std::pair<std::string, std::string>> list_databases(Connection& connection) {
  std::vector<std::pair<std::string, std::string>> databases;
  for (const SqlRow& row : connection.query(
           "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE "
           "SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')"))
    databases.emplace_back(row[0].value_or(""), row[1].value_or(""));
  return databases;
}

std::vector<TableName> list_tables(Connection& connection) {
  return tables_of_type(connection, "BASE TABLE");
}

std::vector<TableName> list_versioned_tables(Connection& connection) {
  return tables_of_type(connection, "SYSTEM VERSIONED");
}

bool has_transactions(std::string_view engine) noexcept {
  return engine == "InnoDB" || engine == "ROCKSDB";
}

std::string engine_of(Connection& connection, const TableName& table) {
  return connection
      .value("SELECT ENGINE FROM information_schema.TABLES WHERE " + where_table(connection, table))
      .value_or("");
}

std::uint64_t estimate_rows(Connection& connection, const TableName& table) {
  return read_statistic(connection, "TABLE_ROWS", table);
}

std::uint64_t data_bytes(Connection& connection, const TableName& table) {
  return read_statistic(connection, "DATA_LENGTH", table);
}

std::uint64_t estimate_rows_where(Connection& connection, const ServerFacts& facts,
                                  const TableName& table, std::string_view where) {
  // The plan's columns: id, select_type, table, [partitions,] type, possible_keys, key, key_len,
  // ref, rows, [filtered,] Extra; what stands in brackets came with MySQL 5.7.
  constexpr std::size_t kColumnsBefore57 = 10;
  const std::vector<SqlRow> plan = connection.query(fmt::format(
      "EXPLAIN {}SELECT * FROM {}.{} WHERE ({})", facts.mariadb ? "" : "FORMAT=TRADITIONAL ",
      Connection::quote_name(table.database), Connection::quote_name(table.table), where));
  if (plan.empty()) return 0;
  const std::size_t rows_at = plan[0].size() <= kColumnsBefore57 ? 8 : 9;
  if (plan[0].size() <= rows_at) return 0;
  const std::string text = plan[0][rows_at].value_or("0");
  std::uint64_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

std::uint64_t average_row_bytes(Connection& connection, const TableName& table) {
  return read_statistic(connection, "AVG_ROW_LENGTH", table);
}

bool has_scannable_key(Connection& connection, const TableSchema& schema) {
  if (!schema.has_key()) return false;
  const ColumnType first = schema.columns[schema.key[0]].type;
  if (first == ColumnType::enumeration || first == ColumnType::set) return false;
  // No sums: MySQL 5.6 leaves columns empty of which it is asked for nothing else.
  const std::vector<SqlRow> parts =
      connection.query("SELECT SUB_PART, COLLATION FROM information_schema.STATISTICS WHERE " +
                       where_table(connection, schema.name) + " AND INDEX_NAME = 'PRIMARY'");
  return !parts.empty() && std::ranges::all_of(parts, [&](const SqlRow& part) {
    return !part.at(0) && part.at(1) == parts.front().at(1);
  });
}

}  // namespace freshet
