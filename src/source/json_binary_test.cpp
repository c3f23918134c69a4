#include "source/json_binary.h"

#include <gtest/gtest.h>

#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

std::string text_of(std::string_view document) {
  Bytes out;
  append_json(out, document);
  return out;
}

struct Case {
  const char* bytes;
  const char* expected;
};

const Case kCases[] = {
    {"", "null"},
    {"0400", "null"},
    {"0401", "true"},
    {"0402", "false"},
    {"050100", "1"},
    {"05ffff", "-1"},
    {"07ffff0000", "65535"},
    {"0a0000000001000000", "4294967296"},
    {"0b000000000000f83f", "1.5"},
    {"0c03616263", "\"abc\""},
    {"0200000400", "[]"},
    {"0000000400", "{}"},
    {"02 0300 0f00 050100 0c0d00 040000 0161", "[1, \"a\", null]"},
    {"00 0200 2700 12000100 13000200 050100 021500 61 6262 0200 1200 040100 0b0a00 "
     "0000000000000440",
     "{\"a\": 1, \"bb\": [true, 2.5]}"},
    {"0ff60403028117", "1.23"},
    {"0f0a08 00000000006cbb19", "\"2026-11-22\""},
    {"0f0b08 20a107b8c8000000", "\"12:34:56.500000\""},
    {"0f0c08 40e201c6146dbb19", "\"2026-11-22 17:19:06.123456\""},
    {"0f0f02 00ff", "\"base64:type15:AP8=\""},
};

TEST(JsonBinary, PrintsAsTheServerDoes) {
  for (const Case& c : kCases) EXPECT_EQ(text_of(hex(c.bytes)), c.expected) << c.bytes;
}

TEST(JsonBinary, PrintsDoublesAsTheServerDoes) {
  // Seen on MySQL 9.7.
  const std::pair<double, const char*> kDoubles[] = {{1, "1.0"},
                                                     {1e14, "100000000000000.0"},
                                                     {1e15, "1e15"},
                                                     {1e16, "1e16"},
                                                     {1e-5, "0.00001"},
                                                     {0.1, "0.1"},
                                                     {1e-15, "0.000000000000001"},
                                                     {1e-16, "1e-16"},
                                                     {1.5e300, "1.5e300"},
                                                     {-0.0, "-0.0"},
                                                     {0, "0.0"},
                                                     {100, "100.0"},
                                                     {123456789012345, "123456789012345.0"},
                                                     {1234567890123456, "1.234567890123456e15"},
                                                     {3.14159265358979, "3.14159265358979"},
                                                     {2e-308, "2e-308"},
                                                     {0.1 + 0.2, "0.30000000000000004"},
                                                     {99999999999999.9, "99999999999999.9"},
                                                     {0.10000000149011612, "0.10000000149011612"}};
  for (const auto& [number, expected] : kDoubles) {
    Bytes out;
    append_json_double(out, number);
    EXPECT_EQ(out, expected);
  }
}

TEST(JsonBinary, EscapesStrings) {
  Bytes out;
  append_json_string(out, std::string_view("a\"\\/\b\f\n\r\t\x01\x1f\x7f", 12));
  EXPECT_EQ(out, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
}

TEST(JsonBinary, BreaksBase64IntoLines) {
  Bytes document = hex("0f0f64");
  document.append(100, '\x01');
  const std::string text = text_of(document);
  EXPECT_EQ(text.find("\\n"), std::string("\"base64:type15:").size() + 76);
  EXPECT_TRUE(text.ends_with("AQ==\""));
}

TEST(JsonBinary, ReadsLongStrings) {
  Bytes document = hex("0c f0a204");
  document.append(70'000, 'y');
  EXPECT_EQ(text_of(document).size(), 70'002U);
}

TEST(JsonBinary, RefusesCutDocuments) {
  for (const Case& c : kCases) {
    const Bytes whole = hex(c.bytes);
    for (std::size_t size = 1; size < whole.size(); ++size)
      EXPECT_THROW(text_of(std::string_view(whole).substr(0, size)), Error)
          << c.bytes << " cut to " << size;
  }
}

TEST(JsonBinary, SurvivesFlippedBits) {
  for (const Case& c : kCases)
    for (std::size_t bit = 0; bit < hex(c.bytes).size() * 8; ++bit) {
      Bytes bytes = hex(c.bytes);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      try {
        static_cast<void>(text_of(bytes));
      } catch (const Error&) {
      }
    }
}

TEST(JsonBinary, RefusesDocumentsThatContainThemselves) {
  // An array whose only member is at offset 0: the array itself.
  EXPECT_THROW(text_of(hex("02 0100 0700 020000")), Error);
}

}  // namespace
}  // namespace freshet
