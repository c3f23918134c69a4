#include "base/bytes.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

// Words are read in one piece where the block has room for that; the value must not tell.
TEST(ByteReader, ReadsWordsOfAnyWidthAtAnyPlace) {
  const std::string block = "\x01\x82\x03\x84\xf5\xe6\xd7\xc8\xb9\xaa\x9b\x8c\x7d\x6e\x5f";
  for (std::size_t at = 0; at <= block.size(); ++at) {
    for (std::size_t n = 0; n <= 8; ++n) {
      ByteReader little(block);
      ByteReader big(block);
      little.skip(at);
      big.skip(at);
      if (at + n > block.size()) {
        EXPECT_THROW(static_cast<void>(little.le(n)), Error);
        EXPECT_THROW(static_cast<void>(big.be(n)), Error);
        continue;
      }
      std::uint64_t le = 0;
      std::uint64_t be = 0;
      for (std::size_t i = 0; i < n; ++i) {
        le |= std::uint64_t{static_cast<std::uint8_t>(block[at + i])} << 8 * i;
        be = be << 8 | static_cast<std::uint8_t>(block[at + i]);
      }
      EXPECT_EQ(little.le(n), le) << at << " " << n;
      EXPECT_EQ(big.be(n), be) << at << " " << n;
      EXPECT_EQ(little.offset(), at + n);
      EXPECT_EQ(big.offset(), at + n);
    }
  }
}

}  // namespace
}  // namespace freshet
