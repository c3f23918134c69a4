#include "source/chunk_query.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

Column column(std::string name, ColumnType type) {
  Column made;
  made.name = std::move(name);
  made.type = type;
  return made;
}

TableSchema schema_of(std::vector<Column> columns, std::vector<std::uint32_t> key) {
  return {.name = {"d", "t"}, .columns = std::move(columns), .key = std::move(key)};
}

TEST(KeyLiteral, KeepsEveryDigitAndCompareInTheColumnsOwnTerms) {
  const Column number = column("n", ColumnType::bigint);
  const Column text = column("s", ColumnType::varchar);
  const Column bytes = column("b", ColumnType::varbinary);
  EXPECT_EQ(key_literal(number, Value::of_int(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(key_literal(number, Value::of_uint(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(key_literal(text, Value::of(ValueKind::text, "it's")), "_utf8mb4 x'69742773'");
  EXPECT_EQ(key_literal(text, Value::of(ValueKind::text, "")), "_utf8mb4 x''");
  EXPECT_EQ(key_literal(bytes, Value::of(ValueKind::bytes, std::string_view("\0\xff", 2))),
            "x'00FF'");
  EXPECT_EQ(key_literal(number, Value::of(ValueKind::decimal, "-0.50")), "-0.50");
  EXPECT_EQ(key_literal(number, Value::of_float(0.1F)), "1.00000001490116119e-01");
}

TEST(KeyLiteral, WritesTemporalsAsQuotedText) {
  const Column at = column("t", ColumnType::datetime);
  EXPECT_EQ(key_literal(at, Value::of_int(pack_date(2024, 5, 0), ValueKind::date)), "'2024-05-00'");
  EXPECT_EQ(key_literal(at, Value::of_int(-1'500'000, ValueKind::time)), "'-00:00:01.500000'");
}

TEST(KeyLiteral, WritesEnumAndSetAsTheNumbersThatTheIndexOrdersThemBy) {
  Column kind = column("e", ColumnType::enumeration);
  kind.labels = {"z", "a"};
  EXPECT_EQ(key_literal(kind, Value::of(ValueKind::text, "a")), "2");
  EXPECT_EQ(key_literal(kind, Value::of(ValueKind::text, "")), "0");
  kind.type = ColumnType::set;
  EXPECT_EQ(key_literal(kind, Value::of(ValueKind::text, "z,a")), "3");
  EXPECT_EQ(key_literal(kind, Value::of(ValueKind::text, "")), "0");
  EXPECT_THROW((void)key_literal(kind, Value::of(ValueKind::text, "other")), Error);
}

TEST(KeyText, ReadsBackWhatItWrites) {
  const KeyLiterals key = {"-5", "_utf8mb4 x'00'", "'2024-01-01 00:00:00.000000'", "1.5e+38"};
  EXPECT_EQ(key_to_text({"1", "x'AB'"}), R"(["1","x'AB'"])");
  EXPECT_EQ(key_from_text(key_to_text(key)), key);
}

TEST(KeyText, RefusesWhatCouldBeOtherSql) {
  for (const char* text :
       {"", "[]", "1", "[1]", R"(["1)", R"(["1"]x)", R"(["1",])", R"(["1; DROP"])",
        R"(["1) OR (1"])", R"(["'open"])", R"(["/**/"])", R"(["a=b"])"})
    EXPECT_THROW((void)key_from_text(text), Error) << text;
}

TEST(SelectChunk, ExpandsACompositeKeyIntoRangesOfItsIndex) {
  const TableSchema schema =
      schema_of({column("v", ColumnType::integer), column("a", ColumnType::integer),
                 column("b`", ColumnType::integer)},
                {1, 2});
  EXPECT_EQ(
      select_chunk(schema, {}, 10),
      "SELECT `v`, `a`, `b``` FROM `d`.`t` FORCE INDEX (PRIMARY) ORDER BY `a`, `b``` LIMIT 10");
  EXPECT_EQ(select_chunk(schema, {.after = {"1", "2"}}, 10),
            "SELECT `v`, `a`, `b``` FROM `d`.`t` FORCE INDEX (PRIMARY) WHERE `a` >= 1 AND "
            "(`a` > 1 OR (`a` = 1 AND `b``` > 2)) ORDER BY `a`, `b``` LIMIT 10");
}

TEST(SelectChunk, EndsAtABoundAndKeepsToACondition) {
  const TableSchema schema =
      schema_of({column("a", ColumnType::integer), column("b", ColumnType::integer)}, {0, 1});
  EXPECT_EQ(select_chunk(schema, {.after = {}, .to = {"3", "4"}, .where = "a = 1 OR b = 2"}, 5),
            "SELECT `a`, `b` FROM `d`.`t` FORCE INDEX (PRIMARY) WHERE (a = 1 OR b = 2) AND "
            "`a` <= 3 AND (`a` < 3 OR (`a` = 3 AND `b` <= 4)) ORDER BY `a`, `b` LIMIT 5");
}

TEST(SelectKeyAt, CountsTheRowsOfTheKeyAlone) {
  const TableSchema schema =
      schema_of({column("v", ColumnType::integer), column("a", ColumnType::integer),
                 column("b", ColumnType::integer)},
                {2, 1});
  EXPECT_EQ(select_key_at(schema, {.after = {"1", "2"}, .to = {}, .where = "v = 7"}, 100),
            "SELECT `b`, `a` FROM `d`.`t` FORCE INDEX (PRIMARY) WHERE `b` >= 1 AND "
            "(`b` > 1 OR (`b` = 1 AND `a` > 2)) ORDER BY `b`, `a` LIMIT 1 OFFSET 99");
  const TableSchema key = key_columns(schema);
  EXPECT_EQ(key.columns[0].name, "b");
  EXPECT_EQ(key.columns[1].name, "a");
  EXPECT_EQ(key.key, (std::vector<std::uint32_t>{0, 1}));
}

TEST(CheckCondition, TakesOneExpression) {
  for (const std::string_view good :
       {"id > 7", "name = 'a;b#c--d/*' AND (x IN (1, 2))", "`odd)name` = \"it's\"",
        R"(name = 'a\'b)')", "name = 'it''s)'"})
    EXPECT_NO_THROW(check_condition(good)) << good;
}

TEST(CheckCondition, RefusesWhatWouldEscapeItsParentheses) {
  for (const std::string_view bad : {"1) UNION SELECT (1", "(1", "1; DROP TABLE t", "1 -- ",
                                     "1 # x", "1 /* x", "name = 'a", R"(name = 'a\')", "`a", ")("})
    EXPECT_THROW(check_condition(bad), Error) << bad;
}

TEST(SelectChunk, RefusesAKeyOfAnotherShape) {
  const TableSchema schema = schema_of({column("a", ColumnType::integer)}, {0});
  try {
    (void)select_chunk(schema, {.after = {"1", "2"}}, 10);
    FAIL() << "a key of two parts was taken for a key of one";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::lost_position);
  }
}

TEST(KeyOfImage, FollowsKeyOrderNotColumnOrder) {
  const TableSchema schema =
      schema_of({column("a", ColumnType::integer), column("b", ColumnType::integer)}, {1, 0});
  Bytes image;
  put_value(image, Value::of_int(1));
  put_value(image, Value::of_int(2));
  EXPECT_EQ(key_of_image(schema, image), (KeyLiterals{"2", "1"}));
}

}  // namespace
}  // namespace freshet
