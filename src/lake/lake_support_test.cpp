#include <fmt/format.h>

#include "lake/lake_test_support.h"

namespace freshet {

LakeOptions LakeFolder::options() const {
  return {.warehouse = path() / "lake", .state = path() / "state"};
}

Lake& LakeFolder::reopen() {
  lake_.reset();
  lake_ = Lake::open(options());
  return *lake_;
}

std::vector<std::string> LakeFolder::rows(const std::string& sql) { return rows_of(lake(), sql); }

std::vector<std::string> rows_of(Lake& lake, const std::string& sql) {
  const auto pin = lake.versions().pin();
  DuckConnection connection = lake.connect();
  Result result = connection.query("SELECT coalesce(COLUMNS(*)::VARCHAR, '-') FROM (" + sql + ")");
  std::vector<std::string> rows;
  while (const DataChunk chunk = result.next()) {
    const idx_t columns = duckdb_data_chunk_get_column_count(chunk.get());
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
      std::string line;
      for (idx_t i = 0; i < columns; ++i) {
        const auto* texts = static_cast<const duckdb_string_t*>(
            duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), i)));
        line += (i > 0 ? "|" : "") + std::string(text_at(texts[row]));
      }
      rows.push_back(line);
    }
  }
  return rows;
}

LakeSchema people_schema(bool keyed) {
  LakeSchema schema{.source = {"db", "people"},
                    .columns = {{.name = "id", .type = LakeType::int64, .required = keyed},
                                {.name = "name", .type = LakeType::string},
                                {.name = "age", .type = LakeType::int32}}};
  if (keyed) schema.key = {0};
  return schema;
}

std::vector<Value> person(std::int64_t id, std::string_view name, std::int64_t age) {
  return {Value::of_int(id), Value::of(ValueKind::text, name), Value::of_int(age)};
}

RowId row_id(std::uint64_t number) {
  const auto spread = [](std::uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
  };
  return {spread(number + 1), spread(number + 0x9e3779b97f4a7c15)};
}

}  // namespace freshet
