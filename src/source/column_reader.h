#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "source/sql_tokens.h"
#include "source/table_definition.h"

namespace freshet {

// Where ALTER TABLE puts a column: FIRST is empty.
using ColumnPlace = std::optional<std::string>;

struct ReadColumn {
  ColumnSpec spec;
  ColumnPlace after;
};

// Reads `name type attributes [FIRST | AFTER name]`, all that `at` holds; or says what of it is not
// understood. (MySQL manual, "CREATE TABLE", column_definition; MariaDB Knowledge Base likewise.)
[[nodiscard]] std::expected<ReadColumn, std::string> read_column_definition(
    SqlCursor at, const SqlDialect& dialect);

// Takes CHARACTER SET x, CHARSET [=] x, COLLATE [=] x, with or without DEFAULT before it. Gives the
// name of the character set, in lower case; empty where it says DEFAULT, or a collation of
// whichever character set is inherited.
[[nodiscard]] std::optional<std::string> take_charset(SqlCursor& at);

// The character set that a collation's name begins with.
[[nodiscard]] std::string charset_of_collation_name(std::string_view collation);

}  // namespace freshet
