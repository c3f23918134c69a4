#include "lake/ids.h"

#include <unistd.h>

#include <chrono>

#include "base/bytes.h"

namespace freshet {

std::string random_bytes(std::size_t n) {
  std::string bytes(n, '\0');
  if (::getentropy(bytes.data(), n) != 0)
    fail(ErrorKind::unavailable, "the system gives no random bytes: check that getrandom() works");
  return bytes;
}

std::string new_uuid() {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  Bytes raw;
  put_be(raw, static_cast<std::uint64_t>(now.count()), 6);
  raw += random_bytes(10);
  raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x70);  // version 7
  raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);  // variant of RFC 9562
  ByteReader in(raw);
  const auto low = in.be(4);
  const auto mid = in.be(2), high = in.be(2), sequence = in.be(2), node = in.be(6);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", low, mid, high, sequence, node);
}

std::int64_t new_snapshot_id() {
  constexpr std::uint64_t kMask = (std::uint64_t{1} << 53) - 1;
  const std::string raw = random_bytes(8);
  const auto id = static_cast<std::int64_t>(ByteReader(raw).le(8) & kMask);
  return id == 0 ? 1 : id;
}

}  // namespace freshet
