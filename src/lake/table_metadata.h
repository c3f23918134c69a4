#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/iceberg_schema.h"
#include "lake/iceberg_table.h"
#include "lake/manifest.h"

namespace freshet {

// A snapshot as the metadata lists it (Iceberg spec, "Snapshots").
struct Snapshot {
  std::int64_t id = 0;
  std::optional<std::int64_t> parent_id;
  std::int64_t sequence = 0;
  std::int64_t timestamp_ms = 0;
  std::string manifest_list;
  std::map<std::string, std::string> summary;  // "operation" included
  std::optional<std::int32_t> schema_id;
  // The object as it was first written, with what other writers put there; add_snapshot() fills it.
  std::string json;
};

// A named branch or tag.
struct SnapshotRef {
  std::int64_t snapshot_id = 0;
  std::map<std::string, std::string> others;  // type, retention: member -> JSON
};

struct SnapshotLogEntry {
  std::int64_t timestamp_ms = 0;
  std::int64_t snapshot_id = 0;
};

struct MetadataLogEntry {
  std::int64_t timestamp_ms = 0;
  std::string file;
};

// Table metadata of format version 2 (Iceberg spec, "Table Metadata"). What we do not use is kept
// as JSON text and written back as it was: old schemas, specs, sort orders, statistics, unknown
// members.
struct TableMetadata {
  static constexpr std::size_t kSnapshotsKept = 100;
  static constexpr std::size_t kMetadataFilesKept = 100;

  std::string uuid;
  std::string location;
  std::int64_t last_sequence = 0;
  std::int64_t last_updated_ms = 0;
  std::int32_t last_column_id = 0;
  std::map<std::int32_t, std::string> schemas;  // schema id -> JSON
  IcebergSchema schema;                         // the current one
  std::map<std::int32_t, PartitionSpec> specs;
  std::map<std::int32_t, std::string> spec_json;
  std::int32_t default_spec_id = 0;
  std::int32_t last_partition_id = 999;
  std::map<std::string, std::string> properties;
  std::int64_t current_snapshot_id = 0;  // 0 = none yet
  std::vector<Snapshot> snapshots;       // oldest first
  std::map<std::string, SnapshotRef> refs;
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, std::string> others;  // other members -> JSON

  [[nodiscard]] const Snapshot* find(std::int64_t snapshot_id) const noexcept;
  [[nodiscard]] const Snapshot* current() const noexcept { return find(current_snapshot_id); }
  [[nodiscard]] const PartitionSpec& spec() const { return specs.at(default_spec_id); }

  // Makes `schema` current under the next free schema id, and the name mapping with it.
  void set_schema(IcebergSchema schema);
  // Makes `snapshot` the head of main; expires the oldest entries beyond kSnapshotsKept, those that
  // a branch or tag names excepted. Their files stay on storage.
  void add_snapshot(Snapshot snapshot);
  // Drops all snapshots but the current one, what names them, and the log of earlier metadata.
  void forget_history();
  // Notes the metadata file that this one follows; the files that fall off the log, to be deleted.
  [[nodiscard]] std::vector<std::string> add_previous(const std::string& file);
};

// A new, empty table: columns get ids 1..n. `partition_day` names a timestamptz column or is empty.
// Throws Error{unsupported} for columns that Iceberg cannot have.
[[nodiscard]] TableMetadata new_table_metadata(std::string location, const LakeSchema& columns,
                                               std::string_view partition_day);

[[nodiscard]] std::string to_json(const TableMetadata& metadata);
// Throws Error{corrupt} naming `name` on anything that breaks the spec, Error{unsupported} on other
// format versions and on column types that we do not have.
[[nodiscard]] TableMetadata table_metadata_from_json(std::string_view json, std::string_view name);

[[nodiscard]] std::int64_t now_ms();

}  // namespace freshet
