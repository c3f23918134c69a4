#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/lake_schema.h"

namespace freshet {

// Facts of format: Apache Iceberg table spec v2 (sections "Table Metadata", "Manifests",
// "Snapshots", "Appendix A: Avro", "Appendix D: Single-value serialization").

struct IcebergField {
  std::int32_t id = 0;  // unique for ever in the table
  LakeColumn column;
};

struct IcebergSchema {
  std::int32_t schema_id = 0;
  std::vector<IcebergField> fields;
  std::vector<std::int32_t> identifier_ids;  // primary key

  [[nodiscard]] const IcebergField* find(std::string_view name) const noexcept;
  [[nodiscard]] const IcebergField* find(std::int32_t id) const noexcept;
};

struct ColumnStats {
  std::int64_t bytes = 0;   // compressed size in the file
  std::int64_t values = 0;  // nulls included
  std::int64_t nulls = 0;
  std::optional<std::string> lower,
      upper;  // single-value serialization; strings cut at 16 code points
};

enum class FileContent { data = 0, position_deletes = 1 };

struct DataFile {
  FileContent content = FileContent::data;
  std::string path;  // absolute URI: file:///... ; an identity, compared byte for byte
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  std::map<std::int32_t, ColumnStats> stats;  // by field id
  std::vector<std::int64_t> split_offsets;
  // Day since 1970-01-01 in tables partitioned by day; nothing elsewhere.
  std::optional<std::int32_t> partition_day;
  std::int64_t sequence = 0;  // data sequence number; 0 = not committed yet
};

// One atomic change of a table: all of it becomes visible, or none.
struct TableCommit {
  std::vector<DataFile> added;  // data and position delete files, already durable on storage
  bool replace_all = false;     // every file that is live now is removed (truncate)
  // With replace_all: no metadata tells of what was before, bounds of its columns included. The
  // files stay until remove_unreferenced().
  bool forget_history = false;
  std::optional<IcebergSchema> schema;  // new current schema
  std::map<std::string, std::string>
      summary;  // extra keys for the snapshot summary: "freshet.stream-offset" ...
};

// An Iceberg v2 table in a filesystem catalog: <warehouse>/<database>/<table>/{data,metadata}.
// Commits are optimistic and exclusive: metadata/v<N>.metadata.json is published with a call that
// fails if it exists. One writer thread; readers pin one metadata file.
class IcebergTable {
 public:
  // Opens the table, or creates it with these columns (ids 1..n). `partition_day` names the
  // timestamptz column whose day partitions the table, or is empty. Throws Error{corrupt} on
  // metadata that breaks the spec, Error{unavailable} on I/O errors.
  static IcebergTable open_or_create(const std::filesystem::path& directory,
                                     const LakeSchema& columns,
                                     std::string_view partition_day = {});
  // Nothing where there is no table.
  static std::optional<IcebergTable> open(const std::filesystem::path& directory);

  [[nodiscard]] const std::string& location() const noexcept;  // file:///abs/dir
  [[nodiscard]] std::string new_data_path(
      std::string_view suffix = ".parquet") const;  // local path under data/
  [[nodiscard]] static std::string uri_of(const std::filesystem::path& local);
  [[nodiscard]] static std::filesystem::path local_of(std::string_view uri);

  [[nodiscard]] const IcebergSchema& schema() const noexcept;
  [[nodiscard]] std::int64_t snapshot_id() const noexcept;  // 0 = none yet
  [[nodiscard]] std::int64_t version() const noexcept;      // N of v<N>.metadata.json
  // Value of a summary key in the current snapshot or its nearest ancestor that has it.
  [[nodiscard]] std::optional<std::string> summary(std::string_view key) const;
  // Live files of the current snapshot, oldest first; data files and position delete files.
  [[nodiscard]] std::vector<DataFile> files() const;

  // The schema that `columns` makes of the current one: kept columns keep their ids (matched by
  // name, when the type is equal or a legal promotion), others get new ids; nothing if equal.
  [[nodiscard]] std::optional<IcebergSchema> evolve(const LakeSchema& columns) const;

  // Writes manifests, manifest list and metadata, each fsynced, then publishes. Returns the new
  // snapshot id. Throws Error{conflict} if another writer published first (nothing of ours is
  // visible), Error{unknown_outcome} where that cannot be told; call refresh() and look.
  std::int64_t commit(const TableCommit& change);
  void refresh();
  // Removes files of the table's folders that no snapshot of its current metadata leads to: earlier
  // metadata, what forget_history left, what a process that ended had written. Nobody may be
  // writing to the table. Readers that began before fail.
  void remove_unreferenced();

 private:
  struct State;
  explicit IcebergTable(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace freshet
