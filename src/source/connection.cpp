#include "source/connection.h"

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "base/error.h"
#include "source/client_error.h"
#include "source/log_status.h"

namespace freshet {

namespace {

struct CloseMysql {
  void operator()(MYSQL* mysql) const noexcept { mysql_close(mysql); }
};
using MysqlPtr = std::unique_ptr<MYSQL, CloseMysql>;

struct FreeResult {
  void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
};
using ResultPtr = std::unique_ptr<MYSQL_RES, FreeResult>;

// One event of the log may have 1 GiB and a status byte; the library's own limit is 1 GiB.
constexpr std::size_t kMaxPacket = std::size_t{4} << 30;

// Server errors that mean "not you" or "not like this" at login: waiting does not help.
// (mysqld_error.h of Connector/C lacks those that only MySQL has.)
constexpr unsigned kAccessDeniedNoPassword = 1698;
constexpr unsigned kPasswordExpired = 1862;
constexpr unsigned kAccountLocked = 3118;
constexpr unsigned kAccountLockedMaria = 4151;
constexpr unsigned kSecureTransportRequired = 3159;

std::string address_of(const SourceOptions& options) {
  if (!options.socket.empty()) return options.socket;
  return fmt::format("{}:{}", options.host, options.port);
}

bool is_access_refusal(unsigned code) noexcept {
  return code == ER_ACCESS_DENIED_ERROR || code == ER_DBACCESS_DENIED_ERROR ||
         code == kAccessDeniedNoPassword;
}

bool is_account_problem(unsigned code) noexcept {
  return code == ER_HOST_NOT_PRIVILEGED || code == ER_MUST_CHANGE_PASSWORD ||
         code == kPasswordExpired || code == kAccountLocked || code == kAccountLockedMaria;
}

bool is_plugin_problem(unsigned code) noexcept {
  return code == CR_AUTH_PLUGIN_CANNOT_LOAD || code == CR_AUTH_PLUGIN_ERR ||
         code == ER_NOT_SUPPORTED_AUTH_MODE;
}

bool wants_tls(TlsMode mode) noexcept { return mode >= TlsMode::required; }

[[noreturn]] void fail_to_open(const SourceOptions& options, unsigned code,
                               std::string_view message) {
  const std::string where = address_of(options);
  const std::string said = one_line(message);
  if (is_access_refusal(code))
    fail(ErrorKind::config,
         "the server at {} refuses user '{}': {} (check source.user and source.password, or create "
         "the user with the grants that `freshet check` names)",
         where, options.user, said);
  if (is_account_problem(code))
    fail(ErrorKind::config, "the server at {} does not let user '{}' in from here: {}", where,
         options.user, said);
  if (is_plugin_problem(code))
    fail(ErrorKind::config,
         "the server at {} wants a way of logging in that is not available here for user '{}': {} "
         "(use a user with caching_sha2_password, mysql_native_password or ed25519)",
         where, options.user, said);
  if (code == kSecureTransportRequired)
    fail(ErrorKind::config,
         "the server at {} takes encrypted connections only: set source.tls to "
         "required (it said: {})",
         where, said);
  if (code == CR_SSL_CONNECTION_ERROR)
    fail(ErrorKind::config,
         "no TLS connection to the server at {}: {} (check source.tls and the "
         "certificate files)",
         where, said);
  fail(ErrorKind::unavailable, "no connection to the server at {}: {}", where, said);
}

template <typename T>
void set_option(MYSQL* mysql, mysql_option option, const T& value) {
  if (mysql_optionsv(mysql, option, &value) != 0)
    fail(ErrorKind::internal, "libmariadb does not take option {}", static_cast<int>(option));
}

void set_text_option(MYSQL* mysql, mysql_option option, const std::string& value) {
  if (!value.empty() && mysql_optionsv(mysql, option, value.c_str()) != 0)
    fail(ErrorKind::internal, "libmariadb does not take option {}", static_cast<int>(option));
}

// The authorities that a server's certificate is checked against: the configured file, else
// the system's.
std::string authorities_of(const SourceOptions& options) {
  if (!options.tls_ca.empty()) return options.tls_ca;
  static constexpr std::array kSystemFiles = {"/etc/ssl/certs/ca-certificates.crt",
                                              "/etc/pki/tls/certs/ca-bundle.crt"};
  for (const char* file : kSystemFiles)
    if (access(file, R_OK) == 0) return file;
  fail(ErrorKind::config,
       "source.tls asks for a checked certificate, but no certificate authorities are known here: "
       "set source.tls_ca to the server's CA file");
}

void check_readable(const char* setting, const std::string& file) {
  if (!file.empty() && access(file.c_str(), R_OK) != 0)
    fail(ErrorKind::config, "source.{}: cannot read {}", setting, file);
}

// The library takes part in TLS in three steps: SSL_ENFORCE uses it where the server offers it (and
// silently goes on in plain text where not: open() looks at the cipher), a CA file makes it check
// the chain, VERIFY_SERVER_CERT the host name too.
void set_tls(MYSQL* mysql, const SourceOptions& options) {
  check_readable("tls_ca", options.tls_ca);
  check_readable("tls_cert", options.tls_cert);
  check_readable("tls_key", options.tls_key);
  set_option(mysql, MYSQL_OPT_SSL_ENFORCE, my_bool{1});
  set_option(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT,
             static_cast<my_bool>(options.tls == TlsMode::verify_identity));
  set_text_option(mysql, MYSQL_OPT_SSL_CERT, options.tls_cert);
  set_text_option(mysql, MYSQL_OPT_SSL_KEY, options.tls_key);
  if (options.tls >= TlsMode::verify_ca)
    set_text_option(mysql, MYSQL_OPT_SSL_CA, authorities_of(options));
}

MysqlPtr prepare(const SourceOptions& options, bool with_tls) {
  MysqlPtr mysql(mysql_init(nullptr));
  if (!mysql) fail(ErrorKind::internal, "libmariadb cannot be initialised");
  set_option(mysql.get(), MYSQL_OPT_CONNECT_TIMEOUT, unsigned{options.connect_timeout});
  set_option(mysql.get(), MYSQL_OPT_READ_TIMEOUT, unsigned{options.read_timeout});
  set_option(mysql.get(), MYSQL_OPT_WRITE_TIMEOUT, unsigned{options.read_timeout});
  set_option(mysql.get(), MYSQL_OPT_MAX_ALLOWED_PACKET, kMaxPacket);
  set_text_option(mysql.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned protocol = options.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  set_option(mysql.get(), MYSQL_OPT_PROTOCOL, protocol);
  if (with_tls) set_tls(mysql.get(), options);
  return mysql;
}

bool try_connect(MYSQL* mysql, const SourceOptions& options) {
  const bool local = !options.socket.empty();
  return mysql_real_connect(mysql, local ? nullptr : options.host.c_str(), options.user.c_str(),
                            options.password.c_str(), nullptr, local ? 0 : options.port,
                            local ? options.socket.c_str() : nullptr, 0) != nullptr;
}

MysqlPtr connect(const SourceOptions& options) {
  // A unix socket does not leave the machine, so "preferred" does not spend TLS on it.
  const bool optional_tls = options.tls == TlsMode::preferred && options.socket.empty();
  MysqlPtr mysql = prepare(options, optional_tls || wants_tls(options.tls));
  bool connected = try_connect(mysql.get(), options);
  if (!connected && optional_tls && mysql_errno(mysql.get()) == CR_SSL_CONNECTION_ERROR) {
    // "Preferred" goes on without TLS where the two sides have no version of it in common.
    mysql = prepare(options, false);
    connected = try_connect(mysql.get(), options);
  }
  if (!connected) fail_to_open(options, mysql_errno(mysql.get()), mysql_error(mysql.get()));
  if (wants_tls(options.tls) && mysql_get_ssl_cipher(mysql.get()) == nullptr)
    fail(ErrorKind::config,
         "the server at {} offers no TLS, and source.tls asks for it: enable TLS on the server, or "
         "set source.tls to preferred or off",
         address_of(options));
  return mysql;
}

[[noreturn]] void fail_statement(MYSQL* mysql) {
  const unsigned code = mysql_errno(mysql);
  const std::string said = one_line(mysql_error(mysql));
  if (is_broken_link(code))
    fail(ErrorKind::unavailable, "the connection to the server broke: {}", said);
  fail(ErrorKind::failed, "the server says: {} (error {})", said, code);
}

void send(MYSQL* mysql, std::string_view sql) {
  if (mysql_real_query(mysql, sql.data(), sql.size()) != 0) fail_statement(mysql);
}

SqlRow row_of(MYSQL_RES* result, MYSQL_ROW cells) {
  const unsigned width = mysql_num_fields(result);
  const unsigned long* lengths = mysql_fetch_lengths(result);
  SqlRow row(width);
  for (unsigned i = 0; i < width; ++i)
    if (cells[i] != nullptr) row[i].emplace(cells[i], lengths[i]);
  return row;
}

unsigned parse_version(std::string_view text) {
  unsigned parts[3] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (unsigned& part : parts) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc{}) break;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

using Variables = std::map<std::string, std::string, std::less<>>;

Variables read_variables(Connection& connection) {
  Variables found;
  for (SqlRow& row : connection.query(
           "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version','server_uuid','server_id',"
           "'log_bin','binlog_format','binlog_row_image','binlog_row_metadata','binlog_checksum',"
           "'gtid_mode','lower_case_table_names','log_replica_updates','log_slave_updates')"))
    found.emplace(std::move(row.at(0).value()), row.at(1).value_or(""));
  return found;
}

std::string text_of(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string{} : found->second;
}

std::uint32_t number_of(const Variables& variables, std::string_view name) {
  const std::string text = text_of(variables, name);
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

LogCoordinate read_log_coordinate(Connection& connection, const ServerFacts& facts) {
  return log_end_of(connection.query(log_status_statement(facts)), facts).log;
}

// MariaDB tells position and GTIDs in two statements. They belong together if the position stood
// still meanwhile; on a server that never stands still, it looks the GTIDs up in the log file.
LogEnd read_mariadb_end(Connection& connection, const ServerFacts& facts) {
  constexpr int kAttempts = 5;
  LogCoordinate before = read_log_coordinate(connection, facts);
  for (int i = 0; i < kAttempts; ++i) {
    std::string gtid = connection.value("SELECT @@GLOBAL.gtid_binlog_pos").value_or("");
    LogCoordinate after = read_log_coordinate(connection, facts);
    if (after == before) return {std::move(after), std::move(gtid)};
    before = std::move(after);
  }
  std::string gtid = connection
                         .value(fmt::format("SELECT BINLOG_GTID_POS({}, {})",
                                            connection.quote(before.file), before.offset))
                         .value_or("");
  return {std::move(before), std::move(gtid)};
}

}  // namespace

Connection Connection::open(const SourceOptions& options) {
  Connection connection(connect(options).release());
  // The modes: zero and impossible days are compared as they are stored, and no mode changes what
  // a SELECT gives (PAD_CHAR_TO_FULL_LENGTH) or how a literal is read (NO_BACKSLASH_ESCAPES).
  connection.execute(
      "SET SESSION time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES', "
      "net_write_timeout = 3600, wait_timeout = 28800");
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : mysql_(std::exchange(other.mysql_, nullptr)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(mysql_, other.mysql_);
  return *this;
}

Connection::~Connection() {
  if (mysql_ != nullptr) mysql_close(mysql_);
}

std::vector<SqlRow> Connection::query(std::string_view sql) {
  send(mysql_, sql);
  const ResultPtr result(mysql_store_result(mysql_));
  if (!result && mysql_field_count(mysql_) != 0) fail_statement(mysql_);
  std::vector<SqlRow> rows;
  if (!result) return rows;
  rows.reserve(mysql_num_rows(result.get()));
  while (MYSQL_ROW cells = mysql_fetch_row(result.get()))
    rows.push_back(row_of(result.get(), cells));
  return rows;
}

void Connection::execute(std::string_view sql) {
  send(mysql_, sql);
  // A statement that does give rows has them read and dropped, or the next one would fail.
  do {
    const ResultPtr rows(mysql_store_result(mysql_));
    if (!rows && mysql_field_count(mysql_) != 0) fail_statement(mysql_);
  } while (mysql_next_result(mysql_) == 0);
}

unsigned Connection::error_code() const noexcept { return mysql_errno(mysql_); }

std::optional<std::string> Connection::value(std::string_view sql) {
  std::vector<SqlRow> rows = query(sql);
  if (rows.empty() || rows[0].empty()) return std::nullopt;
  return std::move(rows[0][0]);
}

std::string Connection::quote(std::string_view text) const {
  std::string quoted(text.size() * 2 + 3, '\'');
  const unsigned long length =
      mysql_real_escape_string(mysql_, quoted.data() + 1, text.data(), text.size());
  quoted.resize(length + 1);
  quoted.push_back('\'');
  return quoted;
}

std::string Connection::quote_name(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted.push_back('`');
    quoted.push_back(c);
  }
  quoted.push_back('`');
  return quoted;
}

void Connection::cancel() noexcept {
  if (mysql_ != nullptr) mariadb_cancel(mysql_);
}

bool Connection::encrypted() const noexcept { return mysql_get_ssl_cipher(mysql_) != nullptr; }

ServerFacts read_server_facts(Connection& connection) {
  const Variables variables = read_variables(connection);
  ServerFacts facts;
  facts.version = text_of(variables, "version");
  facts.version_number = parse_version(facts.version);
  facts.mariadb = mariadb_connection(connection.handle()) != 0;
  facts.server_id = number_of(variables, "server_id");
  const std::string uuid = facts.mariadb ? std::string{} : text_of(variables, "server_uuid");
  facts.identity = uuid.empty() ? fmt::format("mariadb-{}", facts.server_id) : uuid;
  facts.log_bin = text_of(variables, "log_bin") == "ON";
  facts.binlog_format = text_of(variables, "binlog_format");
  facts.row_image = text_of(variables, "binlog_row_image");
  facts.row_metadata = text_of(variables, "binlog_row_metadata");
  facts.checksum = text_of(variables, "binlog_checksum");
  facts.gtid = facts.mariadb || text_of(variables, "gtid_mode") == "ON";
  facts.logs_replicated = text_of(variables, "log_replica_updates") != "OFF" &&
                          text_of(variables, "log_slave_updates") != "OFF";
  facts.lower_case_table_names = number_of(variables, "lower_case_table_names");
  return facts;
}

LogEnd read_log_end(Connection& connection, const ServerFacts& facts) {
  if (facts.mariadb) return read_mariadb_end(connection, facts);
  return log_end_of(connection.query(log_status_statement(facts)), facts);
}

std::vector<LogFile> list_log_files(Connection& connection) {
  std::vector<LogFile> files;
  for (const SqlRow& row : connection.query("SHOW BINARY LOGS")) {
    LogFile& file = files.emplace_back(LogFile{.name = row.at(0).value_or("")});
    const std::string bytes = row.at(1).value_or("");
    std::from_chars(bytes.data(), bytes.data() + bytes.size(), file.bytes);
  }
  if (files.empty())
    fail(ErrorKind::config, "the server keeps no binary log: set log_bin in its configuration");
  return files;
}

}  // namespace freshet
