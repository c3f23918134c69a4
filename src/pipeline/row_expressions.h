#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lake/duckdb_session.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// The DuckDB in which expressions are evaluated; it reaches no file and no network.
class ExpressionDatabase {
 public:
  ExpressionDatabase();

 private:
  friend class RowExpressions;
  Database database_;
  int tables_ = 0;
};

// Expressions over rows, evaluated by DuckDB, many rows at once: rows are gathered
// with add(), and all are evaluated together. Rows are given in cells of lake columns. One thread.
class RowExpressions {
 public:
  // `inputs`: the columns that expressions may name, one at least. `outputs`: SQL in DuckDB's
  // words. Throws Error{config} with DuckDB's reason where one does not fit the columns.
  RowExpressions(ExpressionDatabase& database, const std::vector<LakeColumn>& inputs,
                 const std::vector<std::string>& outputs);
  ~RowExpressions();
  RowExpressions(RowExpressions&&) noexcept;

  void add(std::span<const Value> cells);
  [[nodiscard]] std::size_t rows() const noexcept;
  // What the outputs are for each row since the last call, in order: cells of lake columns.
  // Throws Error{unsupported}, without the value, where a row cannot be evaluated.
  void evaluate(const std::function<void(std::span<const Value> outputs)>& row);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet
