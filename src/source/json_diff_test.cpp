#include "source/json_diff.h"

#include <gtest/gtest.h>

#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

// {"a": 1, "bb": [true, 2.5]}
const char* const kDocument =
    "00 0200 2700 12000100 13000200 050100 021500 61 6262 0200 1200 040100 0b0a00 0000000000000440";

std::string patched(std::string_view diffs) {
  Bytes out;
  append_patched_json(out, hex(kDocument), hex(diffs));
  return out;
}

Bytes text_diff(std::uint8_t operation, std::string_view path, std::string_view value = {}) {
  Bytes diff;
  put_u8(diff, operation);
  put_u8(diff, static_cast<std::uint8_t>(path.size()));
  diff += path;
  if (operation == 2) return diff;
  put_u8(diff, static_cast<std::uint8_t>(value.size()));
  return diff += value;
}

std::string patched_by(const Bytes& diffs) {
  Bytes out;
  append_patched_json(out, hex(kDocument), diffs);
  return out;
}

constexpr std::string_view kSeven("\x05\x07\x00", 3);

// What MySQL 9.7 logged for json_set, json_replace and json_remove.
TEST(JsonDiff, AppliesWhatServersWrite) {
  EXPECT_EQ(patched(""), "{\"a\": 1, \"bb\": [true, 2.5]}");
  EXPECT_EQ(patched("00 03 242e61 03 050200"), "{\"a\": 2, \"bb\": [true, 2.5]}");
  EXPECT_EQ(patched("01 03 242e7a 08 0201000700050900 00 03 242e61 03 050300"),
            "{\"a\": 3, \"z\": [9], \"bb\": [true, 2.5]}");
  EXPECT_EQ(patched("02 03 242e61"), "{\"bb\": [true, 2.5]}");
}

TEST(JsonDiff, ReachesCells) {
  EXPECT_EQ(patched_by(text_diff(0, "$.bb[1]", kSeven)), "{\"a\": 1, \"bb\": [true, 7]}");
  EXPECT_EQ(patched_by(text_diff(1, "$.bb[0]", kSeven)), "{\"a\": 1, \"bb\": [7, true, 2.5]}");
  EXPECT_EQ(patched_by(text_diff(1, "$.bb[9]", kSeven)), "{\"a\": 1, \"bb\": [true, 2.5, 7]}");
  EXPECT_EQ(patched_by(text_diff(2, "$.bb[0]")), "{\"a\": 1, \"bb\": [2.5]}");
  EXPECT_EQ(patched_by(text_diff(0, "$", kSeven)), "7");
}

TEST(JsonDiff, OrdersMembersAsTheServerDoes) {
  EXPECT_EQ(patched_by(text_diff(1, "$.c", kSeven) + text_diff(1, "$.aaa", kSeven) +
                       text_diff(1, "$.A", kSeven)),
            "{\"A\": 7, \"a\": 1, \"c\": 7, \"bb\": [true, 2.5], \"aaa\": 7}");
}

TEST(JsonDiff, ReadsQuotedNames) {
  EXPECT_EQ(patched_by(text_diff(1, R"($."x \"y\" \\ \u0001.[1]")", kSeven)),
            R"({"a": 1, "bb": [true, 2.5], "x \"y\" \\ \u0001.[1]": 7})");
  // Into what an earlier diff has put there.
  EXPECT_EQ(patched_by(text_diff(0, "$.a", hex("0000000400")) + text_diff(1, "$.a.\"\"", kSeven)),
            R"({"a": {"": 7}, "bb": [true, 2.5]})");
}

TEST(JsonDiff, RefusesWhatDoesNotFit) {
  for (const char* path : {"$.b", "$.a.b", "$[0]", "$.bb[2]", "$.bb.x", "a", "", "$x", "$.bb[x]",
                           "$.bb[0", "$.\"a", "$.\"\\", "$.\"\\u12", "$.\"\\uffff\""}) {
    EXPECT_THROW(patched_by(text_diff(0, path, kSeven)), Error) << path;
    EXPECT_THROW(patched_by(text_diff(2, path)), Error) << path;
  }
  EXPECT_THROW(patched_by(text_diff(1, "$.a", kSeven)), Error);
  EXPECT_THROW(patched_by(text_diff(2, "$")), Error);
  EXPECT_THROW(patched("03 03 242e61"), Error);
  EXPECT_THROW(patched("00 03 242e61 00"), Error);
}

TEST(JsonDiff, SurvivesDamage) {
  const Bytes whole = text_diff(1, "$.c", kSeven) + text_diff(0, "$.bb[1]", hex("0c03616263"));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    try {
      static_cast<void>(patched_by(bytes));
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace freshet
