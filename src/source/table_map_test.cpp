#include "source/table_map.h"

#include <gtest/gtest.h>

#include "source/schema_tracker.h"
#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

const LogCoordinate kHere{"bin.000001", 4};

// (id int, u int unsigned, f float unsigned, d decimal(5,2), y year, v varchar(10) latin1, t text
// utf8mb4, b varbinary(3), ch char(3) gbk, e enum('a','b') latin1, s set('x','y'), g point, bi
// bit(3), j json, ve vector(2), inv int invisible, primary key(id,v(3))) with FULL metadata.
Bytes full_map(bool mariadb) {
  Bytes types = hex("03 03 04 f6 0d 0f fc 0f fe fe fe ff 10 f5 f2 03");
  Bytes meta = hex("04 0502 0a00 02 0300 fe06 f701 f801 04 0300 04 04");
  Bytes optional = hex("01 01 68");
  std::vector<std::string> names = {"id", "u", "f", "d", "y",  "v", "t",  "b",
                                    "ch", "e", "s", "g", "bi", "j", "ve", "inv"};
  if (mariadb) {
    types = hex("03 03 04 f6 0d 0f fc 0f fe fe fe ff 10 fc 03");
    meta = hex("04 0502 0a00 02 0300 fe06 f701 f801 04 0300 04");
    names.erase(names.begin() + 14);
    optional += hex("03 06 08 2d 3f 1c 3f 2e");
  } else {
    optional += hex("03 07 08 fcff00 3f 1c 3f");
  }
  optional += hex("07 01 01");
  Bytes name_list;
  for (const std::string& name : names) put_text(name_list, name);
  optional += hex("04");
  put_text(optional, name_list);
  optional += mariadb ? hex("0a 01 08") : hex("0b 04 08 fcff00");
  optional += hex("05 05 02 0178 0179 06 05 02 0161 0162 09 04 0000 0503");
  if (!mariadb) optional += hex("0c 02 fffe 0d 01 02");
  return test::table_map_body(types, meta, optional);
}

TEST(TableMap, ReadsMinimalMetadata) {
  const TableMap map = parse_table_map(
      hex("6d0000000000 0100 01 7000 01 7400 02 030f 02 5000 02 010100 0203fcff00"), false);
  EXPECT_EQ(map.id, 0x6dU);
  EXPECT_EQ(map.name.qualified(), "p.t");
  EXPECT_FALSE(map.has_names);
  ASSERT_EQ(map.columns.size(), 2U);
  EXPECT_EQ(map.columns[0].is_unsigned, false);
  EXPECT_FALSE(map.columns[0].nullable);
  EXPECT_EQ(map.columns[1].length, 80U);
  EXPECT_EQ(map.columns[1].collation, 255U);
  EXPECT_TRUE(map.columns[1].nullable);
}

TEST(TableMap, ReadsNoMetadata) {
  const TableMap map =
      parse_table_map(hex("120000000000 0100 01 7000 01 7400 02 030f 02 1400 02"), true);
  EXPECT_EQ(map.columns[0].is_unsigned, std::nullopt);
  EXPECT_EQ(map.columns[1].collation, std::nullopt);
}

TEST(TableMap, ReadsFullMetadata) {
  for (const bool mariadb : {false, true}) {
    SchemaTracker tracker;
    const TableMap map = parse_table_map(full_map(mariadb), mariadb);
    const ResolvedTable table = tracker.resolve(map, kHere);
    const std::string json = mariadb ? "j longtext(4294967295)" : "j json, ve vector";
    EXPECT_EQ(test::show_schema(*table.schema),
              "(id int, u int unsigned, f float unsigned, d decimal(5).2, y year, v varchar(10), t "
              "text(65535), "
              "b varbinary(3), ch char(3), e enum 'a' 'b', s set 'x' 'y', g geometry, bi bit(3), " +
                  json + ", inv int; key id v)");
    EXPECT_TRUE(table.changed);
    EXPECT_EQ(table.charsets[8], table.charsets.at(8));
    EXPECT_FALSE(tracker.resolve(map, kHere).changed);
  }
}

TEST(TableMap, SurvivesDamage) {
  for (const bool mariadb : {false, true}) {
    const Bytes whole = full_map(mariadb);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      try {
        static_cast<void>(parse_table_map(std::string_view(whole).substr(0, size), mariadb));
      } catch (const Error&) {
      }
    }
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      Bytes bytes = whole;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      try {
        SchemaTracker tracker;
        static_cast<void>(tracker.resolve(parse_table_map(bytes, mariadb), kHere));
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace freshet
