#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"

namespace freshet {

// How a server read a statement that stands in its log.
struct SqlDialect {
  std::uint64_t sql_mode = 0;  // of the session: quotes and backslashes
  bool mariadb = false;
  unsigned version = 0;  // 101119 for 10.11.19; 0 = newer than any executable comment asks for
};

struct SqlToken {
  enum class Kind : std::uint8_t { word, name, string, symbol };
  Kind kind = Kind::symbol;
  std::string text;  // a word as written; a name or string with its quotes undone
};

using SqlTokens = std::span<const SqlToken>;

// Cuts SQL into tokens. Comments vanish. Of executable comments (`/*!50100 ... */`, `/*M! ... */`)
// the marks vanish, and what they hold with them where this server passes over it: a version above
// its own, `/*M!` on MySQL, and MySQL's 5.7 to 9.99 on MariaDB.
[[nodiscard]] std::vector<SqlToken> cut_sql(std::string_view text, const SqlDialect& dialect);

// Letters of ASCII without regard to case.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;

[[nodiscard]] bool is_word(const SqlToken& token, std::string_view word) noexcept;
[[nodiscard]] bool is_symbol(const SqlToken& token, char symbol) noexcept;

// Splits at commas outside parentheses.
[[nodiscard]] std::vector<SqlTokens> split_commas(SqlTokens tokens);

// Walks tokens front to back. Taking what is not there changes nothing and says so.
class SqlCursor {
 public:
  explicit SqlCursor(SqlTokens tokens) noexcept : left_(tokens) {}

  [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
  [[nodiscard]] SqlTokens left() const noexcept { return left_; }
  [[nodiscard]] bool sees(std::string_view word) const noexcept;
  [[nodiscard]] bool sees(char symbol) const noexcept;
  [[nodiscard]] bool sees_any(std::initializer_list<std::string_view> words) const noexcept;

  bool take(std::string_view word);
  bool take(char symbol);
  bool take_any(std::initializer_list<std::string_view> words);
  // All the words, one after another, or nothing.
  bool take_all(std::initializer_list<std::string_view> words);
  void skip() { left_ = left_.subspan(left_.empty() ? 0 : 1); }

  std::optional<std::string> take_name();    // quoted or bare
  std::optional<std::string> take_string();  // a literal; those that touch are one
  std::optional<std::uint32_t> take_number();
  std::optional<TableName> take_table(std::string_view database);
  // What stands in parentheses, without them; nothing if none begin here or they do not end.
  std::optional<SqlTokens> take_parentheses();

 private:
  SqlTokens left_;
};

}  // namespace freshet
