#include "transform/binary_text.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>

namespace freshet {
namespace {

using namespace std::string_literals;

BinaryText read(std::string_view bytes) {
  BinaryText binary;
  binary.read(bytes);
  return binary;
}

TEST(BinaryText, KeepsWhatCanBeRead) {
  EXPECT_EQ(read("\xff\xd8\x00\x10 Ann \xc3\xa9\xff"s).text, "\n\n\n\n Ann \xc3\xa9\n");
  EXPECT_EQ(read("a\x01\x02z"s).text, "a\n\nz");
  EXPECT_FALSE(read("\xff\xd8\xff\xe0"s).mostly_text);
}

TEST(BinaryText, ReadsLatin1AndUtf16) {
  const BinaryText latin = read("jos\xe9@example.de wrote"s);
  EXPECT_TRUE(latin.mostly_text);
  EXPECT_EQ(latin.text, "jose@example.de wrote");
  EXPECT_EQ(read("a\0@\0b\0"s).text,
            "a\x01@\x01"
            "b\n");
  EXPECT_EQ(read("\0a\0@\0b"s).text,
            "\na\x01@\x01"
            "b");
}

TEST(BinaryText, IsAlwaysUtf8OfTheSameLength) {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 40, ' ');
    for (char& c : bytes)
      c = static_cast<char>(random() % (round % 2 ? 256 : 8) + (round % 3) * 60);
    const BinaryText binary = read(bytes);
    ASSERT_EQ(binary.text.size(), bytes.size());
    ASSERT_TRUE(simdjson::validate_utf8(binary.text.data(), binary.text.size()));
  }
}

}  // namespace
}  // namespace freshet
