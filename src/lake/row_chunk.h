#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lake/duckdb_session.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// A DuckDB data chunk that is filled row by row from lake cells (model/lake_schema.h), straight
// into its vectors: no allocation per value but for texts longer than DuckDB keeps inline.
class RowChunk {
 public:
  explicit RowChunk(std::vector<LakeColumn> columns);

  // Sets cells of the row that is being filled, from column `first` on. Cells left unset hold
  // rubbish, so set all. Throws Error{internal} on a cell that its column's type does not allow,
  // Error{unsupported} on a number that does not fit it.
  void set(std::size_t first, std::span<const Value> cells);
  void set_null(std::size_t column);
  void end_row() noexcept { ++rows_; }

  [[nodiscard]] bool full() const noexcept { return rows_ == capacity_; }
  [[nodiscard]] bool empty() const noexcept { return rows_ == 0; }
  // The chunk with the rows ended so far; clear() before the next row is set.
  [[nodiscard]] const DataChunk& filled() noexcept;
  void clear() noexcept;

 private:
  struct Slot {
    duckdb_vector vector = nullptr;
    void* data = nullptr;
    std::uint64_t* validity = nullptr;  // null until the first null
  };

  void set_cell(std::size_t column, const Value& cell);
  void set_decimal(std::size_t column, std::string_view text);
  void set_text(std::size_t column, std::string_view text);
  [[nodiscard]] std::int64_t integer(std::size_t column, const Value& cell) const;
  template <typename T>
  void store(std::size_t column, T value) noexcept {
    static_cast<T*>(slots_[column].data)[rows_] = value;
  }
  [[noreturn]] void refuse(std::size_t column, const Value& cell) const;
  void find_slots() noexcept;

  std::vector<LakeColumn> columns_;
  DataChunk chunk_;
  std::vector<Slot> slots_;
  idx_t capacity_;
  idx_t rows_ = 0;
};

}  // namespace freshet
