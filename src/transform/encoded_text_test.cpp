#include "transform/encoded_text.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

constexpr LookInto kAll{.json = true, .url = true, .html = true, .base64 = true};

TEST(EncodedText, ResolvesEscapes) {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  const Case cases[] = {
      {"ann%40example%2Eorg", "ann@example.org"},
      {"ann%2540example.org", "ann@example.org"},
      {"ann&#64;example&#x2e;org", "ann@example.org"},
      {"ann&amp;commat;example.org", "ann@example.org"},
      {R"("ann\u0040example.org")", "\"ann@example.org\""},
      {R"(a\t1\n2\"\/\\x)", "a\t1\n2\"/\\x"},
      {R"(to:\\nann@example.org)", "to:\nann@example.org"},
      {"%C3%A9t%C3%A9", "\u00e9t\u00e9"},
      {"&#233;", "\u00e9"},
      {"100%ff &nothing; &#xd800; &#0; %4", "100%ff &nothing; &#xd800; &#0; %4"},
      {"plain", "plain"},
  };
  for (const Case& c : cases) {
    DecodedText out;
    const bool any = decode_text(c.text, kAll, out);
    EXPECT_EQ(any, c.text != c.expected) << c.text;
    if (any) {
      EXPECT_EQ(out.text, c.expected);
    }
  }
  DecodedText out;
  EXPECT_FALSE(decode_text("a%40b &#64; \\u0040",
                           {.json = false, .url = false, .html = false, .base64 = false}, out));
}

TEST(EncodedText, KnowsWhereBytesStood) {
  const std::string_view text = "to: ann%2540example&period;org!";
  DecodedText out;
  ASSERT_TRUE(decode_text(text, kAll, out));
  const std::size_t at = out.text.find("ann@example.org");
  ASSERT_NE(at, std::string::npos);
  const auto [begin, end] = out.original(at, at + 15);
  EXPECT_EQ(text.substr(begin, end - begin), "ann%2540example&period;org");
}

TEST(EncodedText, FindsBase64) {
  std::string decoded;
  const std::string_view text =
      "x= 0123456789abcdef0123456789abcdef, d3JpdGUgdG8gYW5uQGV4YW1wbGUub3Jn==";
  const std::string_view run = find_base64(text, 0, decoded);
  EXPECT_EQ(run, "d3JpdGUgdG8gYW5uQGV4YW1wbGUub3Jn");
  EXPECT_EQ(decoded, "write to ann@example.org");
  EXPECT_TRUE(find_base64(text, text.size() - 4, decoded).empty());
}

}  // namespace
}  // namespace freshet
