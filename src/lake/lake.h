#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lake/duckdb_session.h"
#include "lake/table_versions.h"

namespace freshet {

class KeyStore;
struct LiveFile;

struct LakeOptions {
  std::filesystem::path warehouse;  // Iceberg tables: <warehouse>/<database>/<table>
  std::filesystem::path state;      // key index and spilled query data; of no use to other programs
  std::string database = "default";
  std::uint64_t query_memory = std::uint64_t{128} << 20;  // of all running queries
  std::uint64_t query_disk = std::uint64_t{10} << 30;     // what does not fit goes to, at most
  int threads = 1;                                        // of a query
};

// Where a commit stands in its source and stream; written into the summary of the Iceberg
// snapshot that makes the changes up to here visible, so both appear or neither does.
struct CommitPoint {
  std::uint64_t stream_offset = 0;  // every change up to this one is in the table
  std::string binlog_file;
  std::uint64_t binlog_position = 0;
  std::string gtid;
  std::string source_id;
  std::int64_t commit_millis = 0;            // source commit time of the last change
  std::map<std::string, std::string> notes;  // further keys of the summary: "freshet...."
};

class Lake;

// A writer's hold on a table.
class TableClaim {
 public:
  TableClaim(const TableClaim&) = delete;
  TableClaim& operator=(const TableClaim&) = delete;
  ~TableClaim();

 private:
  friend class Lake;
  TableClaim(Lake& lake, std::string table);
  Lake& lake_;
  std::string table_;
};

// The lake of one process: the folder of Iceberg tables, the key index, and two DuckDB instances.
// One is for queries, with a view per table; views live in "AwsDataCatalog"."<database>", the
// catalog and schema that every connection starts in. The other is for writers, which a query that
// takes all memory it may have must not stop.
//
// Safe to use from several threads. Writers made for a lake must not outlive it.
class Lake {
 public:
  // For writing. Existing tables are readable at once; a writer takes its table's view over.
  // Throws Error{unavailable} if another process writes here, Error{corrupt} on broken tables.
  static std::unique_ptr<Lake> open(const LakeOptions& options);
  // For queries with no pipeline running: the committed files only, state untouched.
  static std::unique_ptr<Lake> open_read_only(const LakeOptions& options);

  ~Lake();
  Lake(const Lake&) = delete;
  Lake& operator=(const Lake&) = delete;

  // Looks for new and changed tables and replaces their views; tables that a writer holds are
  // left alone. Cheap where nothing changed.
  void refresh();
  [[nodiscard]] std::vector<std::string> tables() const;  // sorted

  [[nodiscard]] DuckConnection connect();
  [[nodiscard]] TableVersions& versions() noexcept;
  [[nodiscard]] const LakeOptions& options() const noexcept;

  // For writers.
  [[nodiscard]] DuckConnection connect_writer();  // sees no views
  [[nodiscard]] std::filesystem::path table_directory(std::string_view table) const;
  [[nodiscard]] std::filesystem::path spill_directory() const;
  [[nodiscard]] KeyStore& keys();  // Error{internal} on a read-only lake
  // The holder keeps the table's view: refresh() leaves it alone until the claim ends.
  [[nodiscard]] TableClaim claim(const std::string& table);
  // From now on SQL sees the files' live rows and these hot ones as the table.
  void show(DuckConnection& connection, const std::string& table, const IcebergSchema& schema,
            std::span<LiveFile> files, std::shared_ptr<const HotSnapshot> hot = nullptr,
            std::shared_ptr<const RowSet> hot_dead = nullptr);

 private:
  friend class TableClaim;
  struct State;
  explicit Lake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace freshet
