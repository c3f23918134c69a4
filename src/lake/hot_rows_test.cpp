#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

#include "lake/decimal_text.h"
#include "lake/delete_map.h"
#include "lake/hot_rows.h"
#include "lake/iceberg_schema.h"
#include "lake/lake_test_support.h"
#include "lake/row_map.h"
#include "lake/table_versions.h"

namespace freshet {
namespace {

TEST(RowMap, AgreesWithAMap) {
  RowMap map;
  std::unordered_map<std::uint64_t, std::uint32_t> expected;
  std::mt19937_64 random(3);
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    const std::uint64_t key = random() % 5000;
    if (random() % 3 == 0) {
      map.erase(row_id(key));
      expected.erase(key);
    } else {
      map.set(row_id(key), i);
      expected[key] = i;
    }
  }
  EXPECT_EQ(map.size(), expected.size());
  for (std::uint64_t key = 0; key < 5000; ++key) {
    const auto at = expected.find(key);
    const auto found = map.find(row_id(key));
    ASSERT_EQ(found.has_value(), at != expected.end());
    if (found) {
      EXPECT_EQ(*found, at->second);
    }
  }
  map.clear();
  EXPECT_FALSE(map.find(row_id(1)));
}

TEST(DeadRows, FrozenStatesDoNotChange) {
  DeadRows dead;
  EXPECT_EQ(dead.freeze(), nullptr);
  EXPECT_TRUE(dead.add(5));
  EXPECT_FALSE(dead.add(5));
  const auto frozen = dead.freeze();
  dead.add(6);
  EXPECT_TRUE(frozen->contains(5));
  EXPECT_FALSE(frozen->contains(6));
  EXPECT_EQ(dead.size(), 2u);
}

TEST(TableVersions, FreesAVersionWhenNoPinIsOlderThanItsEnd) {
  TableVersions versions;
  const auto first = versions.add({});
  auto early = std::make_unique<TableVersions::Pin>(versions.pin());
  const auto second = versions.add({});
  versions.retire(first);
  auto late = std::make_unique<TableVersions::Pin>(versions.pin());
  EXPECT_TRUE(versions.find(first));
  early.reset();
  EXPECT_FALSE(versions.find(first));
  versions.retire(second);
  EXPECT_TRUE(versions.find(second));
  late.reset();
  EXPECT_EQ(versions.size(), 0u);
}

class HotRowsOfPeople : public ::testing::Test {
 protected:
  void append(std::int64_t from, std::int64_t to) {
    for (std::int64_t id = from; id < to; ++id)
      people.append({}, person(id, fmt::format("a name that is longer than twelve {}", id), id));
  }
  // What a query of the snapshot gives.
  std::vector<std::string> of(std::shared_ptr<const HotSnapshot> snapshot,
                              std::shared_ptr<const RowSet> dead = nullptr,
                              const std::string& what = "count(*), sum(c1), min(c2), max(c2)") {
    const ScopedVersion version(folder.lake().versions(),
                                {.dead = {}, .hot = std::move(snapshot), .hot_dead = dead});
    return folder.rows(fmt::format("SELECT {} FROM freshet_hot({})", what, version.number()));
  }

  LakeFolder folder;
  HotRows people{"people", first_schema(people_schema(true))};
};

TEST_F(HotRowsOfPeople, SnapshotsStayAsTheyWere) {
  EXPECT_EQ(people.snapshot(), nullptr);
  append(0, 3000);
  const auto before = people.snapshot();
  append(3000, 9000);
  people.append({}, std::vector<Value>{Value::of_int(9000), Value::null(), Value::null()});
  const auto after = people.snapshot();
  people.clear();
  append(0, 100);
  EXPECT_EQ(of(before), std::vector<std::string>{
                            "3000|4498500|a name that is longer than twelve 0|a name that is "
                            "longer than twelve 999"});
  EXPECT_EQ(of(after), std::vector<std::string>{
                           "9001|40504500|a name that is longer than twelve 0|a name that is "
                           "longer than twelve 999"});
  EXPECT_EQ(of(after, nullptr, "count(*) FILTER (c2 IS NULL), max(c3)"),
            std::vector<std::string>{"1|8999"});
}

TEST_F(HotRowsOfPeople, DeadRowsAreNotGiven) {
  append(0, 6000);
  DeadRows dead;
  dead.add(5);
  dead.add_range(2048, 4096);  // a whole block
  dead.add(5999);
  EXPECT_EQ(of(people.snapshot(), dead.freeze(), "count(*), min(c1), max(c1)"),
            std::vector<std::string>{"3950|0|5998"});
  EXPECT_TRUE(of(people.snapshot(), dead.freeze(), "c1").size() == 3950);
}

TEST_F(HotRowsOfPeople, KeepTheirPlacesInOtherColumns) {
  append(0, 2500);
  IcebergSchema schema = first_schema(people_schema(true));
  schema.fields[2].column.type = LakeType::int64;
  schema.fields.erase(schema.fields.begin() + 1);
  schema.fields.push_back({.id = 9, .column = {.name = "vip", .type = LakeType::boolean}});
  DuckConnection connection = folder.lake().connect();
  people.change_columns(schema, connection, folder.lake().versions());
  EXPECT_EQ(people.append({}, std::vector<Value>{Value::of_int(7), Value::of_int(50'000'000'000),
                                                 Value::of_int(1)}),
            2500u);
  DeadRows dead;
  dead.add_range(0, 2499);
  EXPECT_EQ(of(people.snapshot(), dead.freeze(), "c1, c3, c9"),
            (std::vector<std::string>{"2499|2499|-", "7|50000000000|true"}));
}

TEST_F(HotRowsOfPeople, TakeNoTextThatWouldSpoilAFile) {
  const auto bad = person(1, "more than twelve bytes \xff\xfe", 1);
  EXPECT_THROW(people.append({}, bad), Error);
}

struct DecimalCase {
  const char* text;
  int precision, scale;
  std::optional<long long> expected;
};

class Decimal : public ::testing::TestWithParam<DecimalCase> {};

TEST_P(Decimal, Unscaled) {
  const DecimalCase& c = GetParam();
  const auto value = unscaled_decimal(c.text, c.precision, c.scale);
  ASSERT_EQ(value.has_value(), c.expected.has_value()) << c.text;
  if (value) {
    EXPECT_EQ(static_cast<long long>(*value), *c.expected) << c.text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Decimal,
    ::testing::Values(DecimalCase{"-12.50", 10, 3, -12500}, DecimalCase{"0.00", 2, 2, 0},
                      DecimalCase{"9.99", 3, 2, 999}, DecimalCase{"10.00", 3, 2, std::nullopt},
                      DecimalCase{"1.234", 10, 2, std::nullopt}, DecimalCase{"5", 3, 2, 500},
                      DecimalCase{"", 3, 2, std::nullopt}, DecimalCase{"1e3", 9, 0, std::nullopt},
                      DecimalCase{"007", 1, 0, 7},
                      DecimalCase{"999999999999999999", 18, 0, 999999999999999999}));

}  // namespace
}  // namespace freshet
