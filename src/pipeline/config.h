#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/listen_address.h"
#include "pipeline/table_mapping.h"
#include "source/connection.h"
#include "transform/options.h"

namespace freshet {

struct SnapshotConfig {
  std::uint32_t workers = 2;          // chunks of a full load that are read at the same time
  std::uint32_t chunk_rows = 50'000;  // rows read per chunk
  std::uint64_t rows_per_second = 0;  // 0 = as many as can be had
  // Nothing new is read while the log reader is further behind than this; 0 = always.
  std::chrono::milliseconds pause_behind = std::chrono::seconds(30);
  bool lock_non_transactional = false;  // while they are read; see ViewOptions
};

// Pauses before a source that does not answer is tried again: each twice as long as the last one.
struct RetryConfig {
  std::chrono::milliseconds first = std::chrono::milliseconds(500);
  std::chrono::milliseconds longest = std::chrono::seconds(30);
};

struct SourceConfig {
  SourceOptions connection;
  std::vector<std::string> tables;   // patterns "schema.table"; * stands for any run of characters
  std::vector<std::string> exclude;  // patterns of tables that are not followed even so
  // What follows from these two, source.columns, rows, rename and table_mappings: which tables,
  // rows and columns are followed, under which names.
  TableMapping mapping;
  SnapshotConfig snapshot;
  RetryConfig retry;
};

struct StreamConfig {
  std::filesystem::path path;                                    // folder of the embedded stream
  std::chrono::milliseconds retention = std::chrono::hours(24);  // younger records are kept
  std::uint64_t max_bytes = 0;  // the oldest records go beyond this; 0 = no bound
};

struct LakeConfig {
  std::filesystem::path location;  // folder of the warehouse
  std::string database = "default";
  std::chrono::milliseconds flush_interval = std::chrono::seconds(5);  // between lake commits
  bool history = true;                                                 // write <table>_history
  bool mirror = true;                                     // write <table>, the current state
  std::uint64_t memory_bytes = std::uint64_t{128} << 20;  // of running queries
  std::uint64_t spill_bytes = std::uint64_t{10} << 30;    // of disk, for what does not fit there
  int threads = 1;                                        // of DuckDB
};

// What listens for others; nothing that is not asked for.
struct EndpointsConfig {
  std::optional<ListenAddress> metrics;
};

// Where a masking key comes from: a file or a variable of the environment.
struct MaskKeySource {
  std::string id;
  std::filesystem::path file;
  std::string variable;
};

// Everything that one process is told: freshet.yaml, then --set. Paths are absolute.
struct Config {
  std::filesystem::path
      directory;  // Freshet's own files, if not placed elsewhere: stream/, lake/, state/
  SourceConfig source;
  StreamConfig stream;
  TransformOptions transform;            // without the keys: load_mask_keys() reads them
  std::vector<MaskKeySource> mask_keys;  // the last one writes
  LakeConfig lake;
  EndpointsConfig endpoints;

  // Locks, keys, the control socket; removed, Freshet forgets nothing that the stream and lake
  // hold.
  [[nodiscard]] std::filesystem::path state_directory() const { return directory / "state"; }
};

// What of the configuration a command uses. Commands that never call the source server work
// without its password: the values of `source` are then left unread (its names are still checked).
enum class ConfigScope { everything, without_source };

// Reads the file, applies overrides ("a.b=value", in order) and validates. Relative paths are
// relative to the file's folder; those in overrides to the working directory. Throws Error{config}
// with "file:line: setting: what is wrong, what to write instead".
[[nodiscard]] Config load_config(const std::filesystem::path& file,
                                 std::span<const std::string> overrides = {},
                                 ConfigScope scope = ConfigScope::everything);

// The same from text; `name` stands for the file in messages.
[[nodiscard]] Config parse_config(std::string_view yaml, std::string_view name,
                                  const std::filesystem::path& base_directory,
                                  std::span<const std::string> overrides = {},
                                  ConfigScope scope = ConfigScope::everything);

// Fills host, port, user, password, socket and TLS from mysql://user:password@host:port/database
// ?socket=..&tls=..&tls_ca=..; parts are percent-decoded. A database becomes the table pattern
// "database.*". Throws Error{config}; the message never repeats the password.
[[nodiscard]] SourceConfig parse_source_url(std::string_view url);

// Throws Error{config} on an unknown name.
[[nodiscard]] TlsMode parse_tls_mode(std::string_view name);

// "user@host:port" or "user@/path/of.sock": for people's eyes, no password.
[[nodiscard]] std::string describe_source(const SourceOptions& source);

// A commented freshet.yaml for this source, made from the same table of settings that the parser
// uses. A password in the URL is replaced by ${FRESHET_PASSWORD}.
[[nodiscard]] std::string render_config_template(std::string_view url,
                                                 std::span<const std::string> tables);

// True if the table "schema.table" fits the pattern (case-sensitive).
[[nodiscard]] bool matches_table(std::string_view pattern, std::string_view table) noexcept;

}  // namespace freshet
