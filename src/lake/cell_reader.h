#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lake/duckdb_session.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// Reads the chunks of a statement's result as rows of lake cells: the inverse of RowChunk.
class CellReader {
 public:
  // Throws Error{internal} on a column of a type that no lake column has.
  explicit CellReader(const PreparedStatement& statement);

  // `required` is not known here and stays false.
  [[nodiscard]] const std::vector<LakeColumn>& columns() const noexcept { return columns_; }

  // Hands over each row, cells parallel to columns(). They live until the next row.
  void read(const DataChunk& chunk, const std::function<void(std::span<const Value> cells)>& row);

 private:
  // A column of the chunk that is being read.
  struct Vector {
    const void* data = nullptr;
    std::uint64_t* validity = nullptr;  // null: all rows are valid

    template <typename T>
    [[nodiscard]] T at(idx_t row) const noexcept {
      return static_cast<const T*>(data)[row];
    }
    [[nodiscard]] bool is_null(idx_t row) const noexcept {
      return validity != nullptr && !duckdb_validity_row_is_valid(validity, row);
    }
  };
  [[nodiscard]] Value cell(std::size_t column, const Vector& vector, idx_t row);

  std::vector<LakeColumn> columns_;
  std::vector<duckdb_type> stored_;  // of decimals: the integer that holds them
  std::vector<std::string> digits_;  // of the row's decimals, by column
  std::vector<Vector> vectors_;
  std::vector<Value> cells_;
};

}  // namespace freshet
