#include "lake/table_scan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lake/lake_test_support.h"
#include "lake/mirror_writer.h"

namespace freshet {
namespace {

std::vector<std::string> names_in(TableScan& scan) {
  std::vector<std::string> names;
  scan.read([&](std::span<const Value> cells) { names.emplace_back(cells[1].text); });
  std::ranges::sort(names);
  return names;
}

TEST(TableScan, KeepsTheMomentItWasMadeIn) {
  LakeFolder folder;
  MirrorWriter writer(folder.lake(), "people", people_schema(true));
  writer.insert(row_id(1), person(1, "Ann", 30));
  writer.insert(row_id(2), person(2, "Bob", 40));
  writer.commit({.stream_offset = 2});
  writer.remove(row_id(1));
  writer.insert(row_id(3), person(3, "a name longer than twelve", 50));
  writer.publish();
  TableScan scan(folder.lake(), "people", {});
  writer.truncate();
  writer.commit({.stream_offset = 5});
  EXPECT_EQ(names_in(scan), (std::vector<std::string>{"Bob", "a name longer than twelve"}));
  TableScan later(folder.lake(), "people", {});
  EXPECT_TRUE(names_in(later).empty());
}

TEST(TableScan, GivesEveryTypeAsItWasWritten) {
  LakeFolder folder;
  LakeSchema schema{.source = {"shop", "all"}, .columns = {}, .key = {}};
  std::vector<Value> cells;
  const auto add = [&](std::string name, LakeType type, const Value& value, int precision = 0,
                       int scale = 0) {
    schema.columns.push_back({.name = std::move(name),
                              .type = type,
                              .precision = static_cast<std::uint8_t>(precision),
                              .scale = static_cast<std::uint8_t>(scale)});
    cells.push_back(value);
  };
  add("flag", LakeType::boolean, Value::of_int(1));
  add("small", LakeType::int32, Value::of_int(-7));
  add("big", LakeType::int64, Value::of_int(INT64_MIN));
  add("real", LakeType::float32, Value::of_float(0.1F));
  add("double", LakeType::float64, Value::of_double(-0.0));
  add("d4", LakeType::decimal, Value::of(ValueKind::decimal, "-12.50"), 4, 2);
  add("d9", LakeType::decimal, Value::of(ValueKind::decimal, "0.000000001"), 9, 9);
  add("d18", LakeType::decimal, Value::of(ValueKind::decimal, "999999999999999999"), 18, 0);
  add("d38", LakeType::decimal,
      Value::of(ValueKind::decimal, "-12345678901234567890123456789012345.678"), 38, 3);
  add("day", LakeType::date, Value::of_int(-1));
  add("at", LakeType::timestamp, Value::of_int(-1));
  add("atz", LakeType::timestamptz, Value::of_int(1'700'000'000'000'001));
  add("text", LakeType::string, Value::of(ValueKind::text, "ä\0b"));
  add("long", LakeType::string, Value::of(ValueKind::text, "more than twelve bytes"));
  add("raw", LakeType::binary, Value::of(ValueKind::bytes, std::string_view("\0\xff", 2)));
  add("nothing", LakeType::string, Value::null());
  MirrorWriter writer(folder.lake(), "all", schema);
  writer.insert(row_id(1), cells);
  writer.publish();
  const auto expect_all = [&] {
    TableScan scan(folder.lake(), "all", {});
    ASSERT_EQ(scan.columns(), schema.columns);
    std::size_t rows = 0;
    scan.read([&](std::span<const Value> found) {
      ++rows;
      for (std::size_t i = 0; i < cells.size(); ++i)
        EXPECT_TRUE(found[i] == cells[i]) << schema.columns[i].name;
    });
    EXPECT_EQ(rows, 1U);
  };
  expect_all();  // hot
  writer.commit({.stream_offset = 1});
  expect_all();  // from Parquet
}

TEST(TableScan, TakesAMissingTableForAnEmptyOne) {
  LakeFolder folder;
  TableScan scan(folder.lake(), "nobody", {});
  EXPECT_TRUE(scan.columns().empty());
  EXPECT_TRUE(names_in(scan).empty());
}

}  // namespace
}  // namespace freshet
