#include "lake/snapshot_builder.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "lake/ids.h"

namespace freshet {
namespace {

// Own keys of the nearest ancestor that has any: each snapshot of ours has all of them, those of
// other writers have none.
std::map<std::string, std::string> inherited_keys(const TableMetadata& metadata) {
  std::map<std::string, std::string> keys;
  const Snapshot* at = metadata.current();
  while (at != nullptr && keys.empty()) {
    for (const auto& [key, value] : at->summary)
      if (key.starts_with(kOwnSummaryPrefix)) keys[key] = value;
    at = at->parent_id ? metadata.find(*at->parent_id) : nullptr;
  }
  return keys;
}

// A total of the current snapshot's summary: 0 before the first one, nothing where its writer left
// it out.
std::optional<std::int64_t> total_so_far(const TableMetadata& metadata, const std::string& key) {
  const Snapshot* const current = metadata.current();
  if (current == nullptr) return 0;
  const auto found = current->summary.find(key);
  if (found == current->summary.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void put_count(std::map<std::string, std::string>& summary, std::string key, std::int64_t count) {
  if (count != 0) summary[std::move(key)] = std::to_string(count);
}

}  // namespace

NewFiles::~NewFiles() {
  std::error_code ignored;  // what stays is an orphan
  for (const auto& path : paths_) std::filesystem::remove(path, ignored);
}

void NewFiles::write(const std::filesystem::path& path, std::string_view content) {
  paths_.push_back(path);
  write_file(path, content);
}

std::vector<ManifestEntry> read_live_entries(const TableMetadata& metadata,
                                             const ManifestFile& manifest) {
  const auto spec = metadata.specs.find(manifest.spec_id);
  if (spec == metadata.specs.end())
    fail(ErrorKind::corrupt, "manifest {}: its partition spec {} is not in the table metadata",
         manifest.path, manifest.spec_id);
  const Bytes file = read_file(IcebergTable::local_of(manifest.path));
  if (static_cast<std::int64_t>(file.size()) != manifest.length)
    fail(ErrorKind::corrupt, "manifest {}: {} bytes long, its list says {}", manifest.path,
         file.size(), manifest.length);
  auto entries = decode_manifest(file, manifest, spec->second);
  std::erase_if(entries, [](const ManifestEntry& entry) { return !entry.is_live(); });
  return entries;
}

void SnapshotBuilder::Tally::count(const ManifestEntry& entry) {
  bytes += entry.bytes;
  if (entry.content == static_cast<std::int32_t>(FileContent::data)) {
    ++data_files;
    records += entry.records;
    return;
  }
  ++delete_files;
  const bool equality = entry.content == ManifestEntry::kEqualityDeletes;
  ++(equality ? equality_delete_files : position_delete_files);
  (equality ? equality_deletes : position_deletes) += entry.records;
}

SnapshotBuilder::SnapshotBuilder(TableMetadata metadata, std::vector<ManifestFile> manifests,
                                 std::filesystem::path metadata_directory, NewFiles& files)
    : metadata_(std::move(metadata)),
      manifests_(std::move(manifests)),
      directory_(std::move(metadata_directory)),
      files_(files),
      id_(new_snapshot_id()),
      sequence_(metadata_.last_sequence + 1),
      uuid_(new_uuid()) {}

void SnapshotBuilder::build(const TableCommit& change) {
  check(change);
  if (change.schema) metadata_.set_schema(*change.schema);
  // Entries that earlier snapshots deleted are theirs alone (spec, "Manifests").
  std::erase_if(manifests_, [](const ManifestFile& one) { return !one.has_live_files(); });
  if (change.replace_all) {
    remove_everything(change.forget_history);
  } else {
    merge_small(ManifestContent::data);
    merge_small(ManifestContent::deletes);
  }
  add(change.added, ManifestContent::data);
  add(change.added, ManifestContent::deletes);
  Snapshot next{.id = id_,
                .sequence = sequence_,
                .timestamp_ms = std::max(now_ms(), metadata_.last_updated_ms),
                .manifest_list = write_list(),
                .summary = summarize(change),
                .schema_id = metadata_.schema.schema_id};
  if (const Snapshot* parent = metadata_.current()) next.parent_id = parent->id;
  metadata_.add_snapshot(std::move(next));
}

void SnapshotBuilder::check(const TableCommit& change) const {
  const PartitionSpec& spec = metadata_.spec();
  if (spec.is_foreign)
    fail(ErrorKind::unsupported,
         "table {} is partitioned in a way that Freshet does not write: load it into a new table",
         metadata_.location);
  const IcebergSchema& schema = change.schema ? *change.schema : metadata_.schema;
  if (spec.day_field_name && schema.find(spec.day_source_id) == nullptr)
    fail(ErrorKind::unsupported, "table {} is partitioned by a column that its new schema drops",
         metadata_.location);
  for (const DataFile& file : change.added) {
    if (file.path.find("://") == std::string::npos)
      fail(ErrorKind::internal, "data file {} has no absolute URI", file.path);
    if (file.partition_day.has_value() != spec.day_field_name.has_value())
      fail(ErrorKind::internal, "data file {} does not fit the table's partitioning", file.path);
  }
}

// What is to be forgotten is counted only: entries of removed files tell their columns' bounds.
void SnapshotBuilder::remove_everything(bool forget) {
  for (const ManifestFile& manifest : std::exchange(manifests_, {})) {
    auto entries = read_live_entries(metadata_, manifest);
    for (ManifestEntry& entry : entries) {
      entry.status = EntryStatus::deleted;
      entry.snapshot_id = id_;
      removed_.count(entry);
      partitions_.insert(entry.partition_day);
    }
    if (!forget) write_manifest(entries, manifest.content, manifest.spec_id);
  }
}

void SnapshotBuilder::merge_small(ManifestContent content) {
  const auto is_small = [&](const ManifestFile& one) {
    return one.content == content && one.spec_id == metadata_.default_spec_id &&
           one.length < kMergedBytes / 2;
  };
  if (std::count_if(manifests_.begin(), manifests_.end(), is_small) <
      static_cast<std::ptrdiff_t>(kMergeAt))
    return;
  const auto first_small =
      std::stable_partition(manifests_.begin(), manifests_.end(),
                            [&](const ManifestFile& one) { return !is_small(one); });
  const std::vector<ManifestFile> small(std::make_move_iterator(first_small),
                                        std::make_move_iterator(manifests_.end()));
  manifests_.erase(first_small, manifests_.end());
  merge(small);
}

void SnapshotBuilder::merge(const std::vector<ManifestFile>& small) {
  std::vector<ManifestEntry> merged;
  std::int64_t bytes = 0;
  for (const ManifestFile& manifest : small) {
    for (ManifestEntry& entry : read_live_entries(metadata_, manifest)) {
      entry.status = EntryStatus::existing;
      merged.push_back(std::move(entry));
    }
    bytes += manifest.length;
    if (bytes < kMergedBytes && &manifest != &small.back()) continue;
    write_manifest(merged, manifest.content, manifest.spec_id);
    merged.clear();
    bytes = 0;
  }
}

void SnapshotBuilder::add(const std::vector<DataFile>& files, ManifestContent content) {
  std::vector<ManifestEntry> entries;
  for (const DataFile& file : files) {
    if ((file.content == FileContent::data) != (content == ManifestContent::data)) continue;
    entries.push_back(entry_of(file, id_));
    added_.count(entries.back());
    partitions_.insert(file.partition_day);
  }
  if (!entries.empty()) write_manifest(entries, content, metadata_.default_spec_id);
}

void SnapshotBuilder::write_manifest(const std::vector<ManifestEntry>& entries,
                                     ManifestContent content, std::int32_t spec_id) {
  const PartitionSpec& spec = metadata_.specs.at(spec_id);
  if (spec.is_foreign)
    fail(ErrorKind::unsupported,
         "table {} has files partitioned in a way that Freshet does not write: load it into a new "
         "table",
         metadata_.location);
  const ManifestHeader header{.schema_json = to_json(metadata_.schema),
                              .schema_id = metadata_.schema.schema_id,
                              .spec = spec,
                              .content = content};
  const auto path = directory_ / fmt::format("{}-m{}.avro", uuid_, manifests_written_++);
  const Bytes file = encode_manifest(header, entries);
  files_.write(path, file);
  manifests_.push_back(describe_manifest(header, entries, IcebergTable::uri_of(path),
                                         static_cast<std::int64_t>(file.size()), id_, sequence_));
}

std::string SnapshotBuilder::write_list() {
  ManifestListHeader header{.snapshot_id = id_, .sequence = sequence_};
  if (const Snapshot* parent = metadata_.current()) header.parent_id = parent->id;
  const auto path = directory_ / fmt::format("snap-{}-1-{}.avro", id_, uuid_);
  files_.write(path, encode_manifest_list(header, manifests_));
  return IcebergTable::uri_of(path);
}

std::string SnapshotBuilder::operation() const {
  const bool removes = removed_.data_files + removed_.delete_files > 0;
  if (!removes && added_.delete_files == 0) return "append";
  return added_.data_files > 0 ? "overwrite" : "delete";
}

// Keys: spec, "Optional Snapshot Summary Fields" (Appendix F).
std::map<std::string, std::string> SnapshotBuilder::summarize(const TableCommit& change) const {
  auto summary = inherited_keys(metadata_);
  for (const auto& [key, value] : change.summary) summary[key] = value;
  summary["operation"] = operation();
  summary["engine-name"] = "freshet";
  put_count(summary, "added-data-files", added_.data_files);
  put_count(summary, "added-records", added_.records);
  put_count(summary, "added-files-size", added_.bytes);
  put_count(summary, "added-delete-files", added_.delete_files);
  put_count(summary, "added-position-delete-files", added_.position_delete_files);
  put_count(summary, "added-position-deletes", added_.position_deletes);
  put_count(summary, "deleted-data-files", removed_.data_files);
  put_count(summary, "deleted-records", removed_.records);
  put_count(summary, "removed-files-size", removed_.bytes);
  put_count(summary, "removed-delete-files", removed_.delete_files);
  put_count(summary, "removed-position-delete-files", removed_.position_delete_files);
  put_count(summary, "removed-position-deletes", removed_.position_deletes);
  put_count(summary, "removed-equality-delete-files", removed_.equality_delete_files);
  put_count(summary, "removed-equality-deletes", removed_.equality_deletes);
  put_count(summary, "changed-partition-count", static_cast<std::int64_t>(partitions_.size()));
  put_totals(summary);
  return summary;
}

void SnapshotBuilder::put_totals(std::map<std::string, std::string>& summary) const {
  const std::pair<std::string, std::int64_t> changes[] = {
      {"total-data-files", added_.data_files - removed_.data_files},
      {"total-records", added_.records - removed_.records},
      {"total-files-size", added_.bytes - removed_.bytes},
      {"total-delete-files", added_.delete_files - removed_.delete_files},
      {"total-position-deletes", added_.position_deletes - removed_.position_deletes},
      {"total-equality-deletes", added_.equality_deletes - removed_.equality_deletes},
  };
  for (const auto& [key, change] : changes)
    if (const auto before = total_so_far(metadata_, key))
      summary[key] = std::to_string(*before + change);
}

}  // namespace freshet
