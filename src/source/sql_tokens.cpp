#include "source/sql_tokens.h"

#include <algorithm>
#include <charconv>

#include "source/binlog_event.h"

namespace freshet {

namespace {

using Kind = SqlToken::Kind;

// Executable comments of these versions are MySQL's own: MariaDB passes over them
// (MariaDB Knowledge Base, "Comment Syntax").
constexpr unsigned kForeignFrom = 50700;
constexpr unsigned kForeignTo = 99999;

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_word_char(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Tokenizer {
 public:
  Tokenizer(std::string_view text, const SqlDialect& dialect)
      : text_(text),
        dialect_(dialect),
        ansi_quotes_((dialect.sql_mode & Query::kAnsiQuotes) != 0),
        backslash_((dialect.sql_mode & Query::kNoBackslashEscapes) == 0) {}

  std::vector<SqlToken> all() {
    std::vector<SqlToken> tokens;
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
      enter_executable(here[2] == 'M');
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

  // The version has five or six digits; fewer belong to what is executed.
  void enter_executable(bool mariadb_only) {
    at_ += mariadb_only ? 4 : 3;
    std::size_t digits = 0;
    while (digits < 6 && at_ + digits < text_.size() && is_digit(text_[at_ + digits])) ++digits;
    unsigned version = 0;
    if (digits >= 5) {
      std::from_chars(text_.data() + at_, text_.data() + at_ + digits, version);
      at_ += digits;
    }
    if (executes(version, mariadb_only)) {
      ++executable_;
      return;
    }
    for (int depth = 1; depth > 0 && !ends();) {
      if (rest().starts_with("*/")) --depth;
      if (rest().starts_with("/*")) ++depth;
      at_ += rest().starts_with("*/") || rest().starts_with("/*") ? 2 : 1;
    }
  }

  [[nodiscard]] bool executes(unsigned version, bool mariadb_only) const noexcept {
    if (mariadb_only && !dialect_.mariadb) return false;
    if (!mariadb_only && dialect_.mariadb && version >= kForeignFrom && version <= kForeignTo)
      return false;
    return dialect_.version == 0 || version <= dialect_.version;
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

  SqlToken next() {
    const char c = text_[at_];
    if (c == '`') return {Kind::name, quoted(c, false)};
    if (c == '"' && ansi_quotes_) return {Kind::name, quoted(c, false)};
    if (c == '\'' || c == '"') return {Kind::string, quoted(c, backslash_)};
    if (!is_word_char(c)) return {Kind::symbol, std::string(1, text_[at_++])};
    const std::size_t start = at_;
    while (!ends() && is_word_char(text_[at_])) ++at_;
    return {Kind::word, std::string(text_.substr(start, at_ - start))};
  }

  std::string quoted(char quote, bool backslash) {
    std::string content;
    for (++at_; !ends(); ++at_) {
      if (backslash && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        put_escaped(content, text_[++at_]);
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

  // \% and \_ keep their backslash: they mean something to LIKE only.
  static void put_escaped(std::string& content, char c) {
    switch (c) {
      case '0': content += '\0'; return;
      case 'b': content += '\b'; return;
      case 'n': content += '\n'; return;
      case 'r': content += '\r'; return;
      case 't': content += '\t'; return;
      case 'Z': content += '\x1a'; return;
      case '%':
      case '_': content += '\\'; [[fallthrough]];
      default: content += c;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int executable_ = 0;  // executable comments that are open
  SqlDialect dialect_;
  bool ansi_quotes_;
  bool backslash_;
};

}  // namespace

std::vector<SqlToken> cut_sql(std::string_view text, const SqlDialect& dialect) {
  return Tokenizer(text, dialect).all();
}

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, upper, upper);
}

bool is_word(const SqlToken& token, std::string_view word) noexcept {
  return token.kind == Kind::word && same_word(token.text, word);
}

bool is_symbol(const SqlToken& token, char symbol) noexcept {
  return token.kind == Kind::symbol && token.text[0] == symbol;
}

std::vector<SqlTokens> split_commas(SqlTokens tokens) {
  std::vector<SqlTokens> parts;
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

bool SqlCursor::sees(std::string_view word) const noexcept {
  return !left_.empty() && is_word(left_[0], word);
}

bool SqlCursor::sees(char symbol) const noexcept {
  return !left_.empty() && is_symbol(left_[0], symbol);
}

bool SqlCursor::sees_any(std::initializer_list<std::string_view> words) const noexcept {
  return std::ranges::any_of(words, [&](std::string_view word) { return sees(word); });
}

bool SqlCursor::take(std::string_view word) {
  if (!sees(word)) return false;
  skip();
  return true;
}

bool SqlCursor::take(char symbol) {
  if (!sees(symbol)) return false;
  skip();
  return true;
}

bool SqlCursor::take_any(std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return take(word); });
}

bool SqlCursor::take_all(std::initializer_list<std::string_view> words) {
  const SqlTokens before = left_;
  for (const std::string_view word : words)
    if (!take(word)) {
      left_ = before;
      return false;
    }
  return true;
}

std::optional<std::string> SqlCursor::take_name() {
  if (left_.empty()) return std::nullopt;
  const SqlToken& token = left_[0];
  if (token.kind != Kind::word && token.kind != Kind::name) return std::nullopt;
  skip();
  return token.text;
}

std::optional<std::string> SqlCursor::take_string() {
  std::optional<std::string> text;
  for (; !left_.empty() && left_[0].kind == Kind::string; skip()) {
    if (!text) text.emplace();
    *text += left_[0].text;
  }
  return text;
}

std::optional<std::uint32_t> SqlCursor::take_number() {
  if (left_.empty() || left_[0].kind != Kind::word) return std::nullopt;
  const std::string& text = left_[0].text;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  skip();
  return number;
}

std::optional<TableName> SqlCursor::take_table(std::string_view database) {
  const bool own_database = take('.');  // ".t" is t
  std::optional<std::string> first = take_name();
  if (!first) return std::nullopt;
  if (own_database || !take('.')) return TableName{std::string(database), *first};
  std::optional<std::string> second = take_name();
  if (!second) return std::nullopt;
  return TableName{*first, *second};
}

std::optional<SqlTokens> SqlCursor::take_parentheses() {
  if (!sees('(')) return std::nullopt;
  int depth = 0;
  for (std::size_t i = 0; i < left_.size(); ++i) {
    if (is_symbol(left_[i], '(')) ++depth;
    if (is_symbol(left_[i], ')')) --depth;
    if (depth > 0) continue;
    const SqlTokens inside = left_.subspan(1, i - 1);
    left_ = left_.subspan(i + 1);
    return inside;
  }
  return std::nullopt;
}

}  // namespace freshet
