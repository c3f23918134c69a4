#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace freshet {

// What a manifest holds (Iceberg spec, "Manifest Lists", field 517).
enum class ManifestContent { data = 0, deletes = 1 };

// Range of one partition field over a manifest's files (spec, record `field_summary`, r508).
struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower, upper;  // single-value serialization

  friend bool operator==(const FieldSummary&, const FieldSummary&) = default;
};

// One line of a manifest list (spec, record `manifest_file`).
struct ManifestFile {
  std::string path;
  std::int64_t length = 0;
  std::int32_t spec_id = 0;
  ManifestContent content = ManifestContent::data;
  std::int64_t sequence = 0;      // of the snapshot that added the manifest
  std::int64_t min_sequence = 0;  // least data sequence number of its live entries
  std::int64_t added_snapshot_id = 0;
  std::int32_t added_files = 0, existing_files = 0, deleted_files = 0;
  std::int64_t added_rows = 0, existing_rows = 0, deleted_rows = 0;
  std::vector<FieldSummary> partitions;  // one per partition field of the spec
  std::optional<std::string> key_metadata;

  [[nodiscard]] bool has_live_files() const noexcept {
    return added_files > 0 || existing_files > 0;
  }

  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

// The snapshot that a manifest list belongs to; it goes into the file's header.
struct ManifestListHeader {
  std::int64_t snapshot_id = 0;
  std::optional<std::int64_t> parent_id;
  std::int64_t sequence = 0;
};

[[nodiscard]] Bytes encode_manifest_list(const ManifestListHeader& header,
                                         const std::vector<ManifestFile>& manifests);

// Throws Error{corrupt} naming `name` on anything that is not a manifest list.
[[nodiscard]] std::vector<ManifestFile> decode_manifest_list(std::string_view file,
                                                             std::string_view name);

}  // namespace freshet
