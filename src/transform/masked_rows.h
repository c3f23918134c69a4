#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/lake_schema.h"
#include "model/table_schema.h"

namespace freshet {

// Rows that were masked at capture carry the id that they had before, so that the lake finds them
// whatever the masks made of their keys, and whatever rules were in force then. It stands in a last
// column that the source does not have.
inline constexpr std::string_view kRowIdColumn = "_freshet_row_id";

// The columns with that one at the end.
[[nodiscard]] TableSchema with_row_id(TableSchema columns);
// True for such columns, and for no table of a source, whatever the names of its columns.
[[nodiscard]] bool is_masked(const TableSchema& schema) noexcept;

void put_row_id(Bytes& image, const RowId& id);
// The id at the end of an image of masked columns. Throws Error{corrupt} where none stands there.
[[nodiscard]] RowId row_id_of_masked(std::string_view image);

}  // namespace freshet
