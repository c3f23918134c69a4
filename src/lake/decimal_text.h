#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet {

__extension__ using Int128 = __int128;

// The unscaled value of decimal digits: "-12.50" at scale 3 is -12500. Nothing where the text is
// no number, has more digits after the point than the scale, or more in all than the precision.
[[nodiscard]] std::optional<Int128> unscaled_decimal(std::string_view text, int precision,
                                                     int scale) noexcept;

// Appends the decimal digits of `value` with a point before the last `scale` of them.
void put_decimal(std::string& out, Int128 value, int scale);

}  // namespace freshet
