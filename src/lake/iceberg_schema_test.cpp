#include "lake/iceberg_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet {
namespace {

LakeColumn column(std::string name, LakeType type, bool required = false) {
  return {.name = std::move(name), .type = type, .required = required};
}

LakeColumn decimal(int precision, int scale) {
  return {.name = "d",
          .type = LakeType::decimal,
          .precision = static_cast<std::uint8_t>(precision),
          .scale = static_cast<std::uint8_t>(scale)};
}

TEST(IcebergSchemaTest, TypeNamesGoThereAndBack) {
  for (int i = 0; i <= static_cast<int>(LakeType::binary); ++i) {
    LakeColumn one{.type = static_cast<LakeType>(i)};
    if (one.type == LakeType::decimal) one.precision = 12, one.scale = 2;
    EXPECT_EQ(type_of(iceberg_type(one)), one) << iceberg_type(one);
  }
  EXPECT_EQ(iceberg_type(decimal(12, 2)), "decimal(12, 2)");
  EXPECT_EQ(type_of("decimal(9,0)")->precision, 9);
  for (const auto* unknown : {"uuid", "fixed[4]", "timestamp_ns", "", "decimal(39, 0)",
                              "decimal(5, 6)", "decimal(5)", "decimal(5, 2)x"})
    EXPECT_EQ(type_of(unknown), std::nullopt) << unknown;
}

TEST(IcebergSchemaTest, FileColumnsHaveAvroNames) {
  const auto names = [](std::vector<std::string> columns) {
    IcebergSchema schema;
    for (std::string& name : columns)
      schema.fields.push_back({static_cast<std::int32_t>(schema.fields.size() + 1),
                               column(std::move(name), LakeType::string)});
    return file_column_names(schema);
  };
  EXPECT_THAT(names({"id", "body.who", "_op", "1st", "a b", "näme", "ж", "\U0001F600", "\"q\""}),
              testing::ElementsAre("id", "body_x2Ewho", "_op", "_1st", "a_x20b", "n_xE4me", "_x436",
                                   "_xD83D_xDE00", "_x22q_x22"));
  EXPECT_THAT(names({"a.b", "a_x2Eb", "A_X2EB"}),
              testing::ElementsAre("a_x2Eb", "a_x2Eb_2", "A_X2EB_3"));
}

TEST(IcebergSchemaTest, Promotions) {
  struct Case {
    LakeColumn from, to;
    bool allowed;
  };
  const auto of = [](LakeType type) { return column("c", type); };
  const Case cases[] = {
      {of(LakeType::int32), of(LakeType::int64), true},
      {of(LakeType::int64), of(LakeType::int32), false},
      {of(LakeType::float32), of(LakeType::float64), true},
      {of(LakeType::float64), of(LakeType::float32), false},
      {of(LakeType::string), of(LakeType::string), true},
      {of(LakeType::int32), of(LakeType::string), false},
      {of(LakeType::date), of(LakeType::timestamp), false},
      {decimal(10, 2), decimal(12, 2), true},
      {decimal(12, 2), decimal(10, 2), false},
      {decimal(10, 2), decimal(12, 3), false},
  };
  for (const Case& c : cases)
    EXPECT_EQ(can_promote(c.from, c.to), c.allowed)
        << iceberg_type(c.from) << " -> " << iceberg_type(c.to);
}

const LakeSchema kUsers = {
    .columns = {column("id", LakeType::int32, true), column("name", LakeType::string),
                column("age", LakeType::int32)},
    .key = {0}};

TEST(IcebergSchemaTest, FirstSchemaNumbersColumnsAndNamesTheKey) {
  const IcebergSchema schema = first_schema(kUsers);
  EXPECT_EQ(to_json(schema),
            R"({"type":"struct","schema-id":0,"identifier-field-ids":[1],"fields":[)"
            R"({"id":1,"name":"id","required":true,"type":"int"},)"
            R"({"id":2,"name":"name","required":false,"type":"string"},)"
            R"({"id":3,"name":"age","required":false,"type":"int"}]})");
  EXPECT_EQ(schema.find("age")->id, 3);
  EXPECT_EQ(schema.find(2)->column.name, "name");
  EXPECT_EQ(schema.find("none"), nullptr);
}

TEST(IcebergSchemaTest, KeysThatCannotIdentifyAreNotDeclared) {
  LakeSchema floats{.columns = {column("f", LakeType::float64, true)}, .key = {0}};
  EXPECT_TRUE(first_schema(floats).identifier_ids.empty());
  LakeSchema optional{.columns = {column("i", LakeType::int32)}, .key = {0}};
  EXPECT_TRUE(first_schema(optional).identifier_ids.empty());
}

TEST(IcebergSchemaTest, TwoColumnsOfOneNameAreRefused) {
  LakeSchema twice{.columns = {column("a", LakeType::int32), column("a", LakeType::string)}};
  EXPECT_THROW((void)first_schema(twice), Error);
}

TEST(IcebergSchemaTest, EvolutionKeepsIdsByNameAndNeverReusesThem) {
  const IcebergSchema first = first_schema(kUsers);
  EXPECT_EQ(evolve_schema(first, kUsers, 3), std::nullopt);

  LakeSchema next = kUsers;
  next.columns = {column("id", LakeType::int64, true), column("age", LakeType::string),
                  column("city", LakeType::string, true)};
  const auto evolved = evolve_schema(first, next, 3);
  ASSERT_TRUE(evolved);
  ASSERT_EQ(evolved->fields.size(), 3u);
  EXPECT_EQ(evolved->find("id")->id, 1);  // widened in place
  EXPECT_EQ(evolved->find("id")->column.type, LakeType::int64);
  EXPECT_TRUE(evolved->find("id")->column.required);
  EXPECT_EQ(evolved->find("age")->id, 4);  // another type is another column
  EXPECT_EQ(evolved->find("city")->id, 5);
  EXPECT_FALSE(evolved->find("city")->column.required);  // rows written before have none
  EXPECT_EQ(evolved->identifier_ids, std::vector<std::int32_t>{1});
  EXPECT_EQ(evolve_schema(*evolved, next, 5), std::nullopt);
}

TEST(IcebergSchemaTest, NewOrderIsAChange) {
  const IcebergSchema first = first_schema(kUsers);
  LakeSchema turned = kUsers;
  std::swap(turned.columns[1], turned.columns[2]);
  EXPECT_EQ(evolve_schema(first, turned, 3)->fields[1].id, 3);
}

TEST(IcebergSchemaTest, NameMappingQuotesNames) {
  LakeSchema odd{.columns = {column("a\"b", LakeType::int32)}};
  EXPECT_EQ(name_mapping_json(first_schema(odd)), R"([{"field-id":1,"names":["a\"b"]}])");
}

}  // namespace
}  // namespace freshet
