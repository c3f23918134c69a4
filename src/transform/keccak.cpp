#include "transform/keccak.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace freshet {
namespace {

constexpr std::size_t kRate = 136;  // bytes
using State = std::array<std::uint64_t, 25>;

// The Keccak reference, 1.2: the round constants come from a shift register, and the rotations of
// rho are triangular numbers.
void permute(State& a) noexcept {
  unsigned lfsr = 1;
  for (int round = 0; round < 24; ++round) {
    std::uint64_t column[5];
    for (std::size_t x = 0; x < 5; ++x)
      column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t x = 0; x < 5; ++x) {
      const std::uint64_t mix = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
      for (std::size_t y = 0; y < 25; y += 5) a[x + y] ^= mix;
    }
    std::size_t x = 1;
    std::size_t y = 0;
    std::uint64_t moving = a[1];
    for (int t = 0; t < 24; ++t) {
      const std::size_t next = (2 * x + 3 * y) % 5;
      x = y;
      y = next;
      const std::uint64_t kept = a[x + 5 * y];
      a[x + 5 * y] = std::rotl(moving, (t + 1) * (t + 2) / 2 % 64);
      moving = kept;
    }
    for (std::size_t row = 0; row < 25; row += 5) {
      const std::array<std::uint64_t, 5> b = {a[row], a[row + 1], a[row + 2], a[row + 3],
                                              a[row + 4]};
      for (std::size_t i = 0; i < 5; ++i) a[row + i] = b[i] ^ (~b[(i + 1) % 5] & b[(i + 2) % 5]);
    }
    for (int bit = 0; bit < 7; ++bit) {
      if (lfsr & 1) a[0] ^= std::uint64_t{1} << ((1 << bit) - 1);
      lfsr = lfsr << 1 ^ (lfsr & 0x80 ? 0x171u : 0u);
    }
  }
}

void absorb(State& state, std::size_t at, unsigned char byte) noexcept {
  state[at / 8] ^= std::uint64_t{byte} << (8 * (at % 8));
}

}  // namespace

std::array<unsigned char, 32> keccak_256(std::string_view text) noexcept {
  State state{};
  std::size_t at = 0;
  for (const char c : text) {
    absorb(state, at++, static_cast<unsigned char>(c));
    if (at < kRate) continue;
    permute(state);
    at = 0;
  }
  absorb(state, at, 0x01);
  absorb(state, kRate - 1, 0x80);
  permute(state);
  std::array<unsigned char, 32> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<unsigned char>(state[i / 8] >> (8 * (i % 8)));
  return digest;
}

}  // namespace freshet
