#pragma once

#include <duckdb.h>

#include <string>
#include <vector>

#include "lake/duckdb_session.h"
#include "query/result_writer.h"

namespace freshet {

// How the cells of a result column become text: numbers exactly, times as DuckDB prints them,
// bytes as "0x..".
struct CellFormat {
  duckdb_type type = DUCKDB_TYPE_VARCHAR;
  duckdb_type stored = DUCKDB_TYPE_VARCHAR;  // of a decimal: the integer that holds it
  int width = 0;                             // of a decimal
  int scale = 0;

  explicit CellFormat(duckdb_logical_type type);
  // False for types that DuckDB itself has to print: lists, structs, maps, intervals ...
  [[nodiscard]] bool is_plain() const noexcept;
  [[nodiscard]] bool is_nested() const noexcept;
  [[nodiscard]] bool is_numeric() const noexcept;
};

// Appends the cell's text to `out` and says how it is to be taken. The type must be plain.
CellKind put_cell(std::string& out, const CellFormat& format, const void* data, idx_t row);

}  // namespace freshet
