#include "lake/cell_reader.h"

#include "lake/decimal_text.h"

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

Int128 decimal_at(duckdb_type stored, const void* data, idx_t row) noexcept {
  switch (stored) {
    case DUCKDB_TYPE_SMALLINT: return static_cast<const std::int16_t*>(data)[row];
    case DUCKDB_TYPE_INTEGER: return static_cast<const std::int32_t*>(data)[row];
    case DUCKDB_TYPE_BIGINT: return static_cast<const std::int64_t*>(data)[row];
    default: return static_cast<const Int128*>(data)[row];
  }
}

}  // namespace

CellReader::CellReader(const PreparedStatement& statement) {
  const idx_t count = duckdb_prepared_statement_column_count(statement.get());
  for (idx_t i = 0; i < count; ++i) {
    const LogicalType type(duckdb_prepared_statement_column_logical_type(statement.get(), i));
    const char* name = duckdb_prepared_statement_column_name(statement.get(), i);
    LakeColumn& column = columns_.emplace_back();
    column.name = name;
    duckdb_free(const_cast<char*>(name));
    column.type = lake_type(duckdb_get_type_id(type.get()), column.name);
    const bool decimal = column.type == LakeType::decimal;
    if (decimal) {
      column.precision = duckdb_decimal_width(type.get());
      column.scale = duckdb_decimal_scale(type.get());
    }
    stored_.push_back(decimal ? duckdb_decimal_internal_type(type.get()) : DUCKDB_TYPE_INVALID);
  }
  digits_.resize(columns_.size());
  vectors_.resize(columns_.size());
  cells_.resize(columns_.size());
}

void CellReader::read(const DataChunk& chunk,
                      const std::function<void(std::span<const Value> cells)>& row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), i);
    vectors_[i] = {duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
  for (idx_t at = 0; at < rows; ++at) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      cells_[i] = vectors_[i].is_null(at) ? Value::null() : cell(i, vectors_[i], at);
    row(cells_);
  }
}

Value CellReader::cell(std::size_t column, const Vector& vector, idx_t row) {
  switch (columns_[column].type) {
    case LakeType::boolean: return Value::of_int(vector.at<bool>(row) ? 1 : 0);
    case LakeType::int32:
    case LakeType::date: return Value::of_int(vector.at<std::int32_t>(row));
    case LakeType::int64:
    case LakeType::timestamp:
    case LakeType::timestamptz: return Value::of_int(vector.at<std::int64_t>(row));
    case LakeType::float32: return Value::of_float(vector.at<float>(row));
    case LakeType::float64: return Value::of_double(vector.at<double>(row));
    case LakeType::decimal:
      digits_[column].clear();
      put_decimal(digits_[column], decimal_at(stored_[column], vector.data, row),
                  columns_[column].scale);
      return Value::of(ValueKind::decimal, digits_[column]);
    case LakeType::string:
    case LakeType::binary: {
      const auto kind =
          columns_[column].type == LakeType::string ? ValueKind::text : ValueKind::bytes;
      return Value::of(kind, text_at(static_cast<const duckdb_string_t*>(vector.data)[row]));
    }
  }
  return Value::null();
}

}  // namespace freshet
