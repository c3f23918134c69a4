#include "source/column_reader.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"

namespace freshet {

namespace {

using enum ColumnType;

constexpr std::uint64_t kRealAsFloat = 0x1;    // sql_mode, both servers
constexpr std::uint64_t kOtherTypes = 0x1200;  // ORACLE, MAXDB: type names mean other types

// What may follow a type's name in parentheses, and what it means.
enum class Argument : std::uint8_t {
  none,
  width,              // how to print it
  precision,          // DECIMAL
  real,               // FLOAT
  bits,               // BIT
  fraction,           // TIME ...
  characters,         // CHAR
  bytes,              // BINARY
  text,               // TEXT: has a character set
  blob,               // BLOB
  labels,             // ENUM
  text_charset_only,  // LONGTEXT ...: a character set but no argument
};

struct TypeRule {
  ColumnType type;
  Argument argument = Argument::none;
};

const TypeRule* find_type(const std::string& word) {
  static const std::unordered_map<std::string_view, TypeRule> kTypes = {
      {"tinyint", {tinyint, Argument::width}},
      {"int1", {tinyint, Argument::width}},
      {"bool", {tinyint}},
      {"boolean", {tinyint}},
      {"smallint", {smallint, Argument::width}},
      {"int2", {smallint, Argument::width}},
      {"mediumint", {mediumint, Argument::width}},
      {"middleint", {mediumint, Argument::width}},
      {"int3", {mediumint, Argument::width}},
      {"int", {integer, Argument::width}},
      {"integer", {integer, Argument::width}},
      {"int4", {integer, Argument::width}},
      {"bigint", {bigint, Argument::width}},
      {"int8", {bigint, Argument::width}},
      {"decimal", {decimal, Argument::precision}},
      {"dec", {decimal, Argument::precision}},
      {"numeric", {decimal, Argument::precision}},
      {"fixed", {decimal, Argument::precision}},
      {"float", {real32, Argument::real}},
      {"float4", {real32, Argument::real}},
      {"double", {real64, Argument::width}},
      {"float8", {real64, Argument::width}},
      {"real", {real64, Argument::width}},
      {"bit", {bit, Argument::bits}},
      {"year", {year, Argument::width}},
      {"date", {date}},
      {"time", {time, Argument::fraction}},
      {"datetime", {datetime, Argument::fraction}},
      {"timestamp", {timestamp, Argument::fraction}},
      {"char", {char_, Argument::characters}},
      {"character", {char_, Argument::characters}},
      {"varchar", {varchar, Argument::characters}},
      {"varcharacter", {varchar, Argument::characters}},
      {"binary", {binary, Argument::bytes}},
      {"varbinary", {varbinary, Argument::bytes}},
      {"tinytext", {tinytext, Argument::text_charset_only}},
      {"text", {text, Argument::text}},
      {"mediumtext", {mediumtext, Argument::text_charset_only}},
      {"longtext", {longtext, Argument::text_charset_only}},
      {"tinyblob", {tinyblob}},
      {"blob", {blob, Argument::blob}},
      {"mediumblob", {mediumblob}},
      {"longblob", {longblob}},
      {"enum", {enumeration, Argument::labels}},
      {"set", {set, Argument::labels}},
      {"geometry", {geometry}},
      {"point", {geometry}},
      {"linestring", {geometry}},
      {"polygon", {geometry}},
      {"multipoint", {geometry}},
      {"multilinestring", {geometry}},
      {"multipolygon", {geometry}},
      {"geometrycollection", {geometry}},
      {"geomcollection", {geometry}},
      {"vector", {vector, Argument::width}},
  };
  const auto found = kTypes.find(word);
  return found == kTypes.end() ? nullptr : &found->second;
}

const TypeRule* find_mariadb_type(const std::string& word) {
  static const std::unordered_map<std::string_view, TypeRule> kTypes = {
      {"uuid", {uuid}}, {"inet4", {inet4}}, {"inet6", {inet6}}};
  const auto found = kTypes.find(word);
  return found == kTypes.end() ? nullptr : &found->second;
}

std::uint32_t length_of_blob(ColumnType type) {
  switch (type) {
    case tinytext:
    case tinyblob: return 0xff;
    case text:
    case blob: return 0xffff;
    case mediumtext:
    case mediumblob: return 0xffffff;
    case longtext:
    case longblob: return 0xffffffff;
    default: return 0;
  }
}

class Reader {
 public:
  Reader(SqlCursor at, const SqlDialect& dialect) : at_(at), dialect_(dialect) {}

  std::expected<ReadColumn, std::string> read() {
    const std::optional<std::string> name = at_.take_name();
    if (!name) return std::unexpected("it has a column without a name");
    column().name = *name;
    if ((dialect_.sql_mode & kOtherTypes) != 0) doubt("its sql_mode gives types other meanings");
    read_type();
    while (doubt_.empty() && !at_.empty()) read_attribute();
    if (!doubt_.empty()) return std::unexpected("column " + *name + ": " + doubt_);
    settle();
    return std::move(read_);
  }

 private:
  Column& column() noexcept { return read_.spec.column; }

  void doubt(std::string why) {
    if (doubt_.empty()) doubt_ = std::move(why);
  }

  // ---- the type

  void read_type() {
    const std::optional<std::string> written = at_.take_name();
    if (!written) return doubt("it has no type");
    const std::string word = lower_case(*written);
    if (word == "serial") return read_serial();
    if (word == "json") return read_json();
    if (word == "long") return read_long();
    if (word == "national" || word == "nchar" || word == "nvarchar") return read_national(word);
    const TypeRule* rule = find_type(word);
    if (rule == nullptr && dialect_.mariadb) rule = find_mariadb_type(word);
    if (rule == nullptr) return doubt("type " + *written + " is not known");
    column().type = rule->type;
    column().length = length_of_blob(rule->type);
    if (word == "double") at_.take("PRECISION");
    if (word == "real" && (dialect_.sql_mode & kRealAsFloat) != 0) column().type = real32;
    if (rule->type == char_ && at_.take("VARYING")) column().type = varchar;
    if (rule->type == char_ && at_.take("BYTE")) column().type = binary;
    read_argument(rule->argument);
  }

  void read_serial() {
    column().type = bigint;
    column().is_unsigned = true;
    column().nullable = false;
    nullable_told_ = true;
    has_value_ = true;
  }

  // MariaDB's JSON is a LONGTEXT with a check.
  void read_json() {
    column().type = json;
    if (!dialect_.mariadb) return;
    read_.spec.has_charset = true;
    read_.spec.charset = "utf8mb4";
  }

  void read_long() {
    if (at_.take("VARBINARY")) {
      column().type = mediumblob;
    } else {
      if (at_.take_any({"CHAR", "CHARACTER"})) at_.take("VARYING");
      at_.take_any({"VARCHAR", "VARCHARACTER"});
      column().type = mediumtext;
      read_.spec.has_charset = true;
    }
    column().length = length_of_blob(column().type);
  }

  void read_national(const std::string& word) {
    bool varying = word == "nvarchar";
    if (word == "national") {
      varying = at_.take_any({"VARCHAR", "VARCHARACTER"});
      if (!varying && !at_.take_any({"CHAR", "CHARACTER"})) return doubt("its type is not known");
    }
    if (at_.take_any({"VARYING", "VARCHAR", "VARCHARACTER"})) varying = true;
    column().type = varying ? varchar : char_;
    read_argument(Argument::characters);
    read_.spec.charset = "utf8mb3";
  }

  void read_argument(Argument argument) {
    if (argument == Argument::text || argument == Argument::characters ||
        argument == Argument::labels || argument == Argument::text_charset_only)
      read_.spec.has_charset = column().type != binary;
    if (argument == Argument::labels) return read_labels();
    std::optional<std::uint32_t> first;
    std::optional<std::uint32_t> second;
    if (at_.sees('(')) {
      const std::optional<SqlTokens> inside = at_.take_parentheses();
      if (!inside) return doubt("its type is cut off");
      SqlCursor numbers(*inside);
      first = numbers.take_number();
      if (numbers.take(',')) second = numbers.take_number();
      if (!first || !numbers.empty()) return doubt("the length of its type is not understood");
    }
    apply_argument(argument, first, second);
  }

  void apply_argument(Argument argument, std::optional<std::uint32_t> first,
                      std::optional<std::uint32_t> second) {
    switch (argument) {
      case Argument::width:
      case Argument::labels: return;
      case Argument::precision:
        column().length = first.value_or(0) == 0 ? 10 : *first;
        column().scale = static_cast<std::uint8_t>(second.value_or(0));
        return;
      case Argument::real:
        if (first && !second && *first > 24) column().type = real64;
        return;
      case Argument::bits: column().length = first.value_or(1); return;
      case Argument::fraction:
        column().scale = static_cast<std::uint8_t>(first.value_or(0));
        return;
      case Argument::characters:
      case Argument::bytes:
        if (!first && (column().type == varchar || column().type == varbinary))
          return doubt("it has no length");
        column().length = first.value_or(1);
        return;
      case Argument::text:
      case Argument::blob:
        if (first.value_or(0) > 0) read_.spec.characters = first;
        return;
      case Argument::none:
      case Argument::text_charset_only:
        if (first) doubt("its type has a length");
        return;
    }
  }

  void read_labels() {
    const std::optional<SqlTokens> inside = at_.take_parentheses();
    if (!inside) return doubt("its labels are missing");
    for (const SqlTokens part : split_commas(*inside)) {
      if (part.size() != 1 || part[0].kind != SqlToken::Kind::string)
        return doubt("its labels are not understood");
      std::string label = part[0].text;
      label.erase(label.find_last_not_of(' ') + 1);  // the servers take them off
      column().labels.push_back(std::move(label));
    }
  }

  // ---- what follows the type

  void read_attribute() {
    if (const std::optional<std::string> charset = take_charset(at_)) {
      if (!charset->empty()) read_.spec.charset = *charset;
    } else if (at_.take("UNSIGNED") || at_.take("ZEROFILL")) {
      column().is_unsigned = true;
    } else if (at_.take_any({"SIGNED", "BINARY", "VISIBLE", "INVISIBLE", "VIRTUAL", "STORED",
                             "PERSISTENT", "ENFORCED"})) {
      return;
    } else if (at_.take("ASCII")) {
      read_.spec.charset = "latin1";
    } else if (at_.take("UNICODE")) {
      read_.spec.charset = "ucs2";
    } else if (at_.take("BYTE")) {
      read_.spec.charset = "binary";
    } else if (at_.take_all({"NOT", "NULL"})) {
      set_nullable(false);
    } else if (at_.take_all({"NOT", "ENFORCED"})) {
      return;
    } else if (at_.take("NULL")) {
      set_nullable(true);
    } else if (at_.take("DEFAULT")) {
      has_value_ = has_value_ || !at_.sees("NULL");
      skip_value();
    } else if (at_.take_all({"ON", "UPDATE"})) {
      skip_value();
    } else if (at_.take("AUTO_INCREMENT")) {
      set_nullable(false);
    } else if (at_.take_all({"SERIAL", "DEFAULT", "VALUE"})) {
      set_nullable(false);
    } else {
      read_rarer_attribute();
    }
  }

  void read_rarer_attribute() {
    if (at_.take("UNIQUE")) {
      at_.take("KEY");
    } else if (at_.take_all({"PRIMARY", "KEY"}) || at_.take("KEY") || at_.take("PRIMARY")) {
      read_.spec.primary_key = true;
    } else if (at_.take("COMMENT")) {
      at_.take_string();
    } else if (at_.take_any({"COLUMN_FORMAT", "STORAGE", "SRID"})) {
      at_.skip();
    } else if (at_.take_any({"ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "REF_SYSTEM_ID",
                             "COMPRESSED"})) {
      if (at_.take('=')) at_.skip();
    } else if (at_.take_all({"GENERATED", "ALWAYS", "AS"}) || at_.take("AS")) {
      has_value_ = true;
      if (!at_.take_parentheses()) doubt("how it is generated is not understood");
    } else if (at_.take("CONSTRAINT")) {
      if (!at_.sees("CHECK")) at_.take_name();
    } else if (at_.take("CHECK")) {
      read_check();
    } else if (at_.take("REFERENCES")) {
      skip_reference();
    } else if (at_.take("FIRST")) {
      read_.after.emplace();
    } else if (at_.take("AFTER")) {
      read_.after = at_.take_name();
    } else {
      read_engine_attribute();
    }
  }

  // MariaDB lets engines have attributes of their own: name = value.
  void read_engine_attribute() {
    SqlCursor ahead = at_;
    if (dialect_.mariadb && ahead.take_name() && ahead.take('=')) {
      ahead.skip();
      at_ = ahead;
      return;
    }
    doubt("\"" + at_.left()[0].text + "\" is not understood");
  }

  void set_nullable(bool nullable) {
    column().nullable = nullable;
    nullable_told_ = true;
  }

  // json_valid(column) makes a LONGTEXT what MariaDB calls JSON.
  void read_check() {
    const std::optional<SqlTokens> inside = at_.take_parentheses();
    if (!inside) return doubt("its CHECK is not understood");
    SqlCursor check(*inside);
    const bool says_json = std::ranges::any_of(
        *inside, [](const SqlToken& token) { return is_word(token, "json_valid"); });
    const bool is_json = check.take("json_valid") && check.take('(') &&
                         check.take_name() == column().name && check.take(')') && check.empty();
    if (is_json && column().type == longtext && dialect_.mariadb) {
      column().type = json;
      column().length = 0;
    } else if (dialect_.mariadb && (column().type == json ? !is_json : says_json)) {
      doubt("whether its CHECK makes it JSON is not understood");
    }
  }

  void skip_reference() {
    at_.take_table("");
    at_.take_parentheses();
    if (at_.take("MATCH")) at_.skip();
    while (at_.take_all({"ON", "DELETE"}) || at_.take_all({"ON", "UPDATE"}))
      if (!at_.take_any({"RESTRICT", "CASCADE"}) && !at_.take_all({"SET", "NULL"}) &&
          !at_.take_all({"SET", "DEFAULT"}) && !at_.take_all({"NO", "ACTION"}))
        doubt("its reference is not understood");
  }

  // A default value: its first token, and all up to the next attribute.
  void skip_value() {
    while (at_.take('-') || at_.take('+')) {
    }
    if (!at_.take_parentheses()) at_.skip();
    while (!at_.empty() && !begins_attribute())
      if (!at_.take_parentheses()) at_.skip();
  }

  [[nodiscard]] bool begins_attribute() const {
    return at_.sees_any({"NOT",
                         "NULL",
                         "DEFAULT",
                         "ON",
                         "AUTO_INCREMENT",
                         "UNIQUE",
                         "PRIMARY",
                         "KEY",
                         "COMMENT",
                         "COLLATE",
                         "CHECK",
                         "CONSTRAINT",
                         "REFERENCES",
                         "VISIBLE",
                         "INVISIBLE",
                         "COLUMN_FORMAT",
                         "STORAGE",
                         "SRID",
                         "ENGINE_ATTRIBUTE",
                         "SECONDARY_ENGINE_ATTRIBUTE",
                         "REF_SYSTEM_ID",
                         "COMPRESSED",
                         "GENERATED",
                         "AS",
                         "FIRST",
                         "AFTER",
                         "WITH",
                         "WITHOUT",
                         "SERIAL"});
  }

  void settle() {
    ColumnSpec& spec = read_.spec;
    if (column().type > real64) column().is_unsigned = false;  // YEAR UNSIGNED
    if (!spec.has_charset) spec.charset.clear();
    if (column().type == timestamp && !nullable_told_ && !spec.primary_key) {
      spec.nullable_untold = true;
      column().nullable = false;
    }
    if (spec.primary_key) column().nullable = false;
    spec.null_in_old_rows = column().nullable && !has_value_;
  }

  SqlCursor at_;
  SqlDialect dialect_;
  ReadColumn read_;
  bool nullable_told_ = false;
  bool has_value_ = false;  // a new column is not NULL in the rows that are there already
  std::string doubt_;
};

}  // namespace

std::expected<ReadColumn, std::string> read_column_definition(SqlCursor at,
                                                              const SqlDialect& dialect) {
  return Reader(at, dialect).read();
}

std::string charset_of_collation_name(std::string_view collation) {
  const std::string name = lower_case(collation);
  const std::string charset = name.substr(0, name.find('_'));
  return charset == "uca1400" || charset == "default" ? std::string() : charset;
}

std::optional<std::string> take_charset(SqlCursor& at) {
  SqlCursor ahead = at;
  ahead.take("DEFAULT");
  std::optional<std::string> charset;
  if (ahead.take_all({"CHARACTER", "SET"}) || ahead.take_all({"CHAR", "SET"}) ||
      ahead.take("CHARSET")) {
    ahead.take('=');
    charset = ahead.take_name();
    if (!charset) charset = ahead.take_string();
    if (!charset) return std::nullopt;
    charset = lower_case(*charset);
    if (charset == "default") charset->clear();
    if (charset == "utf8") charset = "utf8mb3";
  }
  SqlCursor collate = ahead;
  collate.take("DEFAULT");
  if (collate.take("COLLATE")) {
    collate.take('=');
    std::optional<std::string> name = collate.take_name();
    if (!name) name = collate.take_string();
    if (!name) return std::nullopt;
    ahead = collate;
    const std::string named = charset_of_collation_name(*name);
    if (!charset || charset->empty()) charset = named;
  }
  if (charset) at = ahead;
  return charset;
}

}  // namespace freshet
