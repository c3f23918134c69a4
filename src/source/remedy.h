#pragma once

#include <string_view>

namespace freshet {

// The way on from a place of the log that cannot be passed: ends messages.
inline constexpr std::string_view kLoadAnew =
    "begin at the log's present end and load all tables anew with `freshet run --reload`";

}  // namespace freshet
