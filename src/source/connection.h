#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/position.h"

struct st_mysql;  // MYSQL of libmariadb

namespace freshet {

enum class TlsMode { off, preferred, required, verify_ca, verify_identity };

// How to reach the source. `socket` wins over host and port.
struct SourceOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string socket;
  std::string user;
  std::string password;
  TlsMode tls = TlsMode::preferred;
  std::string tls_ca, tls_cert, tls_key;  // PEM files
  std::uint32_t connect_timeout = 10;     // seconds
  std::uint32_t read_timeout = 60;        // seconds of silence after which a link counts as dead
  std::uint32_t server_id = 0;            // of our binlog reader; 0 = random
  // How often an idle server shows that it lives; 0 = three times per read_timeout.
  std::chrono::milliseconds heartbeat{0};
};

using SqlRow = std::vector<std::optional<std::string>>;

// One session on the source server: authenticated, utf8mb4, time zone UTC. A TLS demand that the
// server cannot meet is an error, never plain text. Movable; one thread at a time, except cancel().
class Connection {
 public:
  // Throws Error{unavailable} (no answer), Error{config} (refused: user, password, TLS).
  static Connection open(const SourceOptions& options);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  // Runs a statement; for small results only. Throws Error{unavailable} on a broken link,
  // Error{failed} with the server's message otherwise; error_code() then tells the server's code.
  std::vector<SqlRow> query(std::string_view sql);
  void execute(std::string_view sql);
  [[nodiscard]] unsigned error_code() const noexcept;

  // First row, first column; nothing if there is no row or it is NULL.
  std::optional<std::string> value(std::string_view sql);

  [[nodiscard]] std::string quote(std::string_view text) const;        // 'text' with escapes
  [[nodiscard]] static std::string quote_name(std::string_view name);  // `name`

  // Unblocks a read in another thread, which then fails with Error{unavailable}.
  void cancel() noexcept;

  [[nodiscard]] st_mysql* handle() noexcept { return mysql_; }
  [[nodiscard]] bool encrypted() const noexcept;

 private:
  explicit Connection(st_mysql* mysql) noexcept : mysql_(mysql) {}
  st_mysql* mysql_ = nullptr;
};

// What the server is and how it logs, read once per connection attempt.
struct ServerFacts {
  bool mariadb = false;
  std::string version;          // as the server prints it
  unsigned version_number = 0;  // 101119 for 10.11.19, 90704 for 9.7.4
  std::string identity;         // server_uuid, or "mariadb-<server_id>": Position::server_id
  std::uint32_t server_id = 0;
  bool log_bin = false;
  std::string binlog_format;  // ROW, MIXED, STATEMENT
  std::string row_image;      // FULL, MINIMAL, NOBLOB, FULL_NODUP
  std::string row_metadata;  // FULL, MINIMAL, NO_LOG, or empty where the server has no such setting
  std::string checksum;      // CRC32, NONE
  bool gtid = false;         // MySQL gtid_mode=ON; MariaDB always
  bool logs_replicated = true;  // log_replica_updates: as a replica it logs what it applies
  unsigned lower_case_table_names = 0;
};

[[nodiscard]] ServerFacts read_server_facts(Connection& connection);

// End of the server's log now, and the GTIDs up to there.
struct LogEnd {
  LogCoordinate log;
  std::string gtid;
};
[[nodiscard]] LogEnd read_log_end(Connection& connection, const ServerFacts& facts);

// The files of the server's log that it still has, oldest first; at least one.
struct LogFile {
  std::string name;
  std::uint64_t bytes = 0;  // so far
};
[[nodiscard]] std::vector<LogFile> list_log_files(Connection& connection);

}  // namespace freshet
