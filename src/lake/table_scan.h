#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// All rows of one lake table as it is published at the moment when the scan is made, hot rows
// included, whatever its writer does afterwards. The rows may be read in another thread, and
// should be read soon: until the scan is gone, DuckDB keeps all that is replaced meanwhile.
class TableScan {
 public:
  // A table that is not there is empty, without columns.
  TableScan(Lake& lake, const std::string& table, std::stop_token stop);
  ~TableScan();
  TableScan(const TableScan&) = delete;
  TableScan& operator=(const TableScan&) = delete;

  // `required` is not known here and stays false.
  [[nodiscard]] const std::vector<LakeColumn>& columns() const noexcept;

  // Hands over each row, cells parallel to columns(), in no particular order and in bounded
  // memory. Once. Throws Error{failed} after a stop request.
  void read(const std::function<void(std::span<const Value> cells)>& row);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet
