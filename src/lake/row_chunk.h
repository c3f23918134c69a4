#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "lake/duckdb_session.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// Rows column by column, which do not change any more: threads may read them at once. Texts longer
// than DuckDB keeps inline lie in the arena; without one, DuckDB holds them.
struct RowBlock {
  std::shared_ptr<const Arena> text;
  DataChunk columns;
  idx_t rows = 0;
};

// What a row takes in a block, but for its long texts.
[[nodiscard]] std::size_t row_bytes(std::span<const LakeColumn> columns) noexcept;

// A DuckDB data chunk that is filled row by row from lake cells (model/lake_schema.h), straight
// into its vectors: no allocation per value.
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
  void clear();
  // The rows ended so far; the chunk is empty then.
  [[nodiscard]] RowBlock take();
  // The rows ended so far, while the chunk goes on.
  [[nodiscard]] RowBlock copy() const;

 private:
  struct Slot {
    duckdb_vector vector = nullptr;
    void* data = nullptr;
    std::uint64_t* validity = nullptr;  // null until the first null
    std::size_t width = 0;              // bytes of a cell in `data`
    duckdb_string_t last{};             // long text set: columns repeat themselves
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

  void renew();

  std::vector<LakeColumn> columns_;
  std::vector<LogicalType> types_;
  std::shared_ptr<Arena> text_;
  DataChunk chunk_;
  std::vector<Slot> slots_;
  idx_t capacity_;
  idx_t rows_ = 0;
};

}  // namespace freshet
