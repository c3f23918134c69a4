#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

enum class ExpressionDialect : std::uint8_t {
  sql,  // columns by name, bare or in "double quotes" or `backticks`
  dms,  // columns as $name; functions are those of SQLite
};

// An expression over the columns of one row, as text for DuckDB. It is read word by word: what is
// no literal, no operator, no column of the table and no function of the list is refused by name,
// so no expression can read anything but its row, or give another result the second time.
struct SqlExpression {
  std::string sql;                   // columns quoted, functions of SQLite under DuckDB's names
  std::vector<std::string> columns;  // that it reads, by their names in the table

  // `column` finds a column's exact name from the one written (letter case does not matter).
  // `constant` gives the SQL of $AR_M_..., or nothing. Throws Error{config} that names the word.
  static SqlExpression parse(
      std::string_view text, ExpressionDialect dialect,
      const std::function<std::optional<std::string>(std::string_view)>& column,
      const std::function<std::optional<std::string>(std::string_view)>& constant = {});
};

// What a DuckDB connection needs so that the functions mean what they mean in SQLite.
[[nodiscard]] std::string_view expression_macros() noexcept;

}  // namespace freshet
