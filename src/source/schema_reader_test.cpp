#include "source/schema_reader.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

using Labels = std::vector<std::string>;

TEST(ParseLabels, UndoesQuotesAndEscapes) {
  EXPECT_EQ(parse_labels("enum('a')"), (Labels{"a"}));
  EXPECT_EQ(parse_labels("set('a','it''s','x,y','中','')"), (Labels{"a", "it's", "x,y", "中", ""}));
  EXPECT_EQ(parse_labels(R"(enum('b\\c','l\nr','(a)'))"), (Labels{"b\\c", "l\nr", "(a)"}));
  EXPECT_EQ(parse_labels("enum('''')"), (Labels{"'"}));
}

TEST(ParseLabels, RefusesOtherText) {
  for (const char* text : {"", "enum", "enum(", "enum()", "enum('a", "enum('a'", "enum('a',)",
                           "enum(a)", "enum('a' 'b')", "enum('a\\"})
    EXPECT_THROW((void)parse_labels(text), Error) << text;
}

TEST(ColumnFrom, TakesLengthAndScaleByType) {
  const Column text = column_from({.name = "s", .data_type = "varchar", .characters = 30});
  EXPECT_EQ(text.type, ColumnType::varchar);
  EXPECT_EQ(text.length, 30U);
  const Column money = column_from({.name = "m",
                                    .data_type = "decimal",
                                    .column_type = "decimal(20,4) unsigned zerofill",
                                    .precision = 20,
                                    .scale = 4});
  EXPECT_EQ(money.length, 20U);
  EXPECT_EQ(money.scale, 4);
  EXPECT_TRUE(money.is_unsigned);
  const Column at = column_from({.name = "t", .data_type = "timestamp", .fraction = 6});
  EXPECT_EQ(at.scale, 6);
  EXPECT_EQ(at.length, 0U);
  const Column count =
      column_from({.name = "i", .data_type = "int", .column_type = "int(11)", .precision = 10});
  EXPECT_EQ(count.length, 0U);
  EXPECT_FALSE(count.is_unsigned);
  EXPECT_EQ(column_from({.name = "b", .data_type = "bit", .precision = 64}).length, 64U);
}

TEST(ColumnFrom, AnEnumWhoseLabelSaysUnsignedIsNotUnsigned) {
  const Column kind =
      column_from({.name = "e", .data_type = "enum", .column_type = "enum('an unsigned one')"});
  EXPECT_FALSE(kind.is_unsigned);
  EXPECT_EQ(kind.labels, (Labels{"an unsigned one"}));
}

TEST(ColumnFrom, KnowsMariaDbJsonByItsCheck) {
  ColumnFacts facts{.name = "j", .data_type = "longtext", .characters = 4294967295};
  EXPECT_EQ(column_from(facts).type, ColumnType::longtext);
  facts.json_check = true;
  EXPECT_EQ(column_from(facts).type, ColumnType::json);
  EXPECT_EQ(column_from(facts).length, 0U);
}

TEST(ColumnFrom, CallsAllShapesGeometry) {
  for (const char* type : {"geometry", "point", "multipolygon", "geomcollection"})
    EXPECT_EQ(column_from({.name = "g", .data_type = type}).type, ColumnType::geometry) << type;
}

TEST(ColumnFrom, NamesTheTypeItCannotCarry) {
  try {
    (void)column_from({.name = "x", .data_type = "xmltype", .column_type = "xmltype"});
    FAIL() << "an unknown type was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_STREQ(error.what(), "column x has type xmltype, which Freshet does not carry");
  }
}

}  // namespace
}  // namespace freshet
