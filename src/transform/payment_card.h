#pragma once

#include <string_view>

namespace freshet {

// True if the digits are the number of a payment card: of an issuer's range, as long as it gives
// them, with the check digit of Luhn.
[[nodiscard]] bool is_card_number(std::string_view digits) noexcept;

}  // namespace freshet
