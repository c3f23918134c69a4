#include "lake/table_scan.h"

#include <utility>

#include "lake/decimal_text.h"
#include "lake/lake_snapshot.h"
#include "lake/table_view.h"

namespace freshet {

namespace {

LakeType lake_type(duckdb_type type, const std::string& column) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return LakeType::boolean;
    case DUCKDB_TYPE_INTEGER: return LakeType::int32;
    case DUCKDB_TYPE_BIGINT: return LakeType::int64;
    case DUCKDB_TYPE_FLOAT: return LakeType::float32;
    case DUCKDB_TYPE_DOUBLE: return LakeType::float64;
    case DUCKDB_TYPE_DECIMAL: return LakeType::decimal;
    case DUCKDB_TYPE_DATE: return LakeType::date;
    case DUCKDB_TYPE_TIMESTAMP: return LakeType::timestamp;
    case DUCKDB_TYPE_TIMESTAMP_TZ: return LakeType::timestamptz;
    case DUCKDB_TYPE_VARCHAR: return LakeType::string;
    case DUCKDB_TYPE_BLOB: return LakeType::binary;
    default:
      fail(ErrorKind::internal, "column {} has the type {}, which no lake table of ours has",
           column, static_cast<int>(type));
  }
}

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

Int128 decimal_at(duckdb_type stored, const Vector& vector, idx_t row) noexcept {
  switch (stored) {
    case DUCKDB_TYPE_SMALLINT: return vector.at<std::int16_t>(row);
    case DUCKDB_TYPE_INTEGER: return vector.at<std::int32_t>(row);
    case DUCKDB_TYPE_BIGINT: return vector.at<std::int64_t>(row);
    default: return vector.at<Int128>(row);
  }
}

}  // namespace

struct TableScan::State {
  State(Lake& lake, std::stop_token stop) : snapshot(lake, std::move(stop)) {}

  void find_columns();
  void read_chunk(const DataChunk& chunk,
                  const std::function<void(std::span<const Value> cells)>& row);
  [[nodiscard]] Value cell(std::size_t column, const Vector& vector, idx_t row);

  LakeSnapshot snapshot;
  PreparedStatement statement;  // none where there is no table
  std::vector<LakeColumn> columns;
  std::vector<duckdb_type> stored;  // of decimals: the integer that holds them
  std::vector<std::string> digits;  // of the row's decimals, by column
  std::vector<Vector> vectors;
  std::vector<Value> cells;
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
  state_->find_columns();
}

TableScan::~TableScan() = default;

void TableScan::State::find_columns() {
  const idx_t count = duckdb_prepared_statement_column_count(statement.get());
  for (idx_t i = 0; i < count; ++i) {
    const LogicalType type(duckdb_prepared_statement_column_logical_type(statement.get(), i));
    const char* name = duckdb_prepared_statement_column_name(statement.get(), i);
    LakeColumn& column = columns.emplace_back();
    column.name = name;
    duckdb_free(const_cast<char*>(name));
    column.type = lake_type(duckdb_get_type_id(type.get()), column.name);
    const bool decimal = column.type == LakeType::decimal;
    if (decimal) {
      column.precision = duckdb_decimal_width(type.get());
      column.scale = duckdb_decimal_scale(type.get());
    }
    stored.push_back(decimal ? duckdb_decimal_internal_type(type.get()) : DUCKDB_TYPE_INVALID);
  }
  digits.resize(columns.size());
  vectors.resize(columns.size());
  cells.resize(columns.size());
}

const std::vector<LakeColumn>& TableScan::columns() const noexcept { return state_->columns; }

void TableScan::read(const std::function<void(std::span<const Value> cells)>& row) {
  if (!state_->statement) return;
  Result result = execute_streaming(state_->statement);
  while (const DataChunk chunk = result.next()) {
    state_->snapshot.check_stop();
    state_->read_chunk(chunk, row);
  }
}

void TableScan::State::read_chunk(const DataChunk& chunk,
                                  const std::function<void(std::span<const Value> cells)>& row) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), i);
    vectors[i] = {duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
  for (idx_t at = 0; at < rows; ++at) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      cells[i] = vectors[i].is_null(at) ? Value::null() : cell(i, vectors[i], at);
    row(cells);
  }
}

Value TableScan::State::cell(std::size_t column, const Vector& vector, idx_t row) {
  switch (columns[column].type) {
    case LakeType::boolean: return Value::of_int(vector.at<bool>(row) ? 1 : 0);
    case LakeType::int32:
    case LakeType::date: return Value::of_int(vector.at<std::int32_t>(row));
    case LakeType::int64:
    case LakeType::timestamp:
    case LakeType::timestamptz: return Value::of_int(vector.at<std::int64_t>(row));
    case LakeType::float32: return Value::of_float(vector.at<float>(row));
    case LakeType::float64: return Value::of_double(vector.at<double>(row));
    case LakeType::decimal:
      digits[column].clear();
      put_decimal(digits[column], decimal_at(stored[column], vector, row), columns[column].scale);
      return Value::of(ValueKind::decimal, digits[column]);
    case LakeType::string:
    case LakeType::binary: {
      const auto kind =
          columns[column].type == LakeType::string ? ValueKind::text : ValueKind::bytes;
      return Value::of(kind, text_at(static_cast<const duckdb_string_t*>(vector.data)[row]));
    }
  }
  return Value::null();
}

}  // namespace freshet
