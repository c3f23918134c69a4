#include "source/charset.h"

#include <gtest/gtest.h>

#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

std::string utf8(std::string_view charset, std::string_view bytes, std::size_t replaced = 0) {
  Bytes out;
  EXPECT_EQ(append_utf8(out, bytes, *charset_of_name(charset)), replaced) << charset;
  return out;
}

TEST(Charset, Converts) {
  EXPECT_EQ(utf8("utf8mb4", "aé€😀"), "aé€😀");
  EXPECT_EQ(utf8("utf8", "é"), "é");
  EXPECT_EQ(utf8("latin1", hex("61e980819f")), "aé€\xc2\x81Ÿ");
  EXPECT_EQ(utf8("gbk", hex("d6d0cec4 7e")), "中文~");
  EXPECT_EQ(utf8("big5", hex("a4a4a4e5")), "中文");
  EXPECT_EQ(utf8("sjis", hex("83655c7e")), "テ\\~");
  EXPECT_EQ(utf8("euckr", hex("b0a18141")), "가갂");
  EXPECT_EQ(utf8("ujis", hex("c6fccbdc")), "日本");
  EXPECT_EQ(utf8("cp1251", hex("cff0")), "Пр");
  EXPECT_EQ(utf8("swe7", "\\~?"), "Öü?");
  EXPECT_EQ(utf8("ujis", hex("8fb0a1")), "丂");
  EXPECT_EQ(utf8("gb18030", hex("a2e3 81308130 90308130 e3329a35")), "€\u0080\U00010000\U0010ffff");
  EXPECT_EQ(utf8("ucs2", hex("00e94e2d")), "é中");
  EXPECT_EQ(utf8("utf16", hex("d83dde000061")), "😀a");
  EXPECT_EQ(utf8("utf16le", hex("3dd800de6100")), "😀a");
  EXPECT_EQ(utf8("utf32", hex("0001f60000000061")), "😀a");
}

TEST(Charset, ReplacesWhatIsNotInTheCharset) {
  EXPECT_EQ(utf8("utf8mb4",
                 "a\xff"
                 "b\xe2\x82",
                 3),
            "a\uFFFDb\uFFFD\uFFFD");
  EXPECT_EQ(utf8("utf8mb4", "\xed\xa0\x80\xc0\x80\xf5", 6), "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(utf8("ascii", "a\xe9", 1), "a?");
  EXPECT_EQ(utf8("gbk", "a\xff", 1), "a?");
  EXPECT_EQ(utf8("gbk", "\xd6", 1), "?");
  EXPECT_EQ(utf8("gbk", "\xd6\x20", 1), "? ");
  EXPECT_EQ(utf8("gb18030", hex("fe39fe39 81308130"), 1), "?\u0080");
  EXPECT_EQ(utf8("gb18030", hex("813081"), 2), "?0?");
  EXPECT_EQ(utf8("utf16", hex("d83d0061 00"), 2), "?a?");
  EXPECT_EQ(utf8("utf32", hex("00110000 0000"), 2), "??");
}

// Any bytes give UTF-8, whatever the character set.
TEST(Charset, SurvivesAnyBytes) {
  std::uint32_t random = 7;
  for (const CharsetTable& table : charset_tables()) {
    const Charset* charset = charset_of_name(table.name);
    ASSERT_NE(charset, nullptr);
    for (int round = 0; round < 200; ++round) {
      Bytes text;
      for (random = random * 1664525 + 1013904223; text.size() < (random >> 27);) {
        random = random * 1664525 + 1013904223;
        text.push_back(static_cast<char>(random >> 24 | (random >> 8 & 0x80)));
      }
      Bytes out;
      append_utf8(out, text, *charset);
      EXPECT_TRUE(is_utf8(out)) << table.name;
    }
  }
}

TEST(Charset, IsFoundByCollation) {
  const auto name = [](std::uint64_t id, bool mariadb) {
    const Charset* charset = charset_of_collation(id, mariadb);
    return charset == nullptr ? "" : std::string(charset->name);
  };
  EXPECT_EQ(name(8, false), "latin1");
  EXPECT_EQ(name(63, false), "binary");
  EXPECT_EQ(name(33, true), "utf8mb3");
  EXPECT_EQ(name(255, false), "utf8mb4");
  EXPECT_EQ(name(309, false), "utf8mb4");
  EXPECT_EQ(name(1069, true), "utf8mb4");  // utf8mb4_general_nopad_ci
  EXPECT_EQ(name(577, true), "utf8mb3");   // utf8mb3_myanmar_ci
  EXPECT_EQ(name(2304, true), "utf8mb4");  // utf8mb4_uca1400_ai_ci
  EXPECT_EQ(name(37, false), "keybcs2");
  EXPECT_EQ(name(60000, true), "");
}

TEST(Charset, KnowsWhereAsciiEnds) {
  EXPECT_EQ(ascii_prefix(""), 0U);
  EXPECT_EQ(ascii_prefix("abc"), 3U);
  EXPECT_EQ(ascii_prefix("abcdefgh\xc3\xa9"), 8U);
  EXPECT_EQ(ascii_prefix("abcdefghij\xc3\xa9xxxxxxxxxxxxx"), 10U);
}

}  // namespace
}  // namespace freshet
