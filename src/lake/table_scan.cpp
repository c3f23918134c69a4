#include "lake/table_scan.h"

#include <optional>
#include <utility>

#include "lake/cell_reader.h"
#include "lake/lake_snapshot.h"
#include "lake/table_view.h"

namespace freshet {

struct TableScan::State {
  State(Lake& lake, std::stop_token stop) : snapshot(lake, std::move(stop)) {}

  LakeSnapshot snapshot;
  PreparedStatement statement;       // none where there is no table
  std::optional<CellReader> reader;  // of its result
};

TableScan::TableScan(Lake& lake, const std::string& table, std::stop_token stop)
    : state_(std::make_unique<State>(lake, std::move(stop))) {
  DuckConnection& connection = state_->snapshot.connection();
  const std::string& database = lake.options().database;
  const bool present =
      connection
          .query_int(fmt::format("SELECT count(*) FROM duckdb_views() WHERE database_name = {} AND "
                                 "schema_name = {} AND view_name = {}",
                                 quote_text(kCatalog), quote_text(database), quote_text(table)))
          .value_or(0) > 0;
  if (!present) return;
  const std::string select = fmt::format("SELECT * FROM {}.{}.{}", quote_name(kCatalog),
                                         quote_name(database), quote_name(table));
  if (duckdb_prepare(connection.raw(), select.c_str(), state_->statement.out()) == DuckDBError)
    fail_plan(duckdb_prepare_error(state_->statement.get()));
  state_->reader.emplace(state_->statement);
}

TableScan::~TableScan() = default;

const std::vector<LakeColumn>& TableScan::columns() const noexcept {
  static const std::vector<LakeColumn> kNone;
  return state_->reader ? state_->reader->columns() : kNone;
}

void TableScan::read(const std::function<void(std::span<const Value> cells)>& row) {
  if (!state_->reader) return;
  Result result = execute_streaming(state_->statement);
  while (const DataChunk chunk = result.next()) {
    state_->snapshot.check_stop();
    state_->reader->read(chunk, row);
  }
}

}  // namespace freshet
