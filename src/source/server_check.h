#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"
#include "source/connection.h"
#include "source/log_retention.h"
#include "source/snapshot_view.h"

namespace freshet {

// One line of the preflight. `remedy` is what to do about it, in SQL where SQL does it, and the
// parameter-group setting for managed servers; empty when passed.
struct CheckResult {
  enum class Outcome { passed, warning, failed };
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string detail;
  std::string remedy;
};

[[nodiscard]] std::string_view name_of(CheckResult::Outcome outcome) noexcept;

// Everything that capture needs of the server, tried for real: connects, reads settings, reads the
// log position, and reads each table. Never throws on what it finds, a server that does not answer
// included: that is the first line, failed. Changes nothing on the server.
// `views`: how tables are read.
[[nodiscard]] std::vector<CheckResult> check_source(const SourceOptions& options,
                                                    const std::vector<TableName>& tables,
                                                    const ViewOptions& views = {});

// What a capture demands of the server before it begins: a log that holds every change, as rows.
// Throws Error{config} with the remedy.
void demand_row_log(Connection& connection, const ServerFacts& facts);

// --- The rules, without a server. ---

// What the rules look at beside ServerFacts. An absent setting is one the server does not have.
struct ServerSettings {
  std::optional<std::string> partial_json;  // binlog_row_value_options
  LogExpiry expiry;
  bool replica = false;  // the server itself follows another
  std::string time_zone;
  bool encrypted = false;
  std::string gtid_mode;
  std::string compression;  // binlog_transaction_compression, log_bin_compress: ON or OFF
  std::string sync_binlog;
  bool aurora_reader = false;     // a read-only member of an Aurora cluster
  std::int64_t clock_behind = 0;  // seconds by which the server's clock lags ours
};

[[nodiscard]] std::vector<CheckResult> check_settings(const ServerFacts& facts,
                                                      const ServerSettings& settings);

// Another reader of the server's log, as SHOW REPLICAS lists it.
struct ReplicaFacts {
  std::uint32_t server_id = 0;
  std::string address;  // host:port as far as it tells them
};

// Whether our reader can call itself `server_id` (0 = random). `replicas` is absent where the user
// may not list them.
[[nodiscard]] CheckResult check_reader_id(const ServerFacts& facts, std::uint32_t server_id,
                                          const std::optional<std::vector<ReplicaFacts>>& replicas);

// One table as the preflight saw it.
struct TableFacts {
  TableName name;
  bool exists = false;
  std::string table_type;  // BASE TABLE, VIEW, SYSTEM VERSIONED, SEQUENCE
  std::string engine;
  bool has_key = false;
  bool scannable_key = true;  // has_scannable_key()
  std::string unsupported;    // why a column cannot be carried; empty = all can
  std::string read_error;     // the server's answer to a SELECT; empty = it may be read
  std::string lock_error;     // the same for LOCK TABLES, where they may be needed
  bool locked = false;        // against writing while it is read, if it has no transactions
  std::vector<std::string>
      cascades;  // foreign keys of this table that change it behind the log's back
};

// Databases whose changes the server leaves out of its log (binlog_do_db, binlog_ignore_db).
struct LogFilters {
  std::vector<std::string> only;  // empty = all
  std::vector<std::string> ignored;
};
[[nodiscard]] CheckResult check_log_filters(const LogFilters& filters,
                                            const std::vector<TableName>& tables);

// Whether log that arises during the load of so many bytes is kept until it is read.
[[nodiscard]] CheckResult check_load_time(const ServerFacts& facts, const LogExpiry& expiry,
                                          std::uint64_t bytes);

// One line per table: the worst finding, or what is good to know.
[[nodiscard]] CheckResult check_table(const ServerFacts& facts, const TableFacts& table);

}  // namespace freshet
