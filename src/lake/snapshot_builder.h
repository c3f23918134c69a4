#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lake/iceberg_table.h"
#include "lake/manifest.h"
#include "lake/manifest_list.h"
#include "lake/table_metadata.h"

namespace freshet {

// Prefix of the summary keys that are carried on from snapshot to snapshot.
inline constexpr std::string_view kOwnSummaryPrefix = "freshet.";

// Files written for a snapshot that is not visible yet: removed again with this object, unless
// keep() was called because the snapshot is, or may be, visible.
class NewFiles {
 public:
  NewFiles() = default;
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;
  ~NewFiles();

  // Writes and syncs a file and remembers it.
  void write(const std::filesystem::path& path, std::string_view content);
  void keep() noexcept { paths_.clear(); }

 private:
  std::vector<std::filesystem::path> paths_;
};

// The live entries of a manifest in a list of the table, read from storage.
[[nodiscard]] std::vector<ManifestEntry> read_live_entries(const TableMetadata& metadata,
                                                           const ManifestFile& manifest);

// Makes the next snapshot of a table: writes its manifests and its manifest list (Iceberg spec,
// "Snapshots", "Sequence Numbers") and gives the metadata that lists it. Publishes nothing.
class SnapshotBuilder {
 public:
  // Manifests of one kind beyond this number are merged, to files of about kMergedBytes: without
  // it lists grow by a line per commit, and readers open a file for each.
  static constexpr std::size_t kMergeAt = 100;
  static constexpr std::int64_t kMergedBytes = 8 << 20;

  // `metadata` and `manifests` are those of the current snapshot.
  SnapshotBuilder(TableMetadata metadata, std::vector<ManifestFile> manifests,
                  std::filesystem::path metadata_directory, NewFiles& files);

  void build(const TableCommit& change);

  [[nodiscard]] TableMetadata& metadata() noexcept { return metadata_; }
  [[nodiscard]] std::vector<ManifestFile>& manifests() noexcept { return manifests_; }

 private:
  // Files, rows and bytes that this snapshot adds or takes away.
  struct Tally {
    std::int64_t data_files = 0, records = 0, delete_files = 0, bytes = 0;
    std::int64_t position_delete_files = 0, position_deletes = 0;
    std::int64_t equality_delete_files = 0, equality_deletes = 0;

    void count(const ManifestEntry& entry);
  };

  void remove_everything(bool forget);
  void merge_small(ManifestContent content);
  void merge(const std::vector<ManifestFile>& small);
  void add(const std::vector<DataFile>& files, ManifestContent content);
  void write_manifest(const std::vector<ManifestEntry>& entries, ManifestContent content,
                      std::int32_t spec_id);
  [[nodiscard]] std::string write_list();
  void check(const TableCommit& change) const;

  [[nodiscard]] std::string operation() const;
  [[nodiscard]] std::map<std::string, std::string> summarize(const TableCommit& change) const;
  void put_totals(std::map<std::string, std::string>& summary) const;

  TableMetadata metadata_;
  std::vector<ManifestFile> manifests_;
  std::filesystem::path directory_;
  NewFiles& files_;
  std::int64_t id_;
  std::int64_t sequence_;
  std::string uuid_;  // makes file names of this snapshot unique
  int manifests_written_ = 0;
  Tally added_, removed_;
  std::set<std::optional<std::int32_t>> partitions_;  // touched
};

}  // namespace freshet
