#include "lake/iceberg_table.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/file.h"
#include "lake/iceberg_schema.h"
#include "lake/ids.h"
#include "lake/manifest.h"
#include "lake/manifest_list.h"
#include "lake/snapshot_builder.h"
#include "lake/table_metadata.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMetadataSuffix = ".metadata.json";
constexpr std::string_view kFileScheme = "file://";

fs::path version_path(const fs::path& metadata_directory, std::int64_t version) {
  return metadata_directory / fmt::format("v{}{}", version, kMetadataSuffix);
}

std::optional<std::int64_t> parse_version(std::string_view digits) {
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc() || end != digits.data() + digits.size() || version <= 0)
    return std::nullopt;
  return version;
}

// N of "v<N>.metadata.json".
std::optional<std::int64_t> version_of(std::string_view name) {
  if (!name.starts_with('v') || !name.ends_with(kMetadataSuffix)) return std::nullopt;
  return parse_version(name.substr(1, name.size() - 1 - kMetadataSuffix.size()));
}

bool is_present(const fs::path& path) {
  std::error_code error;
  const bool found = fs::exists(path, error);
  if (error)
    fail(ErrorKind::unavailable, "cannot look for {}: {}; check the disk and access to it",
         path.string(), error.message());
  return found;
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename());
  if (error)
    fail(ErrorKind::unavailable, "cannot list {}: {}; check the disk and access to it",
         directory.string(), error.message());
  return names;
}

std::optional<std::int64_t> hinted_version(const fs::path& metadata_directory) {
  auto hint = read_file_if_present(metadata_directory / "version-hint.text");
  if (!hint) return std::nullopt;
  while (!hint->empty() && hint->back() <= ' ') hint->pop_back();
  return parse_version(*hint);
}

// The hint is written without a sync, after the version it names: it may be old, torn or missing.
// So it only saves the listing of the directory.
std::optional<std::int64_t> newest_version(const fs::path& metadata_directory) {
  if (!is_present(metadata_directory)) return std::nullopt;
  auto version = hinted_version(metadata_directory);
  if (!version || !is_present(version_path(metadata_directory, *version))) {
    version.reset();
    for (const std::string& name : names_in(metadata_directory))
      version = std::max(version, version_of(name));
  }
  while (version && is_present(version_path(metadata_directory, *version + 1))) ++*version;
  return version;
}

// A directory whose metadata files another catalog names must not become a table of ours.
void check_unclaimed(const fs::path& metadata_directory) {
  for (const std::string& name : names_in(metadata_directory))
    if (name.ends_with(kMetadataSuffix))
      fail(ErrorKind::unsupported,
           "{} is the metadata of a table in another catalog: give the lake a directory of its own",
           (metadata_directory / name).string());
}

// Best effort: readers find the version without it.
void write_hint(const fs::path& metadata_directory, std::int64_t version) noexcept {
  try {
    replace_file_unsynced(metadata_directory / "version-hint.text", std::to_string(version));
  } catch (const std::exception&) {
  }
}

// Makes `json` version N of the table, if nobody else made one. On return the version is durable.
Publication publish_metadata(const fs::path& metadata_directory, std::int64_t version,
                             const std::string& json, NewFiles& files) {
  const fs::path unpublished =
      metadata_directory / (new_uuid() + std::string(kMetadataSuffix) + ".tmp");
  files.write(unpublished, json);
  sync_directory(metadata_directory);  // manifests and list before the version that names them
  try {
    const auto result = publish_file(unpublished, version_path(metadata_directory, version));
    if (result == Publication::done) {
      files.keep();
      write_hint(metadata_directory, version);
    }
    return result;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unknown_outcome) files.keep();
    throw;
  }
}

fs::path table_directory(const fs::path& directory) {
  fs::path normal = fs::absolute(directory).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

struct IcebergTable::State {
  fs::path directory;
  std::int64_t version = 0;
  TableMetadata metadata;
  std::vector<ManifestFile> manifests;  // of the current snapshot

  [[nodiscard]] fs::path metadata_directory() const { return directory / "metadata"; }
  [[nodiscard]] fs::path metadata_file() const {
    return version_path(metadata_directory(), version);
  }

  void load(std::int64_t wanted);
  void check_location() const;
  void remove_old_metadata(const std::vector<std::string>& uris) const noexcept;
};

void IcebergTable::State::load(std::int64_t wanted) {
  const fs::path file = version_path(metadata_directory(), wanted);
  TableMetadata loaded = table_metadata_from_json(read_file(file), file.string());
  std::vector<ManifestFile> listed;
  if (const Snapshot* current = loaded.current())
    listed =
        decode_manifest_list(read_file(local_of(current->manifest_list)), current->manifest_list);
  metadata = std::move(loaded);
  manifests = std::move(listed);
  version = wanted;
}

// Paths in a table are absolute, so a moved or copied one would be half here and half there.
void IcebergTable::State::check_location() const {
  std::error_code ignored;
  const fs::path stated = local_of(metadata.location);
  if (stated.lexically_normal() == directory || fs::equivalent(stated, directory, ignored)) return;
  fail(ErrorKind::config,
       "the table in {} says that it lies in {}: move it back, Iceberg tables "
       "cannot be moved or copied",
       directory.string(), stated.string());
}

void IcebergTable::State::remove_old_metadata(const std::vector<std::string>& uris) const noexcept {
  for (const std::string& uri : uris) {
    try {
      const fs::path file = local_of(uri);
      if (file.parent_path() == metadata_directory()) remove_file_if_present(file);
    } catch (const std::exception&) {  // it stays as an orphan
    }
  }
}

IcebergTable::IcebergTable(std::shared_ptr<State> state) : state_(std::move(state)) {}

std::optional<IcebergTable> IcebergTable::open(const fs::path& directory) {
  auto state = std::make_shared<State>();
  state->directory = table_directory(directory);
  const auto version = newest_version(state->metadata_directory());
  if (!version) return std::nullopt;
  state->load(*version);
  state->check_location();
  return IcebergTable(std::move(state));
}

IcebergTable IcebergTable::open_or_create(const fs::path& directory, const LakeSchema& columns,
                                          std::string_view partition_day) {
  const fs::path home = table_directory(directory);
  make_directories(home / "data");
  if (auto table = open(home)) return *table;
  const fs::path metadata_directory = home / "metadata";
  make_directories(metadata_directory);
  check_unclaimed(metadata_directory);
  NewFiles files;
  const auto first = new_table_metadata(uri_of(home), columns, partition_day);
  // If another process was first, its table is as good as ours.
  (void)publish_metadata(metadata_directory, 1, to_json(first), files);
  auto table = open(home);
  if (!table)
    fail(ErrorKind::unavailable,
         "the table just made in {} is gone: check what removes files there", home.string());
  return *table;
}

const std::string& IcebergTable::location() const noexcept { return state_->metadata.location; }

std::string IcebergTable::new_data_path(std::string_view suffix) const {
  return state_->directory / "data" / (new_uuid() + std::string(suffix));
}

std::string IcebergTable::uri_of(const fs::path& local) {
  return std::string(kFileScheme) + fs::absolute(local).lexically_normal().string();
}

fs::path IcebergTable::local_of(std::string_view uri) {
  if (uri.starts_with("file:///")) return uri.substr(kFileScheme.size());
  if (uri.starts_with("file:/") && !uri.starts_with(kFileScheme)) return uri.substr(5);
  if (uri.starts_with('/')) return uri;
  fail(ErrorKind::unsupported, "{} is not on the local disk", uri);
}

const IcebergSchema& IcebergTable::schema() const noexcept { return state_->metadata.schema; }
std::int64_t IcebergTable::snapshot_id() const noexcept {
  return state_->metadata.current_snapshot_id;
}
std::int64_t IcebergTable::version() const noexcept { return state_->version; }

std::optional<std::string> IcebergTable::summary(std::string_view key) const {
  const TableMetadata& metadata = state_->metadata;
  const Snapshot* at = metadata.current();
  while (at != nullptr) {
    if (const auto found = at->summary.find(std::string(key)); found != at->summary.end())
      return found->second;
    at = at->parent_id ? metadata.find(*at->parent_id) : nullptr;
  }
  return std::nullopt;
}

std::vector<DataFile> IcebergTable::files() const {
  std::vector<DataFile> files;
  for (const ManifestFile& manifest : state_->manifests) {
    if (!manifest.has_live_files()) continue;
    for (const ManifestEntry& entry : read_live_entries(state_->metadata, manifest))
      files.push_back(data_file_of(entry));
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const DataFile& a, const DataFile& b) { return a.sequence < b.sequence; });
  return files;
}

std::optional<IcebergSchema> IcebergTable::evolve(const LakeSchema& columns) const {
  return evolve_schema(schema(), columns, state_->metadata.last_column_id);
}

std::int64_t IcebergTable::commit(const TableCommit& change) {
  State& state = *state_;
  const fs::path directory = state.metadata_directory();
  NewFiles files;
  SnapshotBuilder next(state.metadata, state.manifests, directory, files);
  const auto fallen = next.metadata().add_previous(uri_of(state.metadata_file()));
  next.build(change);
  if (change.forget_history) next.metadata().forget_history();
  const std::int64_t version = state.version + 1;
  // The exclusive name alone is not enough: old versions are deleted, so their names are free
  // again.
  const bool stale = newest_version(directory) != state.version;
  if (stale || publish_metadata(directory, version, to_json(next.metadata()), files) ==
                   Publication::name_taken)
    fail(ErrorKind::conflict, "another writer committed to {} first: reload the table and retry",
         location());
  state.metadata = std::move(next.metadata());
  state.manifests = std::move(next.manifests());
  state.version = version;
  state.remove_old_metadata(fallen);
  return snapshot_id();
}

// By names, which are unique: folders may have several.
void IcebergTable::remove_unreferenced() {
  const State& state = *state_;
  std::set<fs::path> named{state.metadata_file().filename(), "version-hint.text"};
  const auto name = [&](std::string_view uri) {
    return named.insert(local_of(uri).filename()).second;
  };
  for (const MetadataLogEntry& entry : state.metadata.metadata_log) name(entry.file);
  for (const Snapshot& snapshot : state.metadata.snapshots) {
    name(snapshot.manifest_list);
    for (const ManifestFile& manifest : decode_manifest_list(
             read_file(local_of(snapshot.manifest_list)), snapshot.manifest_list)) {
      if (!name(manifest.path)) continue;
      for (const ManifestEntry& entry : read_live_entries(state.metadata, manifest))
        name(entry.path);
    }
  }
  for (const fs::path& folder : {state.directory / "data", state.metadata_directory()}) {
    for (const std::string& file : names_in(folder))
      if (!named.contains(file) && fs::is_regular_file(folder / file))
        remove_file_if_present(folder / file);
    sync_directory(folder);
  }
}

void IcebergTable::refresh() {
  const auto version = newest_version(state_->metadata_directory());
  if (!version)
    fail(ErrorKind::corrupt, "the table in {} has no metadata any more: restore it from a backup",
         state_->directory.string());
  if (*version != state_->version) state_->load(*version);
}

}  // namespace freshet
