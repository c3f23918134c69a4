#include "pipeline/row_digest.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

const std::string kSecret(32, 's');

RowDigest digest_of(const LakeColumn& column, const Value& value,
                    const std::string& secret = kSecret) {
  return RowDigester(secret, {})
      .digest({.columns = {&column, 1}, .version = 1, .cells = {&value, 1}});
}

RowId one(LakeType type, const Value& value) {
  return digest_of({.name = "c", .type = type}, value).row;
}

Value text(std::string_view t) { return Value::of(ValueKind::text, t); }
Value decimal(std::string_view t) { return Value::of(ValueKind::decimal, t); }

TEST(RowDigest, SameValueInAnotherTypeIsTheSame) {
  EXPECT_EQ(one(LakeType::int32, Value::of_int(7)), one(LakeType::int64, Value::of_int(7)));
  EXPECT_EQ(one(LakeType::float32, Value::of_float(0.5F)),
            one(LakeType::float64, Value::of_double(0.5)));
  EXPECT_EQ(one(LakeType::decimal, decimal("12.50")), one(LakeType::decimal, decimal("12.5")));
  EXPECT_EQ(one(LakeType::decimal, decimal("12.00")), one(LakeType::decimal, decimal("12")));
}

TEST(RowDigest, DifferentValuesDiffer) {
  const std::vector<RowId> all{one(LakeType::int64, Value::of_int(7)),
                               one(LakeType::int64, Value::of_int(-7)),
                               one(LakeType::float64, Value::of_double(7)),
                               one(LakeType::decimal, decimal("7")),
                               one(LakeType::decimal, decimal("70")),
                               one(LakeType::string, text("7")),
                               one(LakeType::string, text("")),
                               one(LakeType::binary, Value::of(ValueKind::bytes, "7")),
                               one(LakeType::string, Value::null()),
                               one(LakeType::float64, Value::of_double(0.0)),
                               one(LakeType::float64, Value::of_double(-0.0))};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i], all[j]) << i << " and " << j;
}

TEST(RowDigest, ColumnsCountByName) {
  const Value value = Value::of_int(1);
  EXPECT_EQ(digest_of({.name = "Userid"}, value).row, digest_of({.name = "userid"}, value).row);
  EXPECT_NE(digest_of({.name = "a"}, value).row, digest_of({.name = "b"}, value).row);
}

TEST(RowDigest, IsKeyedWithTheSecret) {
  EXPECT_NE(digest_of({.name = "a"}, Value::of_int(1)).row,
            digest_of({.name = "a"}, Value::of_int(1), std::string(32, 't')).row);
}

TEST(RowDigest, FollowsNewColumns) {
  RowDigester digester(kSecret, {"id"});
  std::vector<LakeColumn> columns{{.name = "id", .type = LakeType::int64}};
  std::vector<Value> cells{Value::of_int(1)};
  const RowDigest before = digester.digest({.columns = columns, .version = 1, .cells = cells});
  columns.insert(columns.begin(), {.name = "new", .type = LakeType::string});
  cells.insert(cells.begin(), text("x"));
  const RowDigest after = digester.digest({.columns = columns, .version = 2, .cells = cells});
  EXPECT_EQ(before.key, after.key);
  EXPECT_NE(before.row, after.row);
}

TEST(RowDigest, KeyAsText) {
  RowDigester digester(kSecret, {"b", "a"});
  const std::vector<LakeColumn> columns{{.name = "a", .type = LakeType::string},
                                        {.name = "B", .type = LakeType::date}};
  const std::vector<Value> cells{text("say \"hi\""), Value::of_int(0)};
  EXPECT_EQ(digester.key_text({.columns = columns, .version = 1, .cells = cells}),
            R"({"B":"1970-01-01","a":"say \"hi\""})");
}

}  // namespace
}  // namespace freshet
