#pragma once

#include <string>
#include <string_view>

#include "transform/options.h"

namespace freshet {

// The value with some of its characters kept and the others filled, in its shape: blanks and ASCII
// punctuation stay, "+49 170 5551234" becomes "+49 *** *****34". The characters to keep are counted
// without those. A value that has no more of them than would be kept is filled altogether. Appends
// nothing and returns false where there is nothing to fill. `random` gives pseudo-random bytes that
// depend on the value alone (rule.random_fill).
[[nodiscard]] bool put_partial(std::string& out, std::string_view value, const ColumnRule& rule,
                               std::string_view random);

}  // namespace freshet
