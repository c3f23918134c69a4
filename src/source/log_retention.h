#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/position.h"
#include "source/connection.h"

namespace freshet {

// How the server decides that a log file may be deleted. Not by size unless told; never the newest.
struct LogExpiry {
  // Age in seconds since the file was closed; 0 = never by age. Absent on a managed server (RDS,
  // Aurora) whose "binlog retention hours" is not set: as soon as it can.
  std::optional<std::uint64_t> seconds = 0;
  std::uint64_t total_bytes = 0;  // the oldest go when all together are larger; 0 = no bound
  bool managed = false;
};
[[nodiscard]] LogExpiry read_log_expiry(Connection& connection);

// What a reader that stands at one place still has before it, and how long the server keeps that.
struct LogRetention {
  std::string oldest_file;        // that the server has
  std::uint64_t bytes_ahead = 0;  // of log, still to be read
  // Until the server may delete the file that is read, as far as age tells: at least so long, for
  // the file may have been closed later than is known. Absent in the newest file, and where age
  // deletes nothing. Zero where it may happen at any time.
  std::optional<std::uint64_t> seconds_left;
  std::uint64_t expiry_seconds = 0;  // of which seconds_left is the rest
};

// `written`: when something is known to have been written to that file, `now`: both by the server's
// clock, seconds since the epoch.
[[nodiscard]] LogRetention retention_at(const LogCoordinate& at, std::uint64_t written,
                                        const std::vector<LogFile>& files, const LogExpiry& expiry,
                                        std::uint64_t now);

// Asks the server. Throws Error{lost_position} where its log ends before `at`: it was reset.
[[nodiscard]] LogRetention read_retention(Connection& connection, const ServerFacts& facts,
                                          const LogCoordinate& at, std::uint64_t written);

// Whether the server may delete soon what is still to be read: less than a third of the time left.
[[nodiscard]] constexpr bool is_running_out(const LogRetention& retention) noexcept {
  return retention.seconds_left && *retention.seconds_left * 3 <= retention.expiry_seconds;
}

// Throws Error{lost_position} where a log of these files ends before `at`.
void demand_reaches(const std::vector<LogFile>& files, const ServerFacts& facts,
                    const LogCoordinate& at);

// The error for a log that begins anew under old names; `what` shows it.
[[noreturn]] void fail_reset(const ServerFacts& facts, const LogCoordinate& at,
                             const std::string& what);

}  // namespace freshet
