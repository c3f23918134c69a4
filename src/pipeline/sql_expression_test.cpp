#include "pipeline/sql_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

using testing::HasSubstr;

std::optional<std::string> column(std::string_view name) {
  if (name == "id" || name == "ID") return "id";
  if (name == "FIRST" || name == "first") return "first";
  if (name == "odd \"name") return "odd \"name";
  return std::nullopt;
}

SqlExpression parse(std::string_view text, ExpressionDialect dialect = ExpressionDialect::sql) {
  return SqlExpression::parse(text, dialect, column);
}

struct Good {
  std::string_view text, sql;
};

class SqlDialect : public testing::TestWithParam<Good> {};
TEST_P(SqlDialect, IsTranslated) { EXPECT_EQ(parse(GetParam().text).sql, GetParam().sql); }
INSTANTIATE_TEST_SUITE_P(
    All, SqlDialect,
    testing::Values(
        Good{"id > 5", R"("id" > 5)"}, Good{"ID<>-1.5e-3", R"("id" <> - 1.5e-3)"},
        Good{"`first` LIKE 'a''b%'", R"("first" like 'a''b%')"},
        Good{"\"odd \"\"name\" IS NOT NULL", R"("odd ""name" is not null)"},
        Good{"id IN (1,2) AND NOT first = ''", R"("id" in ( 1 , 2 ) and not "first" = '')"},
        Good{"id >= DATE '2026-01-02'", R"("id" >= date '2026-01-02')"},
        Good{"CAST(id AS varchar) = upper(first)",
             R"(cast ( "id" as varchar ) = upper ( "first" ))"},
        Good{"length(first) BETWEEN 1 AND 3", R"(length ( "first" ) between 1 and 3)"}));

class DmsDialect : public testing::TestWithParam<Good> {};
TEST_P(DmsDialect, IsTranslated) {
  EXPECT_EQ(parse(GetParam().text, ExpressionDialect::dms).sql, GetParam().sql);
}
INSTANTIATE_TEST_SUITE_P(All, DmsDialect,
                         testing::Values(Good{"$FIRST||' '||$id", R"("first" || ' ' || "id")"},
                                         Good{"CASE WHEN $id > 1 THEN 'x' ELSE NULL END",
                                              R"(case when "id" > 1 then 'x' else null end)"},
                                         Good{"datetime($FIRST)",
                                              R"(freshet_datetime ( "first" ))"},
                                         Good{"max($id, 3)", R"(freshet_max ( "id" , 3 ))"}));

struct Bad {
  std::string_view text, reason;
};

class Refused : public testing::TestWithParam<Bad> {};
TEST_P(Refused, ByName) {
  try {
    (void)parse(GetParam().text);
    FAIL() << GetParam().text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_THAT(error.what(), HasSubstr(std::string(GetParam().reason)));
  }
}
INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(Bad{"random() > 1", "random()"}, Bad{"nothing = 1", "no column nothing"},
                    Bad{"read_csv('x')", "read_csv()"}, Bad{"id = 1; DROP TABLE x", "character ;"},
                    Bad{"(SELECT 1)", "no column SELECT"}, Bad{"id = 1 -- x", "character -"},
                    Bad{"id = 'x", "quote is not closed"}, Bad{"(id = 1", "not closed"},
                    Bad{"id = 1)", "too many"}, Bad{" ", "empty"}, Bad{"$id = 1", "$id"},
                    Bad{"id = $1", "$1"}, Bad{"id = current_timestamp", "current_timestamp"}));

TEST(SqlExpression, DmsWantsDollars) {
  EXPECT_THROW((void)parse("FIRST", ExpressionDialect::dms), Error);
  EXPECT_THROW((void)parse("$AR_H_USER", ExpressionDialect::dms), Error);
}

TEST(SqlExpression, TellsItsColumns) {
  EXPECT_EQ(parse("id + id > length(first)").columns, (std::vector<std::string>{"id", "first"}));
}

}  // namespace
}  // namespace freshet
