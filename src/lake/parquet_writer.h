#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lake/duckdb_session.h"
#include "lake/iceberg_table.h"

namespace freshet {

class TableVersions;

// Rows of a row group, which DuckDB holds in memory until it is full.
inline constexpr std::size_t kRowGroupRows = 122'880;
// The same for rows of so many bytes on average: fewer where they are long.
[[nodiscard]] std::size_t row_group_rows(std::size_t rows, std::size_t bytes) noexcept;

// Writes the rows of a SELECT as one Parquet file (zstd) that an Iceberg table can take: field
// ids in its schema, synced, with the statistics of a manifest entry. The SELECT gives the fields'
// columns in their order, under any name (the file has those of file_column_names); the file keeps
// the rows' order. The directory is left to be synced by
// the caller.
[[nodiscard]] DataFile write_parquet(DuckConnection& connection, std::string_view select,
                                     const IcebergSchema& schema, const std::filesystem::path& path,
                                     std::size_t group_rows = kRowGroupRows);

// A row of a data file that is dead from here on.
struct DeletedRow {
  std::uint32_t file = 0;  // index into the paths
  std::uint32_t row = 0;
  friend auto operator<=>(const DeletedRow&, const DeletedRow&) = default;
};

// Writes a position delete file (Iceberg spec, "Position Delete Files"), ordered by path and row.
[[nodiscard]] DataFile write_position_deletes(DuckConnection& connection, TableVersions& versions,
                                              std::vector<DeletedRow> deleted,
                                              std::span<const std::string> paths,
                                              const std::filesystem::path& path);

// The same of the rows of a SELECT (file_path, pos) that has at least one and is in that order.
[[nodiscard]] DataFile write_position_deletes(DuckConnection& connection, std::string_view select,
                                              const std::filesystem::path& path);

}  // namespace freshet
