#include "pipeline/sql_expression.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/ascii.h"
#include "base/error.h"
#include "lake/duckdb_session.h"

namespace freshet {

namespace {

constexpr std::array<std::string_view, 18> kWords{
    "case", "when", "then", "else", "end",     "and",  "or",    "not",    "is",
    "null", "like", "in",   "as",   "between", "true", "false", "escape", "distinct"};
constexpr std::array<std::string_view, 18> kTypes{
    "varchar", "text",  "char",    "integer", "int",     "bigint", "smallint",  "tinyint", "double",
    "real",    "float", "decimal", "numeric", "boolean", "date",   "timestamp", "blob",    "time"};

struct Function {
  std::string_view name;  // as written
  std::string_view duck;  // as DuckDB knows it
};

// The scalar functions of SQLite that AWS DMS documents (user guide, "Using transformation rule
// expressions to define column content"), and a few that every SQL has.
constexpr auto kFunctions = std::to_array<Function>({
    {"abs", "abs"},
    {"cast", "cast"},
    {"ceil", "ceil"},
    {"char_length", "length"},
    {"coalesce", "coalesce"},
    {"concat", "concat"},
    {"date", "freshet_date"},
    {"datetime", "freshet_datetime"},
    {"floor", "floor"},
    {"greatest", "greatest"},
    {"hash_sha256", "sha256"},
    {"hex", "hex"},
    {"ifnull", "ifnull"},
    {"instr", "instr"},
    {"julianday", "freshet_julianday"},
    {"least", "least"},
    {"length", "length"},
    {"lower", "lower"},
    {"ltrim", "ltrim"},
    {"max", "freshet_max"},
    {"min", "freshet_min"},
    {"mod", "mod"},
    {"nullif", "nullif"},
    {"replace", "replace"},
    {"round", "round"},
    {"rtrim", "rtrim"},
    {"sqrt", "sqrt"},
    {"strftime", "freshet_strftime"},
    {"substr", "substr"},
    {"substring", "substr"},
    {"time", "freshet_time"},
    {"trim", "trim"},
    {"upper", "upper"},
});

bool starts_word(char c) noexcept {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool in_word(char c) noexcept {
  return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '$';
}

// Reads an expression from front to back, and writes DuckDB's form of it.
class Reader {
 public:
  Reader(std::string_view text, ExpressionDialect dialect,
         const std::function<std::optional<std::string>(std::string_view)>& column,
         const std::function<std::optional<std::string>(std::string_view)>& constant)
      : text_(text), dialect_(dialect), column_(column), constant_(constant) {}

  SqlExpression read() {
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) read_token();
    if (depth_ != 0) fail(ErrorKind::config, "a parenthesis is not closed");
    if (out_.sql.empty()) fail(ErrorKind::config, "the expression is empty");
    return std::move(out_);
  }

 private:
  [[nodiscard]] char now() const noexcept { return text_[at_]; }
  [[nodiscard]] char next() const noexcept {
    return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(now()))) ++at_;
  }

  void put(std::string_view token) {
    if (!out_.sql.empty()) out_.sql += ' ';
    out_.sql += token;
  }

  void read_token() {
    const char c = now();
    if (c == '\'') return put_text();
    if (c == '"' || c == '`') return put_quoted_column();
    if (c == '$') return put_dollar();
    if (std::isdigit(static_cast<unsigned char>(c)) ||
        (c == '.' && std::isdigit(static_cast<unsigned char>(next()))))
      return put_number();
    if (starts_word(c)) return put_word();
    put_operator();
  }

  std::string_view take_until(std::size_t end) {
    const std::string_view token = text_.substr(at_, end - at_);
    at_ = end;
    return token;
  }

  // Where the quoted token that begins here ends; the mark is doubled to stand for itself.
  std::size_t end_of_quoted(char mark) const {
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] != mark) continue;
      if (i + 1 < text_.size() && text_[i + 1] == mark)
        ++i;
      else
        return i + 1;
    }
    fail(ErrorKind::config, "a quote is not closed");
  }

  void put_text() { put(take_until(end_of_quoted('\''))); }

  void put_quoted_column() {
    const char mark = now();
    const std::string_view token = take_until(end_of_quoted(mark));
    std::string name;
    for (std::size_t i = 1; i + 1 < token.size(); ++i) {
      name.push_back(token[i]);
      if (token[i] == mark) ++i;
    }
    put_column(name, name);
  }

  void put_dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && in_word(text_[end]) && text_[end] != '$') ++end;
    const std::string_view token = take_until(end);
    if (dialect_ != ExpressionDialect::dms)
      fail(ErrorKind::config, "{} is not understood here: write the column's name", token);
    if (lower_case(token).starts_with("$ar_")) {
      const auto constant = constant_ ? constant_(token) : std::nullopt;
      if (!constant)
        fail(ErrorKind::config,
             "{} is not supported: only $AR_M_SOURCE_SCHEMA and "
             "$AR_M_SOURCE_TABLE_NAME are",
             token);
      return put(*constant);
    }
    put_column(token.substr(1), token);
  }

  void put_column(std::string_view name, std::string_view written) {
    const auto column = column_(name);
    if (!column) fail(ErrorKind::config, "the table has no column {}", written);
    if (std::ranges::find(out_.columns, *column) == out_.columns.end())
      out_.columns.push_back(*column);
    put(quote_name(*column));
  }

  void put_number() {
    std::size_t end = at_;
    while (
        end < text_.size() &&
        (std::isalnum(static_cast<unsigned char>(text_[end])) || text_[end] == '.' ||
         ((text_[end] == '+' || text_[end] == '-') && lower_case(text_.substr(end - 1, 1)) == "e")))
      ++end;
    put(take_until(end));
  }

  void put_word() {
    std::size_t end = at_;
    while (end < text_.size() && in_word(text_[end])) ++end;
    const std::string_view word = take_until(end);
    const std::string name = lower_case(word);
    skip_blanks();
    const bool is_word = std::ranges::find(kWords, name) != kWords.end();
    const bool is_call = at_ < text_.size() && now() == '(';
    const bool is_type = std::ranges::find(kTypes, name) != kTypes.end();
    const bool is_typed_text =
        (name == "date" || name == "timestamp") && at_ < text_.size() && now() == '\'';
    if (is_word || is_typed_text || (is_type && last_word_ == "as")) {
      put(name);
    } else if (is_call) {
      put_function(word, name);
    } else if (dialect_ == ExpressionDialect::sql) {
      put_column(word, word);
    } else {
      fail(ErrorKind::config, "{} is not understood: a column is written as ${}", word, word);
    }
    last_word_ = name;
  }

  void put_function(std::string_view word, const std::string& lower) {
    const auto* found = std::ranges::find(kFunctions, lower, &Function::name);
    if (found == kFunctions.end())
      fail(ErrorKind::config,
           "the function {}() is not supported; known are the plain ones of SQLite: {}", word,
           known_functions());
    put(found->duck);
  }

  static std::string known_functions() {
    std::string names;
    for (const Function& function : kFunctions)
      names += (names.empty() ? "" : ", ") + std::string(function.name);
    return names;
  }

  void put_operator() {
    constexpr std::array<std::string_view, 7> kLong{"||", "<>", "!=", "<=", ">=", "==", "::"};
    for (const std::string_view two : kLong) {
      if (text_.substr(at_, 2) != two || two == "::") continue;
      at_ += 2;
      return put(two);
    }
    const char c = now();
    if (std::string_view("+-*/%<>=(),").find(c) == std::string_view::npos ||
        (c == '-' && next() == '-') || (c == '/' && next() == '*'))
      fail(ErrorKind::config, "the character {} is not understood here", c);
    if (c == '(') ++depth_;
    if (c == ')' && --depth_ < 0) fail(ErrorKind::config, "a parenthesis too many is closed");
    put(take_until(at_ + 1));
  }

  std::string_view text_;
  ExpressionDialect dialect_;
  const std::function<std::optional<std::string>(std::string_view)>& column_;
  const std::function<std::optional<std::string>(std::string_view)>& constant_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string last_word_;
  SqlExpression out_;
};

}  // namespace

SqlExpression SqlExpression::parse(
    std::string_view text, ExpressionDialect dialect,
    const std::function<std::optional<std::string>(std::string_view)>& column,
    const std::function<std::optional<std::string>(std::string_view)>& constant) {
  return Reader(text, dialect, column, constant).read();
}

// SQLite: min and max of several are null where one is; times are texts ("Date And Time
// Functions"). 'now' is refused because casting it fails; it would differ at every reading.
std::string_view expression_macros() noexcept {
  return R"(
CREATE MACRO freshet_max(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE greatest(a, b) END;
CREATE MACRO freshet_min(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE least(a, b) END;
CREATE MACRO freshet_stamp(t) AS CAST(CAST(t AS VARCHAR) AS TIMESTAMP);
CREATE MACRO freshet_date(t) AS strftime(freshet_stamp(t), '%Y-%m-%d');
CREATE MACRO freshet_time(t) AS strftime(freshet_stamp(t), '%H:%M:%S');
CREATE MACRO freshet_datetime(t) AS strftime(freshet_stamp(t), '%Y-%m-%d %H:%M:%S');
CREATE MACRO freshet_strftime(f, t) AS strftime(freshet_stamp(t), f);
CREATE MACRO freshet_julianday(t) AS julian(freshet_stamp(t));
)";
}

}  // namespace freshet
