#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace freshet {

// A place in one server's binary log: between two events. 64 bits, although events carry 32
// (the reader counts the wraps: reference "MySQL Internals, Binlog event header, log_pos").
struct LogCoordinate {
  std::string file;          // e.g. "mysql-bin.000042"; files order by their number
  std::uint64_t offset = 4;  // bytes; 4 is the first event

  [[nodiscard]] bool known() const noexcept { return !file.empty(); }
  friend bool operator==(const LogCoordinate&, const LogCoordinate&) = default;
};

// Order within one server's log: by the number in the file name, then by offset.
[[nodiscard]] std::strong_ordering operator<=>(const LogCoordinate& a,
                                               const LogCoordinate& b) noexcept;
[[nodiscard]] std::string to_string(const LogCoordinate& at);  // "file:offset"

// Where reading resumes: always the start of a transaction, plus how many of its rows were taken.
struct Position {
  std::string
      server_id;      // server_uuid (MySQL), or "mariadb-<server_id>" where the server has no UUID
  LogCoordinate log;  // start of the first transaction that is not wholly taken
  std::string gtid;   // GTIDs before that place: MySQL set or MariaDB state; empty without GTIDs
  std::uint64_t rows = 0;   // row changes already taken of the transaction at `log`
  std::string transaction;  // its GTID, if rows > 0 and it has one: on another server, which may
                            // order transactions otherwise, no other may be taken for it
  std::uint32_t file_created = 0;  // when log.file was made, seconds since the epoch; 0 = not
                                   // known. After RESET MASTER the same name is another log

  friend bool operator==(const Position&, const Position&) = default;
};

[[nodiscard]] std::string to_json(const Position& position);
[[nodiscard]] Position position_from_json(std::string_view json);  // throws Error{corrupt}

}  // namespace freshet
