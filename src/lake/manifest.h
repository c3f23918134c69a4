#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "lake/iceberg_table.h"
#include "lake/manifest_list.h"

namespace freshet {

enum class EntryStatus { existing = 0, added = 1, deleted = 2 };

// Column metrics by field id, as a manifest holds them: a column may stand in some maps only.
struct ColumnMetrics {
  std::map<std::int32_t, std::int64_t> sizes, values, nulls, nans;
  std::map<std::int32_t, std::string> lower, upper;

  friend bool operator==(const ColumnMetrics&, const ColumnMetrics&) = default;
};

// One entry of a manifest (Iceberg spec, "Manifests": manifest_entry and data_file), with all that
// other writers may have put there, so that rewriting a manifest loses nothing.
struct ManifestEntry {
  static constexpr std::int32_t kEqualityDeletes = 2;

  EntryStatus status = EntryStatus::added;
  std::optional<std::int64_t> snapshot_id;    // that added the file, or deleted it
  std::optional<std::int64_t> sequence;       // data sequence number; null = the manifest's
  std::optional<std::int64_t> file_sequence;  // of the snapshot that added the file
  std::int32_t content = 0;                   // FileContent, or kEqualityDeletes
  std::string path;
  std::string format = "PARQUET";
  std::optional<std::int32_t> partition_day;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  ColumnMetrics metrics;
  std::optional<std::string> key_metadata;
  std::vector<std::int64_t> split_offsets;
  std::vector<std::int32_t> equality_ids;
  std::optional<std::int32_t> sort_order_id;
  std::optional<std::string> referenced_data_file;

  [[nodiscard]] bool is_live() const noexcept { return status != EntryStatus::deleted; }

  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

// A new entry for a file of ours; its sequence numbers are inherited (spec, "Sequence Number
// Inheritance"), so a commit that is tried again needs no new manifest.
[[nodiscard]] ManifestEntry entry_of(const DataFile& file, std::int64_t snapshot_id);
// Throws Error{unsupported} for equality deletes and for formats that are not Parquet.
[[nodiscard]] DataFile data_file_of(const ManifestEntry& entry);

// A partition spec as far as we write them: unpartitioned, or the day of one column.
struct PartitionSpec {
  std::int32_t id = 0;
  std::string fields_json = "[]";             // the spec's `fields`
  std::optional<std::string> day_field_name;  // "<column>_day"
  std::int32_t day_field_id = 1000;
  std::int32_t day_source_id = 0;
  bool is_foreign = false;  // has other transforms: such manifests can be read, not written
};

// What a manifest's header says of the table.
struct ManifestHeader {
  std::string schema_json;
  std::int32_t schema_id = 0;
  PartitionSpec spec;
  ManifestContent content = ManifestContent::data;
};

[[nodiscard]] Bytes encode_manifest(const ManifestHeader& header,
                                    const std::vector<ManifestEntry>& entries);

// The line of a manifest list for a manifest with these entries, added by the snapshot with this
// id and sequence number.
[[nodiscard]] ManifestFile describe_manifest(const ManifestHeader& header,
                                             const std::vector<ManifestEntry>& entries,
                                             std::string path, std::int64_t length,
                                             std::int64_t snapshot_id, std::int64_t sequence);

// Decodes a manifest that `from` lists; inherited ids and sequence numbers are filled in. Throws
// Error{corrupt} naming the path.
[[nodiscard]] std::vector<ManifestEntry> decode_manifest(std::string_view file,
                                                         const ManifestFile& from,
                                                         const PartitionSpec& spec);

}  // namespace freshet
