#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "model/position.h"
#include "source/binlog_event.h"
#include "source/connection.h"
#include "source/ddl.h"

namespace freshet {

class EventReader;

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

// Gives every statement of the log from where `reader` stands up to `end`, rows passed over, until
// `visit` returns false. Throws Error{unavailable} if the log ends before.
void scan_statements(EventReader& reader, const ServerFacts& facts, const LogCoordinate& from,
                     const LogCoordinate& end,
                     const std::function<bool(const Statement&, const LogCoordinate&)>& visit);

// The same over a dump of its own.
void scan_statements(const SourceOptions& options, const ServerFacts& facts,
                     const LogCoordinate& from, const LogCoordinate& end,
                     const std::function<bool(const Statement&, const LogCoordinate&)>& visit);

}  // namespace freshet
