#pragma once

#include <array>
#include <string_view>

namespace freshet {

// Keccak-256 as Ethereum uses it: the padding of the submission to the SHA-3 contest, which
// FIPS 202 changed afterwards. OpenSSL 3.0 has only the latter.
[[nodiscard]] std::array<unsigned char, 32> keccak_256(std::string_view text) noexcept;

}  // namespace freshet
