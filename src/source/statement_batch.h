#pragma once

#include <string_view>
#include <vector>

#include "source/connection.h"

namespace freshet {

// Runs statements that are separated by ";" without a round trip between them; gives the rows of
// each, for small results only. The first one that fails ends the batch: Error as
// Connection::query(). No part of the text may come from outside: it is more than one statement.
[[nodiscard]] std::vector<std::vector<SqlRow>> run_batch(Connection& connection,
                                                         std::string_view statements);

}  // namespace freshet
