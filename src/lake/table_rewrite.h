#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/lake.h"

namespace freshet {

// What becomes of the cells of one column. Null stays null.
struct ColumnRewrite {
  std::string column;  // in the lake
  // Of text and binary columns: the new cell, or null. Without it, and in columns of other types,
  // all cells become null. Called from threads of DuckDB, one at a time.
  std::function<std::optional<std::string>(std::string_view)> cell;
};

// Writes all rows of an Iceberg table anew, with some columns changed, in one commit that carries
// `notes` in its summary; then removes everything that was before: data files, snapshots, metadata.
// Rows keep their places, and the key index follows. Memory does not grow with the table.
//
// No writer may hold the table. A crash leaves the table as it was or as it is to be, and a marker
// by which finish_rewrite() removes what must not stay. False where there is no table.
bool rewrite_table(Lake& lake, const std::string& table, const std::vector<ColumnRewrite>& columns,
                   const std::map<std::string, std::string>& notes);

// Removes what a rewrite that was broken off left behind. Before a writer opens the table.
void finish_rewrite(Lake& lake, const std::string& table);

}  // namespace freshet
