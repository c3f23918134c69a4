#include "pipeline/name_pattern.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

struct Case {
  std::string_view pattern, name;
  bool matches;
};

class Dms : public testing::TestWithParam<Case> {};
TEST_P(Dms, Matches) {
  EXPECT_EQ(NamePattern::dms(GetParam().pattern).matches(GetParam().name), GetParam().matches)
      << GetParam().pattern << " on " << GetParam().name;
}
INSTANTIATE_TEST_SUITE_P(
    All, Dms,
    testing::Values(Case{"users", "users", true}, Case{"users", "Users", false},
                    Case{"%", "", true}, Case{"%", "anything", true}, Case{"us%", "users", true},
                    Case{"%s", "users", true}, Case{"u%r%", "users", true},
                    Case{"u%x%", "users", false}, Case{"user_", "users", true},
                    Case{"user_", "user", false}, Case{"user_", "userss", false},
                    Case{"user[_]x", "user_x", true}, Case{"user[_]x", "userax", false},
                    Case{"t[ab]", "ta", true}, Case{"t[ab]", "tb", true},
                    Case{"t[ab]", "tc", false}, Case{"_", "ä", true}, Case{"*", "x", false},
                    Case{"%[_]%", "a_b", true}, Case{"%[_]%", "ab", false}));

class Glob : public testing::TestWithParam<Case> {};
TEST_P(Glob, Matches) {
  EXPECT_EQ(NamePattern::glob(GetParam().pattern).matches(GetParam().name), GetParam().matches);
}
INSTANTIATE_TEST_SUITE_P(All, Glob,
                         testing::Values(Case{"user_", "users", false}, Case{"*", "x", true},
                                         Case{"a*c*", "abcd", true}, Case{"a*e", "abcd", false},
                                         Case{"50%", "50%", true}));

TEST(NamePattern, KnowsALiteral) {
  EXPECT_TRUE(NamePattern::dms("user[_]x").is_literal());
  EXPECT_EQ(NamePattern::dms("user[_]x").text(), "user_x");
  EXPECT_FALSE(NamePattern::dms("user_x").is_literal());
  EXPECT_TRUE(NamePattern::glob("user_x").is_literal());
  EXPECT_FALSE(NamePattern::glob("user*").is_literal());
  EXPECT_THROW((void)NamePattern::dms("a[b"), Error);
}

}  // namespace
}  // namespace freshet
