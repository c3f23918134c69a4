#include "transform/keccak.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace freshet {
namespace {

std::string hex(std::string_view text) {
  std::string out;
  for (const unsigned char byte : keccak_256(text)) out += fmt::format("{:02x}", byte);
  return out;
}

// Known answers of the submission ("", "abc"), and a text longer than a block.
TEST(Keccak, KnownAnswers) {
  EXPECT_EQ(hex(""), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(hex("abc"), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  EXPECT_NE(hex(std::string(135, 'a')), hex(std::string(136, 'a')));
  EXPECT_NE(hex(std::string(136, 'a')), hex(std::string(137, 'a')));
}

}  // namespace
}  // namespace freshet
