#include "transform/mask_keys.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "transform/partial.h"

namespace freshet {
namespace {

const std::string kOwn(32, 'k');
const MaskKey kFirst{"a1", std::string(32, 'a')};
const MaskKey kSecond{"b2", std::string(32, 'b')};

TEST(MaskKeys, HashesAreHmac) {
  // openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, of "ann@example.com"
  EXPECT_EQ(MaskKeys({}, kOwn).hash("ann@example.com"),
            "52ecd7806231652c1f13fc2162dcb8072bac0d630d23baee3a157c19603af237");
}

TEST(MaskKeys, EqualUnderOneKeyAndDomainOnly) {
  const MaskKeys own({}, kOwn);
  const MaskKeys first({kFirst}, kOwn);
  for (const auto make : {&MaskKeys::hash, &MaskKeys::token}) {
    EXPECT_EQ((own.*make)("x", ""), (MaskKeys({}, kOwn).*make)("x", ""));
    EXPECT_NE((own.*make)("x", ""), (own.*make)("y", ""));
    EXPECT_NE((own.*make)("x", ""), (first.*make)("x", ""));
    EXPECT_EQ((first.*make)("x", "customer"), (first.*make)("x", "customer"));
    EXPECT_NE((first.*make)("x", "customer"), (first.*make)("x", "staff"));
    EXPECT_NE((first.*make)("x", "customer"), (first.*make)("x", ""));
  }
  EXPECT_TRUE(first.hash("x").starts_with("a1_"));
  EXPECT_TRUE(first.token("x").starts_with("tok_a1_"));
  EXPECT_NE(first.hash("x").substr(3), own.hash("x"));
}

TEST(MaskKeys, TheLastKeyWritesAllReveal) {
  const MaskKeys both({kFirst, kSecond}, kOwn);
  EXPECT_TRUE(both.token("x").starts_with("tok_b2_"));
  for (const std::string& value : {std::string("ann@example.com"), std::string("\0\xff", 2),
                                   std::string(100'000, 'z'), std::string()}) {
    EXPECT_EQ(both.reveal(MaskKeys({kFirst}, kOwn).token(value, "customer")), value);
    EXPECT_EQ(both.reveal(MaskKeys({}, kOwn).token(value)), value);
    EXPECT_EQ(both.reveal(both.token(value)), value);
  }
}

TEST(MaskKeys, RevealsNothingElse) {
  const MaskKeys keys({kFirst}, kOwn);
  const std::string token = keys.token("ann@example.com");
  std::string damaged = token;
  damaged[12] = damaged[12] == 'A' ? 'B' : 'A';
  std::string other_id = "tok_0_" + token.substr(token.rfind("a1_") + 3);
  for (const std::string& text :
       {damaged, other_id, std::string("tok_a1_"), std::string("tok_a1_AAAA"), std::string("x"),
        MaskKeys({kSecond}, kOwn).token("ann@example.com"),
        MaskKeys({{"a1", std::string(32, 'c')}}, kOwn).token("ann@example.com")})
    EXPECT_THROW((void)keys.reveal(text), Error) << text;
  EXPECT_THROW(MaskKeys({{"A", std::string(32, 'c')}}, kOwn), Error);
  EXPECT_THROW(MaskKeys({{"0", std::string(32, 'c')}}, kOwn), Error);
  EXPECT_THROW(MaskKeys({{"c", "short"}}, kOwn), Error);
  EXPECT_THROW(MaskKeys({kFirst, kFirst}, kOwn), Error);
}

TEST(MaskKeys, FindsTokensInText) {
  const std::string token = MaskKeys({}, kOwn).token("x");
  const std::string text = "tok_ tok_no tok_X_y \"" + token + "\",";
  const auto place = find_token(text, 0);
  ASSERT_TRUE(place);
  EXPECT_EQ(text.substr(place->begin, place->end - place->begin), token);
  EXPECT_FALSE(find_token(text, place->end));
}

TEST(Partial, KeepsTheShape) {
  struct Case {
    std::string_view value;
    ColumnRule rule;
    std::string_view expected;
  };
  const Case cases[] = {
      {"+49 170 555 1234", {MaskAction::partial, 2, 2}, "+49 *** *** **34"},
      {"4111-1111-1111-1111", {MaskAction::partial, 0, 4}, "****-****-****-1111"},
      {"ann@example.com", {MaskAction::partial, 1, 0}, "a**@*******.***"},
      {"Z\u00fcrich", {MaskAction::partial, 1, 1}, "Z****h"},
      {"1234", {MaskAction::partial, 0, 4}, "****"},
      {"12-3", {MaskAction::partial, 9, 9, "#"}, "##-#"},
      {"C6BGJ56669K",
       {.action = MaskAction::partial, .fill = "#", .digits_only = true},
       "C#BGJ#####K"},
  };
  for (const Case& c : cases) {
    std::string out;
    EXPECT_TRUE(put_partial(out, c.value, c.rule, {}));
    EXPECT_EQ(out, c.expected);
  }
  std::string out;
  EXPECT_FALSE(put_partial(out, "- -", {MaskAction::partial, 1, 1}, {}));
  EXPECT_TRUE(put_partial(out, "AB-ab-12", {.action = MaskAction::partial, .random_fill = true},
                          "\x01\x02"));
  EXPECT_EQ(out, "BC-bc-12");
}

TEST(MaskKeys, KnowWhatTheyMade) {
  const std::string own(MaskKeys::kKeyBytes, 'o');
  const MaskKeys plain({}, own);
  const MaskKeys later({{"k2", std::string(MaskKeys::kKeyBytes, 'k')}}, own);
  for (const MaskKeys& keys : {plain, later})
    for (const std::string& text : {keys.hash("ann"), keys.token("ann"), keys.hash("ann", "d")}) {
      EXPECT_TRUE(keys.made(text)) << text;
      EXPECT_FALSE(keys.made("x" + text)) << text;
    }
  EXPECT_TRUE(later.made(plain.hash("ann")));
  EXPECT_FALSE(plain.made(later.hash("ann")));
  for (const std::string_view text : {"", "#####", "ann@example.org", "tok_", "tok_9_abc"})
    EXPECT_FALSE(plain.made(text)) << text;
}

}  // namespace
}  // namespace freshet
