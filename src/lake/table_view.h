#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lake/delete_map.h"
#include "lake/duckdb_session.h"
#include "lake/iceberg_table.h"

namespace freshet {

// The catalog that Athena calls its default one.
inline constexpr std::string_view kCatalog = "AwsDataCatalog";

// A data file of a table's current state, with its dead rows.
struct LiveFile {
  std::string path;  // URI, as Iceberg names it
  std::int64_t records = 0;
  DeadRows dead;
};

// The data files of the table's current snapshot, oldest first, with what its position delete
// files say. (Paths are unique for ever, so a delete never meets a younger file of its path.)
[[nodiscard]] std::vector<LiveFile> live_files(DuckConnection& connection,
                                               const IcebergTable& table);

// Column names inside scans are field ids: renames cost nothing, and no column of a source can
// collide with DuckDB's own ones (file_row_number).
[[nodiscard]] std::string column_of(std::int32_t field_id);  // "c7"

// "read_parquet(...)" of data files, with columns of these names.
[[nodiscard]] std::string scan_sql(const IcebergSchema& schema, std::span<const std::string> paths);

struct ViewParts {
  std::string database;  // schema of the view
  std::string table;
  const IcebergSchema* schema = nullptr;
  std::span<const LiveFile> files;
  bool hot = false;                      // there are hot rows
  std::optional<std::uint64_t> version;  // TableVersion of files and hot rows; nothing = the files'
                                         // rows are all live, and there are no others
};

// CREATE OR REPLACE VIEW of the files' live rows and the hot ones.
[[nodiscard]] std::string view_sql(const ViewParts& parts);

[[nodiscard]] bool any_dead(std::span<const LiveFile> files) noexcept;

}  // namespace freshet
