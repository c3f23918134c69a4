#include "lake/lake.h"

#include <map>
#include <mutex>
#include <set>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "lake/athena_functions.h"
#include "lake/iceberg_table.h"
#include "lake/key_index.h"
#include "lake/table_view.h"

namespace freshet {

namespace fs = std::filesystem;

namespace {

struct ShownTable {
  IcebergTable table;
  std::int64_t version;  // of the metadata that the view was made from
};

// What a writer has in DuckDB is the row group that it writes: a part of a window, which is bounded
// by the flush's size. One thread: rows keep their order.
constexpr std::uint64_t kWriterMemory = std::uint64_t{256} << 20;
constexpr int kWriterThreads = 1;

using Settings = std::map<std::string, std::string>;

std::string bytes_text(std::uint64_t bytes) { return fmt::format("{}B", bytes); }

Settings settings_of(std::uint64_t memory, int threads, const fs::path& spill) {
  return {{"memory_limit", bytes_text(memory)},
          {"threads", std::to_string(threads)},
          {"temp_directory", spill.string()},
          // Memory that is not in use goes back to the system soon.
          {"allocator_background_threads", "true"},
          {"allocator_flush_threshold", "16MiB"},
          {"allocator_bulk_deallocation_flush_threshold", "32MiB"},
          {"autoinstall_known_extensions", "false"},
          {"autoload_known_extensions", "false"}};
}

Settings query_settings(const LakeOptions& options, const fs::path& spill) {
  return settings_of(options.query_memory, options.threads, spill);
}

Settings writer_settings(const fs::path& spill) {
  return settings_of(kWriterMemory, kWriterThreads, spill / "writers");
}

std::vector<std::shared_ptr<const RowSet>> freeze(std::span<LiveFile> files) {
  std::vector<std::shared_ptr<const RowSet>> dead;
  for (LiveFile& file : files) dead.push_back(file.dead.freeze());
  return dead;
}

}  // namespace

struct Lake::State {
  State(LakeOptions given, bool read_only)
      : options(std::move(given)),
        spill(read_only ? own_spill.emplace("query").path() : options.state / "spill"),
        database(query_settings(options, spill)),
        main(database.connect()) {
    if (!read_only) writing.emplace(writer_settings(spill));
  }

  void prepare();
  void lock_down();
  // Replaces a table's view. The number of the version that it names, if it names one.
  std::optional<std::uint64_t> put_view(DuckConnection& connection, const ViewParts& parts,
                                        TableVersion version);
  void show(const std::string& name, ShownTable& shown);
  void names(const std::string& table, std::optional<std::uint64_t> version);

  LakeOptions options;
  // A process that only reads must not touch the state of one that writes.
  std::optional<TemporaryDirectory> own_spill;
  fs::path spill;          // where DuckDB puts what does not fit in memory
  TableVersions versions;  // before the database, whose functions use it
  Database database;
  std::optional<Database> writing;
  DuckConnection main;
  std::unique_ptr<KeyStore> keys;

  std::mutex mutex;  // guards `main` and what follows
  std::map<std::string, ShownTable> shown;
  std::set<std::string> taken;
  std::map<std::string, std::uint64_t> named;  // table -> TableVersion in its view
};

// The catalog, its schemas and functions.
void Lake::State::prepare() {
  register_version_functions(main, versions);
  const std::string catalog = quote_name(kCatalog);
  main.run("SET GLOBAL TimeZone='UTC'");
  // As a setting of the start it would be shown, and not be kept to (DuckDB 1.5).
  main.run(fmt::format("SET GLOBAL max_temp_directory_size='{}'", bytes_text(options.query_disk)));
  if (writing) {
    DuckConnection writer = writing->connect();
    register_version_functions(writer, versions);
    writer.run("SET GLOBAL TimeZone='UTC'");
  }
  main.run("ATTACH ':memory:' AS " + catalog);
  main.run("CREATE SCHEMA IF NOT EXISTS " + catalog + "." + quote_name(options.database));
  main.run("USE " + catalog + "." + quote_name(options.database));
  create_athena_functions(main);
  lock_down();
}

// SQL reads and writes files of the lake and of the spill folder, nothing else on this machine.
void Lake::State::lock_down() {
  main.run(fmt::format("SET allowed_directories=[{},{}]", quote_text(options.warehouse.string()),
                       quote_text(spill.string())));
  main.run("SET enable_external_access=false");
}

void Lake::State::names(const std::string& table, std::optional<std::uint64_t> version) {
  const auto old = named.extract(table);
  if (version) named.emplace(table, *version);
  if (old) versions.retire(old.mapped());
}

std::optional<std::uint64_t> Lake::State::put_view(DuckConnection& connection,
                                                   const ViewParts& parts, TableVersion version) {
  ViewParts named = parts;
  named.database = options.database;
  named.hot = version.hot != nullptr;
  if (!named.hot && !any_dead(parts.files)) {
    connection.run(view_sql(named));
    return std::nullopt;
  }
  ScopedVersion scoped(versions, std::move(version));
  named.version = scoped.number();
  connection.run(view_sql(named));
  return scoped.keep();
}

void Lake::State::show(const std::string& name, ShownTable& table) {
  std::vector<LiveFile> files = live_files(main, table.table);
  names(name, put_view(main, {.table = name, .schema = &table.table.schema(), .files = files},
                       {.dead = freeze(files), .hot = nullptr, .hot_dead = nullptr}));
  table.version = table.table.version();
}

Lake::Lake(std::unique_ptr<State> state) : state_(std::move(state)) {}
Lake::~Lake() = default;

namespace {

LakeOptions absolute(LakeOptions options) {
  options.warehouse = fs::weakly_canonical(fs::absolute(options.warehouse));
  if (!options.state.empty()) options.state = fs::weakly_canonical(fs::absolute(options.state));
  return options;
}

}  // namespace

std::unique_ptr<Lake> Lake::open(const LakeOptions& given) {
  const LakeOptions options = absolute(given);
  make_directories(options.warehouse / options.database);
  make_directories(options.state);
  auto state = std::make_unique<State>(options, false);
  state->keys = std::make_unique<KeyStore>(options.state / "index");
  fs::remove_all(state->spill);  // what a process left that did not end by itself
  make_directories(state->spill);
  state->prepare();
  std::unique_ptr<Lake> lake(new Lake(std::move(state)));
  lake->refresh();
  return lake;
}

std::unique_ptr<Lake> Lake::open_read_only(const LakeOptions& given) {
  const LakeOptions options = absolute(given);
  if (!fs::is_directory(options.warehouse))
    fail(ErrorKind::config, "there is no lake at {}: run the pipeline first, or name its folder",
         options.warehouse.string());
  auto state = std::make_unique<State>(options, true);
  state->prepare();
  std::unique_ptr<Lake> lake(new Lake(std::move(state)));
  lake->refresh();
  return lake;
}

void Lake::refresh() {
  const std::lock_guard lock(state_->mutex);
  std::error_code ignored;  // a table that goes away while we look is no error
  for (const auto& entry :
       fs::directory_iterator(state_->options.warehouse / state_->options.database, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || state_->taken.contains(name)) continue;
    auto at = state_->shown.find(name);
    if (at == state_->shown.end()) {
      auto table = IcebergTable::open(entry.path());
      if (!table) continue;
      at = state_->shown.emplace(name, ShownTable{std::move(*table), -1}).first;
    } else {
      at->second.table.refresh();
    }
    if (at->second.version != at->second.table.version()) state_->show(name, at->second);
  }
}

std::vector<std::string> Lake::tables() const {
  const std::lock_guard lock(state_->mutex);
  std::set<std::string> names = state_->taken;
  for (const auto& [name, table] : state_->shown) names.insert(name);
  return {names.begin(), names.end()};
}

DuckConnection Lake::connect() {
  DuckConnection connection = state_->database.connect();
  connection.run("USE " + quote_name(kCatalog) + "." + quote_name(state_->options.database));
  return connection;
}

DuckConnection Lake::connect_writer() {
  if (!state_->writing) fail(ErrorKind::internal, "a lake that is open for reading has no writers");
  return state_->writing->connect();
}

TableVersions& Lake::versions() noexcept { return state_->versions; }
const LakeOptions& Lake::options() const noexcept { return state_->options; }

fs::path Lake::table_directory(std::string_view table) const {
  if (table.empty() || table.front() == '.' || table.find('/') != std::string_view::npos)
    fail(ErrorKind::unsupported, "a table named '{}' cannot be a folder: rename it in the mapping",
         table);
  return state_->options.warehouse / state_->options.database / table;
}

fs::path Lake::spill_directory() const { return state_->spill; }

KeyStore& Lake::keys() {
  if (!state_->keys) fail(ErrorKind::internal, "a lake that is open for reading has no key index");
  return *state_->keys;
}

TableClaim Lake::claim(const std::string& table) { return TableClaim(*this, table); }

TableClaim::TableClaim(Lake& lake, std::string table) : lake_(lake), table_(std::move(table)) {
  const std::lock_guard lock(lake_.state_->mutex);
  if (!lake_.state_->taken.insert(table_).second)
    fail(ErrorKind::internal, "table {} has a writer already", table_);
  lake_.state_->shown.erase(table_);
}

TableClaim::~TableClaim() {
  const std::lock_guard lock(lake_.state_->mutex);
  lake_.state_->taken.erase(table_);
}

void Lake::show(DuckConnection& connection, const std::string& table, const IcebergSchema& schema,
                std::span<LiveFile> files, std::shared_ptr<const HotSnapshot> hot,
                std::shared_ptr<const RowSet> hot_dead) {
  const auto version = state_->put_view(
      connection, {.table = table, .schema = &schema, .files = files},
      {.dead = freeze(files), .hot = std::move(hot), .hot_dead = std::move(hot_dead)});
  const std::lock_guard lock(state_->mutex);
  state_->names(table, version);
}

}  // namespace freshet
