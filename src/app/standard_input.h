#pragma once

#include <string>
#include <string_view>

namespace freshet {

// All of standard input, up to 64 MiB. Throws Error{usage} where there is more; `remedy` ends its
// message.
[[nodiscard]] std::string read_standard_input(std::string_view remedy);

}  // namespace freshet
