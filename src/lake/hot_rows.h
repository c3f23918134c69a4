#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lake/duckdb_session.h"
#include "lake/iceberg_table.h"
#include "lake/row_chunk.h"
#include "model/value.h"

namespace freshet {

class TableVersions;

// Hot rows as they were at one moment, for readers in any thread.
struct HotSnapshot {
  struct Part {
    std::uint32_t first = 0;  // id of its first row
    std::shared_ptr<const RowBlock> block;
  };
  std::vector<IcebergField> fields;
  std::vector<Part> parts;
  std::uint32_t rows = 0;
};

// The rows of one table that are not in the lake yet, in vectors of DuckDB's that this process
// owns: written once, read in place by queries and by the writer of Parquet files (SQL function
// freshet_hot, table_versions.h). Rows have ids, which count from 0. One thread at a time.
class HotRows {
 public:
  HotRows(std::string table, const IcebergSchema& schema);

  // Appends a row: `head`, then `tail`, one cell for each column. Returns its id.
  std::uint32_t append(std::span<const Value> head, std::span<const Value> tail);
  // The rows so far; null if there are none.
  [[nodiscard]] std::shared_ptr<const HotSnapshot> snapshot();
  void clear();
  // The same rows and ids with other columns: those of equal id are kept, others are null.
  void change_columns(const IcebergSchema& schema, DuckConnection& connection,
                      TableVersions& versions);

  [[nodiscard]] std::uint32_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return rows_ * row_bytes_ + text_bytes_; }

 private:
  void close_block(RowBlock block);
  [[nodiscard]] std::uint32_t closed_rows() const noexcept;

  std::string table_;
  std::vector<IcebergField> fields_;
  std::vector<HotSnapshot::Part> closed_;
  std::optional<RowChunk> chunk_;                // the rows behind them
  std::shared_ptr<const HotSnapshot> snapshot_;  // if no row came since
  std::uint32_t rows_ = 0;
  std::size_t row_bytes_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace freshet
