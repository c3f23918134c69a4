#include "lake/bounds.h"

#include <gtest/gtest.h>

#include <string>

#include "lake/ids.h"

namespace freshet {
namespace {

using namespace std::string_literals;

LakeColumn column_of(LakeType type, int scale = 0) {
  return {.name = "c", .type = type, .precision = 38, .scale = static_cast<std::uint8_t>(scale)};
}

struct Case {
  LakeColumn column;
  std::string text;
  std::optional<std::string> lower, upper;
};

class BoundsTest : public testing::TestWithParam<Case> {};

TEST_P(BoundsTest, Serializes) {
  const Case& c = GetParam();
  EXPECT_EQ(bound_of(c.column, c.text, BoundSide::lower), c.lower) << c.text;
  EXPECT_EQ(bound_of(c.column, c.text, BoundSide::upper), c.upper) << c.text;
}

Case same(LakeColumn column, std::string text, std::optional<std::string> bound) {
  return {std::move(column), std::move(text), bound, bound};
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, BoundsTest,
    testing::Values(same(column_of(LakeType::boolean), "0", "\0"s),
                    same(column_of(LakeType::boolean), "1", "\1"s),
                    same(column_of(LakeType::boolean), "maybe", std::nullopt),
                    same(column_of(LakeType::int32), "-2", "\xfe\xff\xff\xff"s),
                    same(column_of(LakeType::int32), "2147483648", std::nullopt),
                    same(column_of(LakeType::int64), "258", "\x02\x01\0\0\0\0\0\0"s),
                    same(column_of(LakeType::float32), "1.5", "\0\0\xc0\x3f"s),
                    same(column_of(LakeType::float64), "-2", "\0\0\0\0\0\0\0\xc0"s),
                    same(column_of(LakeType::float64), "nan", std::nullopt),
                    Case{column_of(LakeType::float32), "0.0", "\0\0\0\x80"s, "\0\0\0\0"s},
                    same(column_of(LakeType::decimal, 2), "0.00", "\0"s),
                    same(column_of(LakeType::decimal, 2), "1.27", "\x7f"s),
                    same(column_of(LakeType::decimal, 2), "1.28", "\0\x80"s),
                    same(column_of(LakeType::decimal, 2), "-1.28", "\x80"s),
                    same(column_of(LakeType::decimal, 2), "-1.29", "\xff\x7f"s),
                    same(column_of(LakeType::decimal, 2), "5", "\x01\xf4"s),
                    same(column_of(LakeType::decimal, 0), "18446744073709551615",
                         "\0\xff\xff\xff\xff\xff\xff\xff\xff"s),
                    same(column_of(LakeType::decimal, 0), "99999999999999999999999999999999999999",
                         "\x4b\x3b\x4c\xa8\x5a\x86\xc4\x7a\x09\x8a\x22\x3f\xff\xff\xff\xff"s),
                    same(column_of(LakeType::decimal, 1), "1.25", std::nullopt)));

INSTANTIATE_TEST_SUITE_P(
    Times, BoundsTest,
    testing::Values(
        same(column_of(LakeType::date), "1970-01-02", "\1\0\0\0"s),
        same(column_of(LakeType::date), "1969-12-31", "\xff\xff\xff\xff"s),
        same(column_of(LakeType::date), "0044-03-15 (BC)", std::nullopt),
        same(column_of(LakeType::date), "infinity", std::nullopt),
        same(column_of(LakeType::timestamp), "1970-01-01 00:00:01.5", int64_bound(1'500'000)),
        same(column_of(LakeType::timestamp), "1969-12-31 23:59:59.999999", int64_bound(-1)),
        same(column_of(LakeType::timestamptz), "2026-11-22 17:19:06+00",
             int64_bound(1'795'367'946'000'000)),
        same(column_of(LakeType::timestamptz), "2026-11-22 17:19:06+02", std::nullopt)));

INSTANTIATE_TEST_SUITE_P(
    Text, BoundsTest,
    testing::Values(same(column_of(LakeType::string), "", ""s),
                    same(column_of(LakeType::string), "sixteen chars ok", "sixteen chars ok"s),
                    Case{column_of(LakeType::string), "seventeen letters", "seventeen letter"s,
                         "seventeen lettes"s},
                    // Characters count, not bytes.
                    same(column_of(LakeType::string), "éééééééééééééééé", "éééééééééééééééé"s),
                    // The last code point has no successor: the one before it is raised.
                    Case{column_of(LakeType::string), "abcdefghijklmno\U0010ffff!",
                         "abcdefghijklmno\U0010ffff"s, "abcdefghijklmnp"s},
                    // The successor of U+D7FF is U+E000.
                    Case{column_of(LakeType::string), "abcdefghijklmno\uD7FF!",
                         "abcdefghijklmno\uD7FF"s, "abcdefghijklmno\uE000"s},
                    same(column_of(LakeType::string), "\xff\xfe", std::nullopt),
                    same(column_of(LakeType::binary), "00FF", "\0\xff"s),
                    same(column_of(LakeType::binary), "0", std::nullopt),
                    Case{column_of(LakeType::binary), "000102030405060708090A0B0C0D0EFF10",
                         "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xff"s,
                         "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xf"s},
                    Case{column_of(LakeType::binary), "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                         std::string(16, '\xff'), std::nullopt}));

TEST(IdsTest, AreRandomAndWellFormed) {
  const std::string a = new_uuid(), b = new_uuid();
  EXPECT_NE(a, b);
  ASSERT_EQ(a.size(), 36u);
  EXPECT_EQ(a[14], '7');
  EXPECT_LE(a.substr(0, 13), b.substr(0, 13));  // sorts by time
  for (int i = 0; i < 100; ++i) {
    const std::int64_t id = new_snapshot_id();
    EXPECT_GT(id, 0);
    EXPECT_LT(id, std::int64_t{1} << 53);
  }
}

}  // namespace
}  // namespace freshet
