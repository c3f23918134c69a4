#include "source/log_retention.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/error.h"
#include "source/remedy.h"

namespace freshet {

namespace {

constexpr std::uint64_t kDaySeconds = 24 * 60 * 60;
constexpr std::uint64_t kHourSeconds = 60 * 60;

using Variables = std::map<std::string, std::string, std::less<>>;

std::string text_of(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

template <typename Number>
Number number_in(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// MySQL keeps both settings in step or lets the seconds win; MariaDB 10.6 made the days, which have
// a fraction there, the seconds' other name.
std::uint64_t expiry_seconds(const Variables& variables) {
  const auto seconds = number_in<std::uint64_t>(text_of(variables, "binlog_expire_logs_seconds"));
  if (seconds != 0) return seconds;
  return static_cast<std::uint64_t>(number_in<double>(text_of(variables, "expire_logs_days")) *
                                    static_cast<double>(kDaySeconds));
}

// "binlog retention hours" of RDS; nothing where it is NULL, or may not be read.
std::optional<std::uint64_t> managed_seconds(Connection& connection) {
  try {
    const auto hours = connection.value(
        "SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'");
    if (!hours) return std::nullopt;
    return number_in<std::uint64_t>(*hours) * kHourSeconds;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    return std::nullopt;
  }
}

// Whether the names differ in their number only, so that the number orders the files.
bool is_one_series(std::string_view a, std::string_view b) {
  return a.substr(0, a.rfind('.')) == b.substr(0, b.rfind('.'));
}

}  // namespace

LogExpiry read_log_expiry(Connection& connection) {
  Variables variables;
  for (const SqlRow& row : connection.query(
           "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('binlog_expire_logs_seconds',"
           "'expire_logs_days','max_binlog_total_size','binlog_space_limit','basedir',"
           "'aurora_version')"))
    variables.emplace(row.at(0).value_or(""), row.at(1).value_or(""));
  LogExpiry expiry;
  expiry.managed = variables.contains("aurora_version") ||
                   text_of(variables, "basedir").starts_with("/rdsdbbin");
  expiry.seconds = expiry.managed ? managed_seconds(connection) : expiry_seconds(variables);
  // MariaDB's name, and Percona's.
  expiry.total_bytes =
      std::max(number_in<std::uint64_t>(text_of(variables, "max_binlog_total_size")),
               number_in<std::uint64_t>(text_of(variables, "binlog_space_limit")));
  return expiry;
}

LogRetention retention_at(const LogCoordinate& at, std::uint64_t written,
                          const std::vector<LogFile>& files, const LogExpiry& expiry,
                          std::uint64_t now) {
  LogRetention retention{.oldest_file = files.front().name};
  for (const LogFile& file : files) {
    if (file.name == at.file)
      retention.bytes_ahead += file.bytes - std::min(file.bytes, at.offset);
    else if (LogCoordinate{file.name} > at)
      retention.bytes_ahead += file.bytes;
  }
  if (files.back().name == at.file || expiry.seconds == 0) return retention;
  retention.expiry_seconds = expiry.seconds.value_or(0);
  const std::uint64_t end = written + retention.expiry_seconds;
  retention.seconds_left = end - std::min(end, now);
  return retention;
}

LogRetention read_retention(Connection& connection, const ServerFacts& facts,
                            const LogCoordinate& at, std::uint64_t written) {
  const std::vector<LogFile> files = list_log_files(connection);
  demand_reaches(files, facts, at);
  const auto now = connection.value("SELECT UNIX_TIMESTAMP()");
  return retention_at(at, written, files, read_log_expiry(connection),
                      number_in<std::uint64_t>(now.value_or("")));
}

void demand_reaches(const std::vector<LogFile>& files, const ServerFacts& facts,
                    const LogCoordinate& at) {
  const LogFile& newest = files.back();
  if (is_one_series(newest.name, at.file) && LogCoordinate{newest.name, newest.bytes} < at)
    fail_reset(facts, at, fmt::format("the log ends at {}:{} already", newest.name, newest.bytes));
}

void fail_reset(const ServerFacts& facts, const LogCoordinate& at, const std::string& what) {
  fail(ErrorKind::lost_position,
       "{}: the log of server {} was reset since {} was read, or this is a copy of that server "
       "(give it a {} of its own); {}",
       what, facts.identity, to_string(at), facts.mariadb ? "server_id" : "server_uuid", kLoadAnew);
}

}  // namespace freshet
