#include "lake/parquet_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <numeric>

#include "lake/bounds.h"
#include "lake/iceberg_schema.h"
#include "lake/table_versions.h"

namespace freshet {

namespace {

// Reserved field ids of delete files (Iceberg spec, "Reserved Field IDs").
constexpr std::int32_t kFilePathId = 2147483546;
constexpr std::int32_t kPosId = 2147483545;

// What is no dictionary by then is written plainly: looking on takes a sixth of a file's time, for
// a twentieth of its size.
constexpr int kDictionaryEntries = 1000;

constexpr std::size_t kRowGroupBytes = std::size_t{16} << 20;  // as they are in memory
constexpr std::size_t kVectorRows = 2048;                      // DuckDB's, the unit of a row group

// DuckDB closes the file without asking the disk to keep it.
void sync_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!synced)
    fail(ErrorKind::unavailable, "{} cannot be made durable: {}", path.string(),
         std::strerror(reason));
}

std::string copy_sql(std::string_view select, const IcebergSchema& schema,
                     std::span<const std::string> names, const std::filesystem::path& path,
                     bool with_schema, std::size_t group_rows) {
  std::string ids, columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    columns += (i == 0 ? "" : ",") + quote_name(names[i]);
    ids += fmt::format("{}{}:{}", i == 0 ? "" : ",", quote_name(names[i]), schema.fields[i].id);
  }
  std::string sql = fmt::format(
      "COPY (SELECT * FROM ({}) AS f({})) TO {} (FORMAT parquet, COMPRESSION zstd, "
      "COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT {}, ROW_GROUP_SIZE {}, RETURN_STATS, FIELD_IDS "
      "{{{}}}",
      select, columns, quote_text(path.string()), kDictionaryEntries, group_rows, ids);
  // Some readers look for the table's schema in the file (icebird before 0.8).
  if (with_schema)
    sql += fmt::format(", KV_METADATA {{'iceberg.schema': {}}}", quote_text(to_json(schema)));
  return sql + ")";
}

// One level of MAP(VARCHAR, T) in a chunk: keys and values of row `row`.
struct MapSlice {
  const duckdb_string_t* keys;
  duckdb_vector values;
  idx_t begin, end;

  MapSlice(duckdb_vector map, idx_t row) {
    const auto entry = static_cast<const duckdb_list_entry*>(duckdb_vector_get_data(map))[row];
    const duckdb_vector pairs = duckdb_list_vector_get_child(map);
    keys = static_cast<const duckdb_string_t*>(
        duckdb_vector_get_data(duckdb_struct_vector_get_child(pairs, 0)));
    values = duckdb_struct_vector_get_child(pairs, 1);
    begin = entry.offset;
    end = entry.offset + entry.length;
  }
};

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

ColumnStats column_stats(const LakeColumn& column, const MapSlice& stats) {
  ColumnStats out;
  const auto* texts = static_cast<const duckdb_string_t*>(duckdb_vector_get_data(stats.values));
  for (idx_t i = stats.begin; i < stats.end; ++i) {
    const std::string_view name = text_at(stats.keys[i]);
    const std::string_view text = text_at(texts[i]);
    if (name == "column_size_bytes") out.bytes = number_of(text);
    if (name == "num_values") out.values = number_of(text);
    if (name == "null_count") out.nulls = number_of(text);
    if (name == "min") out.lower = bound_of(column, text, BoundSide::lower);
    if (name == "max") out.upper = bound_of(column, text, BoundSide::upper);
  }
  return out;
}

// DuckDB's statistics name columns by their path, quoted where it must be.
const IcebergField* field_of(const IcebergSchema& schema, std::span<const std::string> names,
                             std::string_view path) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (path == names[i] || path == quote_name(names[i])) return &schema.fields[i];
  return nullptr;
}

void read_stats(DataFile& file, const IcebergSchema& schema, std::span<const std::string> names,
                Result& result) {
  const DataChunk chunk = result.next();
  if (!chunk) fail(ErrorKind::internal, "DuckDB gave no statistics of {}", file.path);
  for (idx_t i = 0; i < duckdb_column_count(result.raw()); ++i) {
    const std::string_view name = duckdb_column_name(result.raw(), i);
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), i);
    if (name == "count")
      file.records = *static_cast<const std::int64_t*>(duckdb_vector_get_data(vector));
    if (name == "file_size_bytes")
      file.bytes = *static_cast<const std::int64_t*>(duckdb_vector_get_data(vector));
    if (name != "column_statistics") continue;
    const MapSlice columns(vector, 0);
    for (idx_t c = columns.begin; c < columns.end; ++c)
      if (const IcebergField* field = field_of(schema, names, text_at(columns.keys[c])))
        file.stats.emplace(field->id, column_stats(field->column, MapSlice(columns.values, c)));
  }
}

// The first page of each row group (Iceberg spec, manifest field split_offsets).
std::vector<std::int64_t> split_offsets(DuckConnection& connection,
                                        const std::filesystem::path& path) {
  Result result = connection.query(
      fmt::format("SELECT min(least(coalesce(dictionary_page_offset, data_page_offset), "
                  "data_page_offset))::BIGINT FROM parquet_metadata({}) GROUP BY row_group_id "
                  "ORDER BY row_group_id",
                  quote_text(path.string())));
  std::vector<std::int64_t> offsets;
  while (const DataChunk chunk = result.next()) {
    const auto* values = static_cast<const std::int64_t*>(
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
    offsets.insert(offsets.end(), values, values + duckdb_data_chunk_get_size(chunk.get()));
  }
  return offsets;
}

DataFile copy_out(DuckConnection& connection, std::string_view select, const IcebergSchema& schema,
                  const std::filesystem::path& path, bool with_schema, std::size_t group_rows) {
  DataFile file;
  file.path = IcebergTable::uri_of(path);
  const std::vector<std::string> names = file_column_names(schema);
  Result result =
      connection.query_at_rest(copy_sql(select, schema, names, path, with_schema, group_rows));
  read_stats(file, schema, names, result);
  file.split_offsets = split_offsets(connection, path);
  sync_file(path);
  return file;
}

const IcebergSchema& delete_schema() {
  static const IcebergSchema schema{
      .fields = {{kFilePathId, {.name = "file_path", .type = LakeType::string, .required = true}},
                 {kPosId, {.name = "pos", .type = LakeType::int64, .required = true}}}};
  return schema;
}

}  // namespace

DataFile write_parquet(DuckConnection& connection, std::string_view select,
                       const IcebergSchema& schema, const std::filesystem::path& path,
                       std::size_t group_rows) {
  return copy_out(connection, select, schema, path, true, group_rows);
}

std::size_t row_group_rows(std::size_t rows, std::size_t bytes) noexcept {
  if (bytes <= kRowGroupBytes || rows == 0) return kRowGroupRows;
  const std::size_t fitting = kRowGroupBytes / std::max<std::size_t>(1, bytes / rows);
  return std::clamp(fitting / kVectorRows, std::size_t{1}, kRowGroupRows / kVectorRows) *
         kVectorRows;
}

DataFile write_position_deletes(DuckConnection& connection, TableVersions& versions,
                                std::vector<DeletedRow> deleted, std::span<const std::string> paths,
                                const std::filesystem::path& path) {
  // Renumber the files by rank of their path, so that a sort of numbers is the sort by path.
  std::vector<std::uint32_t> order(paths.size()), rank(paths.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return std::string_view(paths[i]); });
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  for (DeletedRow& row : deleted) row.file = rank[row.file];
  std::ranges::sort(deleted);

  HotRows rows("position deletes", delete_schema());
  for (const DeletedRow& row : deleted) {
    const Value cells[] = {Value::of(ValueKind::text, paths[order[row.file]]),
                           Value::of_int(row.row)};
    rows.append({}, cells);
  }
  const ScopedVersion version(versions, {.dead = {}, .hot = rows.snapshot(), .hot_dead = nullptr});
  DataFile file =
      copy_out(connection, fmt::format("SELECT * FROM freshet_hot({})", version.number()),
               delete_schema(), path, false, kRowGroupRows);
  file.content = FileContent::position_deletes;
  // Bounds of paths are never cut, so that readers can tell which files the deletes concern.
  ColumnStats& path_stats = file.stats[kFilePathId];
  path_stats.lower = paths[order[deleted.front().file]];
  path_stats.upper = paths[order[deleted.back().file]];
  return file;
}

DataFile write_position_deletes(DuckConnection& connection, std::string_view select,
                                const std::filesystem::path& path) {
  DataFile file = copy_out(connection, select, delete_schema(), path, false, kRowGroupRows);
  file.content = FileContent::position_deletes;
  const auto bound = [&](std::string_view which) {
    return connection.query_text(fmt::format("SELECT {}(file_path) FROM read_parquet({})", which,
                                             quote_text(path.string())));
  };
  file.stats[kFilePathId].lower = bound("min");
  file.stats[kFilePathId].upper = bound("max");
  return file;
}

}  // namespace freshet
