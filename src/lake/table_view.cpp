#include "lake/table_view.h"

#include <algorithm>
#include <map>

namespace freshet {

namespace {

std::string path_list(std::span<const std::string> paths) {
  std::string list = "[";
  for (const std::string& path : paths) {
    if (list.size() > 1) list += ',';
    list += quote_text(IcebergTable::local_of(path).string());
  }
  return list + "]";
}

// Reads columns by Iceberg field id, whatever the file calls them and in whatever narrower type;
// a column that a file does not have is null in it (Iceberg spec, "Column Projection").
std::string field_map(const IcebergSchema& schema) {
  std::string map = "MAP{";
  for (const IcebergField& field : schema.fields) {
    if (map.size() > 4) map += ',';
    map += fmt::format("{}:{{name:'{}',type:'{}',default_value:NULL}}", field.id,
                       column_of(field.id), sql_type(field.column));
  }
  return map + "}";
}

std::string select_list(const IcebergSchema& schema) {
  std::string list;
  for (const IcebergField& field : schema.fields) {
    if (!list.empty()) list += ',';
    list += column_of(field.id) + " AS " + quote_name(field.column.name);
  }
  return list;
}

std::string empty_select(const IcebergSchema& schema) {
  std::string list;
  for (const IcebergField& field : schema.fields) {
    if (!list.empty()) list += ',';
    list += "NULL::" + sql_type(field.column) + " AS " + quote_name(field.column.name);
  }
  return "SELECT " + list + " WHERE false";
}

std::string files_select(const ViewParts& parts) {
  std::vector<std::string> paths;
  for (const LiveFile& file : parts.files) paths.push_back(file.path);
  std::string sql =
      fmt::format("SELECT {} FROM {}", select_list(*parts.schema), scan_sql(*parts.schema, paths));
  if (parts.version && any_dead(parts.files))
    sql += fmt::format(" WHERE freshet_live({},file_index,file_row_number)", *parts.version);
  return sql;
}

std::string hot_select(const ViewParts& parts) {
  return fmt::format("SELECT {} FROM freshet_hot({})", select_list(*parts.schema), *parts.version);
}

void read_deletes(DuckConnection& connection, std::span<const std::string> paths,
                  std::map<std::string, LiveFile*, std::less<>>& by_path) {
  Result result = connection.query_streaming("SELECT file_path, pos FROM read_parquet(" +
                                             path_list(paths) + ")");
  std::string_view last_path;
  while (const DataChunk chunk = result.next()) {
    const auto column = [&](idx_t i) {
      return duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), i));
    };
    const auto* names = static_cast<const duckdb_string_t*>(column(0));
    const auto* rows = static_cast<const std::int64_t*>(column(1));
    LiveFile* file = nullptr;
    last_path = {};
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk.get()); ++i) {
      if (const std::string_view path = text_at(names[i]); i == 0 || path != last_path) {
        const auto at = by_path.find(path);
        file = at == by_path.end() ? nullptr : at->second;
        last_path = path;
      }
      if (file) file->dead.add(static_cast<std::uint32_t>(rows[i]));
    }
  }
}

}  // namespace

std::string column_of(std::int32_t field_id) { return "c" + std::to_string(field_id); }

std::string scan_sql(const IcebergSchema& schema, std::span<const std::string> paths) {
  return fmt::format("read_parquet({}, schema={})", path_list(paths), field_map(schema));
}

std::string view_sql(const ViewParts& parts) {
  std::string body;
  if (!parts.files.empty()) body = files_select(parts);
  if (parts.hot) body += (body.empty() ? "" : " UNION ALL ") + hot_select(parts);
  if (body.empty()) body = empty_select(*parts.schema);
  return fmt::format("CREATE OR REPLACE VIEW {}.{}.{} AS {}", quote_name(kCatalog),
                     quote_name(parts.database), quote_name(parts.table), body);
}

std::vector<LiveFile> live_files(DuckConnection& connection, const IcebergTable& table) {
  std::vector<LiveFile> files;
  std::vector<std::string> deletes;
  for (const DataFile& file : table.files()) {
    if (file.content == FileContent::data)
      files.push_back({file.path, file.records, {}});
    else
      deletes.push_back(file.path);
  }
  if (deletes.empty()) return files;
  std::map<std::string, LiveFile*, std::less<>> by_path;
  for (LiveFile& file : files) by_path.emplace(file.path, &file);
  read_deletes(connection, deletes, by_path);
  return files;
}

bool any_dead(std::span<const LiveFile> files) noexcept {
  return std::ranges::any_of(files, [](const LiveFile& file) { return file.dead.size() > 0; });
}

}  // namespace freshet
