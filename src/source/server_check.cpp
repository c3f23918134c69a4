#include "source/server_check.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "source/log_dump.h"
#include "source/schema_reader.h"

namespace freshet {

namespace {

using enum CheckResult::Outcome;

CheckResult pass(std::string name, std::string detail) {
  return {std::move(name), passed, std::move(detail), {}};
}
CheckResult warn(std::string name, std::string detail, std::string remedy) {
  return {std::move(name), warning, std::move(detail), std::move(remedy)};
}
CheckResult refuse(std::string name, std::string detail, std::string remedy) {
  return {std::move(name), failed, std::move(detail), std::move(remedy)};
}

// Versions whose log and catalogue the reader knows.
constexpr unsigned kOldestMariaDb = 100500;
constexpr unsigned kOldestMySql = 50600;
constexpr unsigned kFirstUnknownMySql = 100000;
// MySQL logs the rows that foreign keys cascade to since it runs them above the engine.
constexpr unsigned kCascadesLoggedSince = 90600;
constexpr std::uint64_t kDaySeconds = 24 * 60 * 60;

// SET PERSIST outlives a restart on MySQL 8 and later; elsewhere the configuration file does.
std::string set_variable(const ServerFacts& facts, std::string_view name, std::string_view value) {
  const bool persist = !facts.mariadb && facts.version_number >= 80000;
  return fmt::format("SET {} {} = {}; (RDS, Aurora: the same setting in the parameter group{})",
                     persist ? "PERSIST" : "GLOBAL", name, value,
                     persist ? "" : "; keep it in the server's configuration file too");
}

CheckResult check_version(const ServerFacts& facts) {
  const char* product = facts.mariadb ? "MariaDB" : "MySQL";
  const std::string what =
      fmt::format("{} {} (tested: MariaDB 10.11, MySQL 5.6 and 9.7)", product, facts.version);
  if (facts.mariadb && facts.version_number < kOldestMariaDb)
    return refuse("server version", what, "Upgrade to MariaDB 10.5 or later.");
  if (!facts.mariadb && facts.version_number < kOldestMySql)
    return refuse("server version", what, "Upgrade to MySQL 5.6 or later.");
  if (!facts.mariadb && facts.version_number >= kFirstUnknownMySql)
    return warn("server version", what + ": newer than any that Freshet knows",
                "Try it on a copy first.");
  return pass("server version", what);
}

CheckResult check_log(const ServerFacts& facts) {
  if (facts.log_bin) return pass("binary log", "log_bin is on");
  return refuse("binary log", "log_bin is off",
                "Set log_bin in the server's configuration file and restart it. (RDS: turn on "
                "automated backups; Aurora: set binlog_format = ROW in the cluster parameter group "
                "and reboot the writer)");
}

CheckResult check_format(const ServerFacts& facts) {
  // A server without the setting knows no other format.
  if (facts.binlog_format.empty() || facts.binlog_format == "ROW")
    return pass("binlog format", "binlog_format is ROW");
  return refuse(
      "binlog format",
      fmt::format("binlog_format is {}: the log holds statements, not rows", facts.binlog_format),
      set_variable(facts, "binlog_format", "'ROW'") +
          " Sessions that are open keep the old format: reconnect them.");
}

CheckResult check_image(const ServerFacts& facts) {
  if (facts.row_image.empty() || facts.row_image == "FULL")
    return pass("row image", "binlog_row_image is FULL");
  return refuse("row image",
                fmt::format("binlog_row_image is {}: the log leaves columns out", facts.row_image),
                set_variable(facts, "binlog_row_image", "'FULL'"));
}

CheckResult check_metadata(const ServerFacts& facts) {
  if (facts.row_metadata == "FULL") return pass("row metadata", "binlog_row_metadata is FULL");
  const std::string detail = facts.row_metadata.empty()
                                 ? "the server has no binlog_row_metadata"
                                 : fmt::format("binlog_row_metadata is {}", facts.row_metadata);
  const bool too_old = facts.row_metadata.empty();
  return warn("row metadata",
              detail +
                  ": columns are told by the statements of the log; one that is not "
                  "understood stops its table",
              too_old ? fmt::format("Upgrade to {} or later, which has it.",
                                    facts.mariadb ? "MariaDB 10.5" : "MySQL 8.0")
                      : set_variable(facts, "binlog_row_metadata", "'FULL'"));
}

CheckResult check_partial_json(const ServerFacts& facts, const ServerSettings& settings) {
  if (!settings.partial_json || settings.partial_json->empty())
    return pass("JSON updates", "logged whole");
  const std::string detail =
      fmt::format("binlog_row_value_options is {}: logged in parts", *settings.partial_json);
  if (facts.row_image == "FULL")
    return pass("JSON updates", detail + ", which are applied to the row before");
  return refuse("JSON updates", detail + ", and the row before them is not logged whole",
                set_variable(facts, "binlog_row_value_options", "''"));
}

CheckResult describe_compression(const ServerSettings& settings) {
  return pass("log compression", settings.compression == "ON" ? "on, and read as it is" : "off");
}

CheckResult check_sync(const ServerFacts& facts, const ServerSettings& settings) {
  if (settings.aurora_reader || settings.sync_binlog.empty() || settings.sync_binlog == "1")
    return pass("log durability", "the log is synced with every commit");
  return warn("log durability",
              fmt::format("sync_binlog is {}: after a power cut the server may lack log that was "
                          "read already",
                          settings.sync_binlog),
              set_variable(facts, "sync_binlog", "1"));
}

CheckResult check_clock(const ServerSettings& settings) {
  constexpr std::int64_t kTolerated = 5;
  const std::int64_t behind = settings.clock_behind;
  if (std::abs(behind) <= kTolerated) return pass("clock", "agrees with this machine's");
  return warn("clock",
              fmt::format("the server's clock is {} s {} this machine's: lag is shown wrong",
                          std::abs(behind), behind > 0 ? "behind" : "ahead of"),
              "Let both follow a time server (NTP).");
}

CheckResult check_checksum(const ServerFacts& facts) {
  if (facts.checksum == "CRC32") return pass("log checksums", "binlog_checksum is CRC32");
  return warn("log checksums", "binlog_checksum is NONE: damage to the log would go unnoticed",
              set_variable(facts, "binlog_checksum", "'CRC32'"));
}

CheckResult check_server_id(const ServerFacts& facts) {
  if (facts.server_id != 0) return pass("server id", fmt::format("{}", facts.server_id));
  return refuse("server id", "server_id is 0: the server sends its log to nobody",
                set_variable(facts, "server_id", "1"));
}

std::string hours(std::uint64_t seconds) {
  return seconds % kDaySeconds == 0
             ? fmt::format("{} days", seconds / kDaySeconds)
             : fmt::format("{:.1f} hours", static_cast<double>(seconds) / 3600);
}

CheckResult check_managed_retention(const LogExpiry& expiry) {
  const std::string remedy = "CALL mysql.rds_set_configuration('binlog retention hours', 168);";
  if (!expiry.seconds)
    return warn("log retention", "the managed server deletes log files as soon as it can", remedy);
  const std::string detail = fmt::format("log files are kept for {}", hours(*expiry.seconds));
  if (*expiry.seconds < kDaySeconds) return warn("log retention", detail, remedy);
  return pass("log retention", detail);
}

CheckResult check_retention(const ServerFacts& facts, const ServerSettings& settings) {
  if (settings.expiry.managed) return check_managed_retention(settings.expiry);
  const std::uint64_t kept = settings.expiry.seconds.value_or(0);
  if (kept == 0) return pass("log retention", "log files are not deleted by age");
  const std::string detail = fmt::format("log files are kept for {}", hours(kept));
  if (kept >= kDaySeconds) return pass("log retention", detail);
  // MySQL 5.7 counts in days, so it cannot be below one.
  return warn("log retention", detail + ": a longer stop of Freshet would lose changes",
              set_variable(facts, "binlog_expire_logs_seconds", "604800"));
}

const char* replica_updates_setting(const ServerFacts& facts) noexcept {
  const bool renamed = !facts.mariadb && facts.version_number >= 80026;
  return renamed ? "log_replica_updates" : "log_slave_updates";
}

CheckResult check_replica(const ServerFacts& facts, const ServerSettings& settings) {
  if (settings.aurora_reader)
    return refuse("server role", "a reader of an Aurora cluster, which has no log of its own",
                  "Name the cluster endpoint, which is the writer, in source.url.");
  if (!settings.replica) return pass("server role", "the server follows no other");
  if (facts.logs_replicated) return pass("server role", "a replica that logs what it applies");
  return refuse("server role", "a replica that does not log what it applies",
                fmt::format("Set {} = ON in the server's configuration file and restart it, or "
                            "capture from the primary server.",
                            replica_updates_setting(facts)));
}

CheckResult describe_gtid(const ServerFacts& facts, const ServerSettings& settings) {
  if (facts.mariadb) return pass("GTID", "MariaDB GTIDs, always on");
  if (facts.gtid) return pass("GTID", "gtid_mode is ON");
  return pass("GTID",
              fmt::format("gtid_mode is {}: positions are file and offset, and do not survive a "
                          "failover to another server",
                          settings.gtid_mode.empty() ? "OFF" : settings.gtid_mode));
}

std::string quoted_table(const TableName& name) {
  return Connection::quote_name(name.database) + "." + Connection::quote_name(name.table);
}

CheckResult check_kind_of_table(const TableFacts& table, const std::string& label) {
  if (table.table_type == "SYSTEM VERSIONED")
    return refuse(label, "is system-versioned: its log holds history rows",
                  fmt::format("Leave it out, or ALTER TABLE {} DROP SYSTEM VERSIONING;",
                              quoted_table(table.name)));
  return refuse(label, fmt::format("is a {}, not a table", table.table_type),
                "Take it out of source.tables and name the tables behind it.");
}

std::string join(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    parts.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

bool cascades_are_logged(const ServerFacts& facts) noexcept {
  return !facts.mariadb && facts.version_number >= kCascadesLoggedSince;
}

std::string key_note(const TableFacts& table) {
  if (!table.has_key) return "no primary key: loaded in one piece, rows matched by all columns";
  if (!table.scannable_key)
    return "a primary key that cannot be followed in chunks: loaded in one piece";
  return "primary key";
}

// --- What needs the server. ---

using Variables = std::map<std::string, std::string, std::less<>>;

std::optional<std::string> text_of(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  if (found == variables.end()) return std::nullopt;
  return found->second;
}

std::uint64_t integer_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Variables read_variables(Connection& connection) {
  Variables found;
  for (SqlRow& row : connection.query(
           "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_row_value_options',"
           "'time_zone','system_time_zone','gtid_mode','binlog_transaction_compression',"
           "'log_bin_compress','sync_binlog','aurora_version','innodb_read_only')"))
    found.emplace(row[0].value_or(""), row[1].value_or(""));
  return found;
}

// Runs a statement of the preflight; the server's refusal as text, or nothing.
std::optional<std::string> refusal(Connection& connection, const std::string& sql) {
  try {
    connection.execute(sql);
    return std::nullopt;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    return error.what();
  }
}

// Rows, or none where the server refuses: for what is good to know but not needed.
std::vector<SqlRow> query_if_allowed(Connection& connection, const std::string& sql) {
  try {
    return connection.query(sql);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    return {};
  }
}

// "SHOW SLAVE STATUS" became "SHOW REPLICA STATUS" in MySQL 8.0.22; both need a privilege that a
// capture user has (REPLICATION CLIENT; REPLICA MONITOR on MariaDB, where it may be missing:
// everybody may see there how many replications run).
bool follows_another(Connection& connection, const ServerFacts& facts) {
  const bool renamed = !facts.mariadb && facts.version_number >= 80022;
  if (!query_if_allowed(connection, renamed ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS").empty())
    return true;
  const std::vector<SqlRow> running = connection.query("SHOW GLOBAL STATUS LIKE 'Slaves_running'");
  return !running.empty() && running[0].at(1) != "0";
}

ServerSettings read_settings(Connection& connection, const ServerFacts& facts) {
  const Variables variables = read_variables(connection);
  ServerSettings settings;
  settings.partial_json = text_of(variables, "binlog_row_value_options");
  settings.expiry = read_log_expiry(connection);
  settings.replica = follows_another(connection, facts);
  settings.time_zone = text_of(variables, "time_zone").value_or("");
  if (settings.time_zone == "SYSTEM")
    settings.time_zone += " (" + text_of(variables, "system_time_zone").value_or("") + ")";
  settings.encrypted = connection.encrypted();
  settings.gtid_mode = text_of(variables, "gtid_mode").value_or("");
  settings.compression =
      text_of(variables, facts.mariadb ? "log_bin_compress" : "binlog_transaction_compression")
          .value_or("");
  settings.sync_binlog = text_of(variables, "sync_binlog").value_or("");
  settings.aurora_reader =
      variables.contains("aurora_version") && text_of(variables, "innodb_read_only") == "ON";
  const auto now = integer_of(connection.value("SELECT UNIX_TIMESTAMP()").value_or(""));
  settings.clock_behind = now_micros() / 1'000'000 - static_cast<std::int64_t>(now);
  return settings;
}

std::string account(const SourceOptions& options) { return fmt::format("'{}'@'%'", options.user); }

CheckResult check_status_privilege(Connection& connection, const ServerFacts& facts,
                                   const SourceOptions& options) {
  const char* privilege = facts.mariadb ? "BINLOG MONITOR" : "REPLICATION CLIENT";
  const std::string name = fmt::format("privilege {}", privilege);
  try {
    return pass(name, "the log ends at " + to_string(read_log_end(connection, facts).log));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    return refuse(name, error.what(),
                  fmt::format("GRANT {} ON *.* TO {};", privilege, account(options)));
  }
}

// Asks for the head of the newest log file: nothing but a dump tells whether dumps are allowed.
CheckResult try_dump(Connection& connection, const ServerFacts& facts,
                     const SourceOptions& options) {
  const std::string name = "privilege REPLICATION SLAVE";
  const std::string remedy = fmt::format("GRANT REPLICATION SLAVE ON *.* TO {};", account(options));
  try {
    const std::string file = list_log_files(connection).back().name;
    (void)creation_of_log_file(options, facts, file);
    return pass(name, "the server sends its log");
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    return refuse(name, error.what(), remedy);
  }
}

// Rows of SHOW MASTER STATUS have them as their third and fourth column.
LogFilters read_log_filters(Connection& connection, const ServerFacts& facts) {
  const bool renamed = !facts.mariadb && facts.version_number >= 80200;
  const std::vector<SqlRow> rows =
      query_if_allowed(connection, renamed ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  LogFilters filters;
  if (rows.empty() || rows[0].size() < 4) return filters;
  filters.only = split(rows[0][2].value_or(""));
  filters.ignored = split(rows[0][3].value_or(""));
  return filters;
}

// Renamed in MySQL 8.0.22 and MariaDB 10.5.1, to two names; MariaDB lets only REPLICATION MASTER
// ADMIN use it.
std::optional<std::vector<ReplicaFacts>> read_replicas(Connection& connection,
                                                       const ServerFacts& facts) {
  const bool renamed = !facts.mariadb && facts.version_number >= 80022;
  std::vector<ReplicaFacts> replicas;
  try {
    for (const SqlRow& row : connection.query(renamed ? "SHOW REPLICAS" : "SHOW SLAVE HOSTS")) {
      ReplicaFacts& replica = replicas.emplace_back();
      const std::string id = row.at(0).value_or("");
      std::from_chars(id.data(), id.data() + id.size(), replica.server_id);
      replica.address = row.at(1).value_or("") + ":" + row.at(2).value_or("");
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    return std::nullopt;
  }
  return replicas;
}

// Foreign keys by which a change of another table changes this one.
std::vector<std::string> read_cascades(Connection& connection, const TableName& table) {
  std::vector<std::string> cascades;
  const std::vector<SqlRow> rows = connection.query(fmt::format(
      "SELECT CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE FROM "
      "information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {} AND TABLE_NAME = {} "
      "AND (DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') "
      "OR UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT'))",
      connection.quote(table.database), connection.quote(table.table)));
  for (const SqlRow& row : rows)
    cascades.push_back(fmt::format("{} (ON DELETE {}, ON UPDATE {})", row[0].value_or(""),
                                   row[1].value_or(""), row[2].value_or("")));
  return cascades;
}

void read_definition(Connection& connection, const ServerFacts& facts, TableFacts& table) {
  try {
    const auto definition = read_table_definition(connection, facts, table.name);
    table.has_key = definition && definition->schema.has_key();
    table.scannable_key = definition && has_scannable_key(connection, definition->schema);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    table.unsupported = error.what();
  }
}

void try_lock(Connection& connection, const ServerFacts& facts, TableFacts& table) {
  constexpr unsigned kLockWaitTimeout = 1205;  // the privilege is there; the table is busy just now
  const std::optional<std::string> refused =
      refusal(connection, table_read_lock(facts, table.name));
  if (refused && connection.error_code() != kLockWaitTimeout) table.lock_error = *refused;
  connection.execute("UNLOCK TABLES");
}

TableFacts read_table_facts(Connection& connection, const ServerFacts& facts, const TableName& name,
                            const ViewOptions& views) {
  TableFacts table;
  table.name = name;
  const std::vector<SqlRow> rows = connection.query(fmt::format(
      "SELECT TABLE_TYPE, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} "
      "AND TABLE_NAME = {}",
      connection.quote(name.database), connection.quote(name.table)));
  table.read_error =
      refusal(connection, "SELECT 1 FROM " + quoted_table(name) + " LIMIT 0").value_or("");
  if (rows.empty()) return table;
  table.exists = true;
  table.table_type = rows[0][0].value_or("");
  table.engine = rows[0][1].value_or("");
  if (table.table_type != "BASE TABLE" || !table.read_error.empty()) return table;
  read_definition(connection, facts, table);
  table.cascades = read_cascades(connection, name);
  table.locked = views.lock_non_transactional && !has_transactions(table.engine);
  if (!facts.mariadb || table.locked) try_lock(connection, facts, table);
  return table;
}

void append(std::vector<CheckResult>& all, std::vector<CheckResult> more) {
  std::ranges::move(more, std::back_inserter(all));
}

void check_connected(Connection& connection, const SourceOptions& options,
                     const std::vector<TableName>& tables, const ViewOptions& views,
                     std::vector<CheckResult>& results) {
  const ServerFacts facts = read_server_facts(connection);
  const ServerSettings settings = read_settings(connection, facts);
  append(results, check_settings(facts, settings));
  if (facts.log_bin) results.push_back(check_status_privilege(connection, facts, options));
  if (facts.log_bin) {
    results.push_back(try_dump(connection, facts, options));
    results.push_back(check_log_filters(read_log_filters(connection, facts), tables));
  }
  results.push_back(check_reader_id(facts, options.server_id, read_replicas(connection, facts)));
  // A waiting lock would hold writers up: so the preflight hardly waits.
  connection.execute("SET SESSION lock_wait_timeout = 1");
  std::uint64_t bytes = 0;
  for (const TableName& table : tables) {
    results.push_back(check_table(facts, read_table_facts(connection, facts, table, views)));
    bytes += data_bytes(connection, table);
  }
  results.push_back(check_load_time(facts, settings.expiry, bytes));
}

}  // namespace

std::string_view name_of(CheckResult::Outcome outcome) noexcept {
  switch (outcome) {
    case passed: return "passed";
    case warning: return "warning";
    case failed: return "failed";
  }
  return "unknown";
}

std::vector<CheckResult> check_settings(const ServerFacts& facts, const ServerSettings& settings) {
  std::vector<CheckResult> results;
  results.push_back(check_version(facts));
  results.push_back(pass("connection", settings.encrypted ? "encrypted (TLS)" : "not encrypted"));
  results.push_back(check_log(facts));
  results.push_back(check_format(facts));
  results.push_back(check_image(facts));
  results.push_back(check_metadata(facts));
  results.push_back(check_partial_json(facts, settings));
  results.push_back(check_checksum(facts));
  results.push_back(describe_compression(settings));
  results.push_back(check_sync(facts, settings));
  results.push_back(check_server_id(facts));
  results.push_back(check_retention(facts, settings));
  results.push_back(check_replica(facts, settings));
  results.push_back(describe_gtid(facts, settings));
  results.push_back(check_clock(settings));
  results.push_back(pass(
      "time zone", settings.time_zone + ": TIMESTAMP is carried as UTC, DATETIME as it stands"));
  return results;
}

CheckResult check_reader_id(const ServerFacts& facts, std::uint32_t server_id,
                            const std::optional<std::vector<ReplicaFacts>>& replicas) {
  const std::string name = "reader id";
  const std::string remedy =
      "Set source.server_id to a number that no server and no other reader has, or to 0.";
  if (server_id == 0) return pass(name, "a random one (source.server_id is 0)");
  if (server_id == facts.server_id)
    return refuse(name, fmt::format("source.server_id {} is that of the server itself", server_id),
                  remedy);
  if (!replicas)
    return pass(name, fmt::format("{}; whether another replica has it cannot be seen by this user",
                                  server_id));
  const auto found = std::ranges::find(*replicas, server_id, &ReplicaFacts::server_id);
  if (found == replicas->end()) return pass(name, fmt::format("{}, nobody else's", server_id));
  const std::string detail =
      fmt::format("source.server_id {} is that of the replica at {}", server_id, found->address);
  // MySQL tells readers apart by UUID, of which ours is random.
  if (!facts.mariadb) return warn(name, detail, remedy);
  return refuse(name, detail + ": the server ends the older one's stream", remedy);
}

CheckResult check_log_filters(const LogFilters& filters, const std::vector<TableName>& tables) {
  const auto is_in = [](const std::vector<std::string>& list, const std::string& name) {
    return std::ranges::find(list, name) != list.end();
  };
  for (const TableName& table : tables)
    if ((!filters.only.empty() && !is_in(filters.only, table.database)) ||
        is_in(filters.ignored, table.database))
      return refuse(
          "log filters",
          fmt::format("the server leaves changes of database {} out of its log", table.database),
          "Take binlog_do_db and binlog_ignore_db out of its configuration file and restart it.");
  return pass("log filters", "all databases that are followed are logged");
}

CheckResult check_load_time(const ServerFacts& facts, const LogExpiry& expiry,
                            std::uint64_t bytes) {
  constexpr std::uint64_t kBytesPerSecond = 20'000'000;  // a modest server, read by one client
  const std::uint64_t seconds = bytes / kBytesPerSecond;
  const std::string detail = fmt::format(
      "about {} MB to load, in {}", bytes / 1'000'000,
      seconds < 60 ? "a minute or less" : fmt::format("{} minutes or less", seconds / 60 + 1));
  // The log is read beside the load, so that it only has to outlast stops.
  if (expiry.seconds == 0 || seconds * 2 <= expiry.seconds.value_or(0) || seconds < 60)
    return pass("load time", detail);
  return warn("load time", detail + ": the server keeps its log for less than twice that",
              expiry.managed ? "CALL mysql.rds_set_configuration('binlog retention hours', 168);"
                             : set_variable(facts, "binlog_expire_logs_seconds", "604800"));
}

void demand_row_log(Connection& connection, const ServerFacts& facts) {
  if (!facts.log_bin)
    fail(ErrorKind::config,
         "the source server writes no binary log: start it with log_bin (Aurora, RDS: set "
         "binlog_format=ROW in the parameter group and restart the writer)");
  if (facts.binlog_format != "ROW")
    fail(ErrorKind::config,
         "the source server has binlog_format={}: SET GLOBAL binlog_format=ROW (Aurora, RDS: in "
         "the parameter group), then reconnect the applications",
         facts.binlog_format);
  if (!facts.logs_replicated && follows_another(connection, facts))
    fail(ErrorKind::config,
         "the source server is a replica that does not log what it applies: start it with {}=ON, "
         "or capture from its primary server",
         replica_updates_setting(facts));
}

CheckResult check_table(const ServerFacts& facts, const TableFacts& table) {
  const std::string label = "table " + table.name.qualified();
  if (!table.exists)
    return refuse(
        label, "does not exist, or the user may not see it",
        fmt::format("Check the name in source.tables, or GRANT SELECT ON {} TO the user of "
                    "the source;",
                    quoted_table(table.name)));
  if (table.table_type != "BASE TABLE") return check_kind_of_table(table, label);
  if (!table.read_error.empty())
    return refuse(
        label, "cannot be read: " + table.read_error,
        fmt::format("GRANT SELECT ON {} TO the user of the source;", quoted_table(table.name)));
  if (!table.unsupported.empty())
    return refuse(label, table.unsupported, "Take the table out of source.tables.");
  if (!table.lock_error.empty())
    return refuse(
        label,
        (table.locked ? "cannot be locked while it is read: "
                      : "cannot be locked for the instant in which a load begins: ") +
            table.lock_error,
        fmt::format("GRANT LOCK TABLES ON {}.* TO the user of the source;{}",
                    Connection::quote_name(table.name.database),
                    locks_tables_by_flush(facts) ? " GRANT RELOAD ON *.* TO that user;" : ""));
  if (table.locked)
    return pass(label, fmt::format("engine {} has no transactions: locked against writing while "
                                   "its rows are read; {}",
                                   table.engine, key_note(table)));
  if (!has_transactions(table.engine))
    return warn(
        label,
        fmt::format("engine {} has no transactions: what is written during the load may be seen "
                    "twice, or stop it",
                    table.engine),
        fmt::format("ALTER TABLE {} ENGINE = InnoDB; or let nobody write to it while it is loaded, "
                    "or set source.snapshot.lock_non_transactional: true.",
                    quoted_table(table.name)));
  if (!table.cascades.empty() && !cascades_are_logged(facts))
    return warn(label,
                fmt::format("rows that these foreign keys change do not reach the log: {}",
                            join(table.cascades)),
                "Use foreign keys without CASCADE and SET NULL and change the rows in the "
                "application, or run MySQL 9.6 or later, which logs them.");
  return pass(label, key_note(table));
}

std::vector<CheckResult> check_source(const SourceOptions& options,
                                      const std::vector<TableName>& tables,
                                      const ViewOptions& views) {
  std::vector<CheckResult> results;
  try {
    Connection connection = Connection::open(options);
    check_connected(connection, options, tables, views, results);
  } catch (const Error& error) {
    results.push_back(
        refuse("source server", error.what(),
               error.kind() == ErrorKind::unavailable
                   ? "Check that the server runs, and that source.url names its address."
                   : "Mend the setting that the message names."));
  }
  return results;
}

}  // namespace freshet
