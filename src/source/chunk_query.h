#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"
#include "model/value.h"

namespace freshet {

// The values of one key as SQL literals, in key order.
using KeyLiterals = std::vector<std::string>;

// A literal that the server compares with the column exactly as its index orders it: text in the
// column's own collation, ENUM and SET by number.
[[nodiscard]] std::string key_literal(const Column& column, const Value& value);

// The key of a row, from its image (model/value.h).
[[nodiscard]] KeyLiterals key_of_image(const TableSchema& schema, std::string_view image);

// A key as text that outlives the process: a JSON array of strings. Reading takes nothing but what
// key_literal() makes, so that a damaged state cannot become SQL; throws Error{corrupt}.
[[nodiscard]] std::string key_to_text(const KeyLiterals& key);
[[nodiscard]] KeyLiterals key_from_text(std::string_view text);

// SELECT of all columns, in order, invisible ones included; of the rows that fit the SQL condition
// `where`, if it is not empty.
[[nodiscard]] std::string select_all(const TableSchema& schema, std::string_view where = {});

// Rows in primary-key order: behind `after`, up to and with `to` (empty = no bound), and only those
// that fit the SQL condition `where`, if it is not empty.
struct KeyRange {
  KeyLiterals after;
  KeyLiterals to;
  std::string where;
};

// SELECT of the first `limit` rows of the range. Throws Error{lost_position} if a bound does not
// fit the key that the table has now.
[[nodiscard]] std::string select_chunk(const TableSchema& schema, const KeyRange& range,
                                       std::size_t limit);

// The columns of the key, as a table of its own: those of select_key_at().
[[nodiscard]] TableSchema key_columns(const TableSchema& schema);
// SELECT of the key of the `number`th row of the range, from 1; the range's condition is not
// looked at. Throws as select_chunk().
[[nodiscard]] std::string select_key_at(const TableSchema& schema, KeyRange range,
                                        std::size_t number);

// A condition is one SQL expression, given by the person who runs Freshet. Throws Error{usage} on a
// text that would not stay one between parentheses: a quote or a parenthesis that does not close, a
// comment, a semicolon. Whether the expression makes sense only the server can tell.
void check_condition(std::string_view text);

}  // namespace freshet
