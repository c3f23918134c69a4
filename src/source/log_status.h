#pragma once

#include <string_view>
#include <vector>

#include "source/connection.h"

namespace freshet {

// The statement that tells where the server's log ends: its name differs between servers.
[[nodiscard]] std::string_view log_status_statement(const ServerFacts& facts) noexcept;

// What its rows say: file and offset, and on MySQL with gtid_mode=ON the executed GTIDs. Throws
// Error{config} where the server keeps no log.
[[nodiscard]] LogEnd log_end_of(const std::vector<SqlRow>& rows, const ServerFacts& facts);

}  // namespace freshet
