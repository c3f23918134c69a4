#include "pipeline/dms_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

using testing::HasSubstr;

TableMapping parse(const std::string& rules) {
  return parse_dms_mapping("{\"rules\":[" + rules + "]}", "mappings.json");
}

std::string reason_of(const std::string& rules) {
  try {
    (void)parse(rules);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
  return "nothing was refused";
}

constexpr std::string_view kAll =
    R"({"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
        "object-locator":{"schema-name":"shop","table-name":"%"}})";

std::string with_all(std::string_view rule) { return std::string(kAll) + "," + std::string(rule); }

SchemaPtr users() {
  auto schema = std::make_shared<TableSchema>();
  schema->name = {"shop", "users"};
  schema->columns = {{.name = "id", .type = ColumnType::integer},
                     {.name = "FIRST", .type = ColumnType::varchar, .length = 30},
                     {.name = "LAST", .type = ColumnType::varchar, .length = 30},
                     {.name = "secret_a", .type = ColumnType::text}};
  schema->key = {0};
  return schema;
}

std::vector<std::string> columns_of(const TablePlan& plan) {
  std::vector<std::string> names;
  for (const Column& column : plan.schema->columns) names.push_back(column.name);
  return names;
}

TEST(DmsMapping, Selects) {
  const TableMapping mapping = parse(R"(
    {"rule-type":"selection","rule-id":1,"rule-name":"a","rule-action":"include","load-order":"2",
     "object-locator":{"schema-name":"shop%","table-name":"%"}},
    {"rule-type":"selection","rule-id":2,"rule-name":"b","rule-action":"exclude",
     "object-locator":{"schema-name":"shop","table-name":"tmp[_]%"},"filters":[]},
    {"rule-type":"selection","rule-id":3,"rule-name":"c","rule-action":"explicit",
     "object-locator":{"schema-name":"crm","table-name":"a%b"}})");
  EXPECT_TRUE(mapping.selects({"shop2", "users"}));
  EXPECT_FALSE(mapping.selects({"shop", "tmp_x"}));
  EXPECT_TRUE(mapping.selects({"shop", "tmpx"}));
  EXPECT_TRUE(mapping.selects({"crm", "a%b"}));
  EXPECT_FALSE(mapping.selects({"crm", "axb"}));
  EXPECT_EQ(mapping.load_order({"shop", "users"}), 2);
  EXPECT_EQ(mapping.load_order({"crm", "a%b"}), 0);
}

struct FilterCase {
  std::string_view condition, sql;
};

class DmsFilter : public testing::TestWithParam<FilterCase> {};
TEST_P(DmsFilter, BecomesSql) {
  const TableMapping mapping = parse(fmt::format(
      R"({{"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
          "object-locator":{{"schema-name":"shop","table-name":"users"}},
          "filters":[{{"filter-type":"source","column-name":"ID","filter-conditions":[{}]}}]}})",
      GetParam().condition));
  const TablePlan plan = mapping.plan_for(users());
  ASSERT_TRUE(plan.filter);
  EXPECT_EQ(plan.filter->expression.sql, GetParam().sql);
  EXPECT_TRUE(mapping.changes_anything());
}
INSTANTIATE_TEST_SUITE_P(
    All, DmsFilter,
    testing::Values(
        FilterCase{R"({"filter-operator":"eq","value":"5"})", R"(( ( ( "id" = '5' ) ) ))"},
        FilterCase{R"({"filter-operator":"ste","value":5})", R"(( ( ( "id" <= '5' ) ) ))"},
        FilterCase{R"({"filter-operator":"gte","value":"it's"})", R"(( ( ( "id" >= 'it''s' ) ) ))"},
        FilterCase{R"({"filter-operator":"between","start-value":"1","end-value":"9"},
                      {"filter-operator":"null"})",
                   R"(( ( ( "id" between '1' and '9' or "id" is null ) ) ))"},
        FilterCase{R"({"filter-operator":"noteq","value":"5"})", R"(( ( ( "id" <> '5' ) ) ))"},
        FilterCase{R"({"filter-operator":"notnull"})", R"(( ( ( "id" is not null ) ) ))"}));

struct NameCase {
  std::string_view rule;
  std::string target;
  std::vector<std::string> columns;
};

class DmsTransformation : public testing::TestWithParam<NameCase> {};
TEST_P(DmsTransformation, Names) {
  const TableMapping mapping = parse(with_all(fmt::format(
      R"({{"rule-type":"transformation","rule-id":"2","rule-name":"2",{}}})", GetParam().rule)));
  const TablePlan plan = mapping.plan_for(users());
  EXPECT_EQ(plan.schema->name.qualified(), GetParam().target);
  EXPECT_EQ(columns_of(plan), GetParam().columns);
  EXPECT_EQ(plan.schema->key, std::vector<std::uint32_t>{0});
}
const std::vector<std::string> kSame{"id", "FIRST", "LAST", "secret_a"};
constexpr std::string_view kTable =
    R"("object-locator":{"schema-name":"shop","table-name":"users"})";
INSTANTIATE_TEST_SUITE_P(
    All, DmsTransformation,
    testing::Values(
        NameCase{R"("rule-target":"schema","rule-action":"rename","value":"crm",
                    "object-locator":{"schema-name":"shop"})",
                 "crm.users", kSame},
        NameCase{R"("rule-target":"table","rule-action":"rename","value":"people",
                    "object-locator":{"schema-name":"shop","table-name":"users"})",
                 "shop.people", kSame},
        NameCase{R"("rule-target":"table","rule-action":"convert-uppercase",
                    "object-locator":{"schema-name":"shop","table-name":"%"})",
                 "shop.USERS", kSame},
        NameCase{
            R"("rule-target":"table","rule-action":"replace-prefix","value":"lo","old-value":"us",
                    "object-locator":{"schema-name":"shop","table-name":"%"})",
            "shop.loers", kSame},
        NameCase{R"("rule-target":"column","rule-action":"convert-lowercase",
                    "object-locator":{"schema-name":"shop","table-name":"%","column-name":"%"})",
                 "shop.users",
                 {"id", "first", "last", "secret_a"}},
        NameCase{R"("rule-target":"column","rule-action":"add-suffix","value":"_x",
                    "object-locator":{"schema-name":"shop","table-name":"%","column-name":"%ST"})",
                 "shop.users",
                 {"id", "FIRST_x", "LAST_x", "secret_a"}},
        NameCase{R"("rule-target":"column","rule-action":"remove-prefix","value":"secret_",
                    "object-locator":{"schema-name":"shop","table-name":"%","column-name":"%"})",
                 "shop.users",
                 {"id", "FIRST", "LAST", "a"}},
        NameCase{R"("rule-target":"column","rule-action":"remove-column",
                    "object-locator":{"schema-name":"shop","table-name":"%","column-name":"secret[_]%"})",
                 "shop.users",
                 {"id", "FIRST", "LAST"}},
        NameCase{R"("rule-target":"column","rule-action":"include-column",
                    "object-locator":{"schema-name":"shop","table-name":"users","column-name":"_d"})",
                 "shop.users",
                 {"id"}},
        NameCase{R"("rule-target":"column","rule-action":"add-column","value":"name",
                    "expression":"$FIRST||' '||$LAST","data-type":{"type":"string","length":61},
                    "object-locator":{"schema-name":"shop","table-name":"users"})",
                 "shop.users",
                 {"id", "FIRST", "LAST", "secret_a", "name"}}));

TEST(DmsMapping, ObjectMappingLeavesOutColumnsAndNamesTheTable) {
  const TablePlan plan =
      parse(with_all(R"({"rule-type":"object-mapping","rule-id":"2","rule-name":"2",
      "rule-action":"map-record-to-record","target-table-name":"people",
      "object-locator":{"schema-name":"shop","table-name":"users"},
      "mapping-parameters":{"partition-key-type":"primary-key","exclude-columns":["FIRST","LAST"]}})"))
          .plan_for(users());
  EXPECT_EQ(plan.schema->name.qualified(), "shop.people");
  EXPECT_EQ(columns_of(plan), (std::vector<std::string>{"id", "secret_a"}));
}

TEST(DmsMapping, ChangesTypes) {
  const TablePlan plan =
      parse(with_all(R"({"rule-type":"transformation","rule-id":"2","rule-name":"2",
      "rule-target":"column","rule-action":"change-data-type",
      "object-locator":{"schema-name":"shop","table-name":"users","column-name":"FIRST"},
      "data-type":{"type":"numeric","precision":"10","scale":"2"}})"))
          .plan_for(users());
  EXPECT_EQ(plan.schema->columns[1].type, ColumnType::decimal);
  EXPECT_EQ(plan.schema->columns[1].length, 10U);
  EXPECT_EQ(plan.columns[1].made->expression.sql, R"(CAST(("FIRST") AS DECIMAL(10,2)))");
}

struct RefusedCase {
  std::string_view rule, reason;
};

class DmsRefused : public testing::TestWithParam<RefusedCase> {};
TEST_P(DmsRefused, ByRuleId) {
  const std::string reason = reason_of(with_all(GetParam().rule));
  EXPECT_THAT(reason, HasSubstr(std::string(GetParam().reason)));
  EXPECT_THAT(reason, HasSubstr("mappings.json: rule 7"));
}
INSTANTIATE_TEST_SUITE_P(
    All, DmsRefused,
    testing::Values(
        RefusedCase{R"({"rule-type":"dance","rule-id":"7"})", "no rule-type dance"},
        RefusedCase{R"({"rule-type":"table-settings","rule-id":"7"})", "table-settings"},
        RefusedCase{R"({"rule-type":"selection","rule-id":"7","rule-action":"include"})",
                    "object-locator is missing"},
        RefusedCase{R"({"rule-type":"selection","rule-id":"7","rule-action":"include","extra":1,
                        "object-locator":{"schema-name":"s","table-name":"t"}})",
                    "extra"},
        RefusedCase{R"({"rule-type":"selection","rule-id":"7","rule-action":"include",
                        "object-locator":{"schema-name":"s","table-name":"t","table-type":"view"}})",
                    "table-type view"},
        RefusedCase{R"({"rule-type":"selection","rule-id":"7","rule-action":"include",
                        "object-locator":{"schema-name":"s","table-name":"t"},
                        "filters":[{"filter-type":"source","column-name":"c","filter-conditions":
                        [{"filter-operator":"like","value":"x"}]}]})",
                    "no filter-operator like"},
        RefusedCase{R"({"rule-type":"selection","rule-id":"7","rule-action":"include",
                        "object-locator":{"schema-name":"s","table-name":"t"},
                        "filters":[{"filter-type":"source","column-name":"c","filter-conditions":
                        [{"filter-operator":"noteq","value":"x"},{"filter-operator":"notnull"}]}]})",
                    "several of noteq"},
        RefusedCase{R"({"rule-type":"transformation","rule-id":"7","rule-target":"column",
                        "rule-action":"data-masking-digits-randomize","object-locator":
                        {"schema-name":"s","table-name":"t","column-name":"c"}})",
                    "hash"},
        RefusedCase{R"({"rule-type":"transformation","rule-id":"7","rule-target":"table",
                        "rule-action":"rename","object-locator":{"schema-name":"s","table-name":"t"}})",
                    "value is missing"},
        RefusedCase{R"({"rule-type":"transformation","rule-id":"7","rule-target":"column",
                        "rule-action":"add-column","value":"x","expression":"1",
                        "data-type":{"type":"hologram"},
                        "object-locator":{"schema-name":"s","table-name":"t"}})",
                    "hologram"},
        RefusedCase{R"({"rule-type":"object-mapping","rule-id":"7","rule-action":
                        "map-record-to-document","object-locator":{"schema-name":"s","table-name":"t"}})",
                    "map-record-to-document"},
        RefusedCase{R"({"rule-type":"object-mapping","rule-id":"7","rule-action":
                        "map-record-to-record","object-locator":{"schema-name":"s","table-name":"t"},
                        "mapping-parameters":{"partition-key-type":"attribute-name"}})",
                    "partition-key-type attribute-name"}));

TEST(DmsMapping, RefusesTheFile) {
  EXPECT_THAT(reason_of(""), HasSubstr("no selection rule includes"));
  EXPECT_THAT(reason_of(std::string(kAll) + "," + std::string(kAll)), HasSubstr("same rule-id"));
  EXPECT_THROW((void)parse_dms_mapping("[1", "m"), Error);
  EXPECT_THROW((void)parse_dms_mapping("{}", "m"), Error);
}

struct PlanCase {
  std::string_view rule, reason;
};

class DmsMisfit : public testing::TestWithParam<PlanCase> {};
TEST_P(DmsMisfit, IsToldForTheTable) {
  const TableMapping mapping = parse(with_all(
      fmt::format(R"({{"rule-type":"transformation","rule-id":"7","rule-target":"column",{}}})",
                  GetParam().rule)));
  try {
    (void)mapping.plan_for(users());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::string(GetParam().reason)));
  }
}
INSTANTIATE_TEST_SUITE_P(
    All, DmsMisfit,
    testing::Values(PlanCase{R"("rule-action":"remove-column","object-locator":
                    {"schema-name":"shop","table-name":"users","column-name":"id"})",
                             "primary key"},
                    PlanCase{R"("rule-action":"rename","value":"LAST","object-locator":
                    {"schema-name":"shop","table-name":"users","column-name":"FIRST"})",
                             "two columns the name"},
                    PlanCase{R"~("rule-action":"add-column","value":"x","expression":"random()",
                    "data-type":{"type":"int8"},"object-locator":
                    {"schema-name":"shop","table-name":"users"})~",
                             "rule 7: table shop.users: the function random()"},
                    PlanCase{R"("rule-action":"add-column","value":"x","expression":"$NOPE",
                    "data-type":{"type":"int8"},"object-locator":
                    {"schema-name":"shop","table-name":"users"})",
                             "no column $NOPE"}));

}  // namespace
}  // namespace freshet
