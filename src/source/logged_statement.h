#pragma once

#include <functional>
#include <string_view>

#include "model/position.h"
#include "source/binlog_event.h"
#include "source/connection.h"
#include "source/ddl.h"

namespace freshet {

// Reads the statement of a QUERY event (`body`; inflated, where it was compressed): in the client's
// character set, as this server spells names. A database made without a character set has the
// default of the session's server then.
[[nodiscard]] Statement read_logged_statement(std::string_view body, const ServerFacts& facts);

// The statement's columns are in force only where this is false: a two-phase ALTER of MariaDB
// stands in the log at its start and again at its end.
[[nodiscard]] constexpr bool is_unfinished_alter(const MariadbGtid& gtid) noexcept {
  return (gtid.extra_flags & (MariadbGtid::kStartAlter | MariadbGtid::kRollbackAlter)) != 0;
}

// Whether the statement makes, changes, renames or drops the table. One that is not understood may.
[[nodiscard]] bool touches(const Statement& statement, const TableName& table);

// Returns false to end the scan.
using StatementVisitor = std::function<bool(const Statement&, const LogCoordinate&)>;

// Shows every statement of the log from `from` up to `end`, rows passed over, in a dump of its own:
// by GTID where `from` has one, so from the very place where a BinlogSource would start. Throws
// Error{unavailable} if the log does not come to `end`.
void scan_statements(const SourceOptions& options, const ServerFacts& facts, const Position& from,
                     const LogCoordinate& end, const StatementVisitor& visit);

}  // namespace freshet
