#include "pipeline/table_comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

namespace freshet {
namespace {

struct Person {
  std::int64_t id;
  std::optional<std::string> name;
  std::int64_t age;
};

const std::vector<LakeColumn> kColumns{{.name = "id", .type = LakeType::int64},
                                       {.name = "Name", .type = LakeType::string},
                                       {.name = "age", .type = LakeType::int32}};
const std::vector<LakeColumn> kTurned{{.name = "age", .type = LakeType::int64},
                                      {.name = "name", .type = LakeType::string},
                                      {.name = "empty", .type = LakeType::string},
                                      {.name = "id", .type = LakeType::int64}};

Value text_or_null(const std::optional<std::string>& text) {
  return text ? Value::of(ValueKind::text, *text) : Value::null();
}

// The lake has its columns in another order, and one more that is always null.
void give_source(const std::vector<Person>& people, const RowSink& sink) {
  for (const Person& p : people) {
    const std::vector<Value> cells{Value::of_int(p.id), text_or_null(p.name), Value::of_int(p.age)};
    sink({.columns = kColumns, .version = 1, .cells = cells});
  }
}
void give_lake(const std::vector<Person>& people, const RowSink& sink) {
  for (const Person& p : people) {
    const std::vector<Value> cells{Value::of_int(p.age), text_or_null(p.name), Value::null(),
                                   Value::of_int(p.id)};
    sink({.columns = kTurned, .version = 0, .cells = cells});
  }
}

ComparisonOptions keyed() { return {.secret = std::string(32, 'k'), .key = {"ID"}}; }
ComparisonOptions keyless() { return {.secret = std::string(32, 'k'), .key = {}}; }

ComparisonResult compare(const ComparisonOptions& options, const std::vector<Person>& source,
                         const std::vector<Person>& lake) {
  return compare_table(options, [&] {
    return TableReading{.lake = [&](const RowSink& sink) { give_lake(lake, sink); },
                        .source = [&](const RowSink& sink) { give_source(source, sink); }};
  });
}

std::vector<Person> people(std::int64_t count) {
  std::vector<Person> all;
  for (std::int64_t id = 1; id <= count; ++id)
    all.push_back({id,
                   id % 7 == 0 ? std::nullopt : std::optional("name " + std::to_string(id % 50)),
                   id % 90});
  return all;
}

std::string words_of(const RowDifference& difference) {
  std::string words = std::string(name_of(difference.kind)) + " " + difference.key;
  for (const std::string& column : difference.columns) words += " " + column;
  return words;
}

TEST(TableComparison, OrderOfRowsAndColumnsDoesNotCount) {
  std::vector<Person> lake = people(20'000);
  std::ranges::shuffle(lake, std::mt19937_64(7));
  for (const ComparisonOptions& options : {keyed(), keyless()}) {
    const ComparisonResult result = compare(options, people(20'000), lake);
    EXPECT_TRUE(result.equal());
    EXPECT_EQ(result.source_rows, 20'000U);
    EXPECT_EQ(result.lake_rows, 20'000U);
    EXPECT_EQ(result.readings, 1);
  }
}

struct Case {
  std::string_view what;
  std::vector<Person> source, lake;
  std::vector<std::string> expected;
};

class KeyedDifference : public testing::TestWithParam<Case> {};

TEST_P(KeyedDifference, IsNamed) {
  const Case& c = GetParam();
  const ComparisonResult result = compare(keyed(), c.source, c.lake);
  EXPECT_FALSE(result.equal());
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.readings, 2);
  std::vector<std::string> found;
  for (const RowDifference& difference : result.differences) found.push_back(words_of(difference));
  std::ranges::sort(found);
  EXPECT_EQ(found, c.expected) << c.what;
}

INSTANTIATE_TEST_SUITE_P(
    All, KeyedDifference,
    testing::Values(
        Case{"missing", {{1, "a", 1}, {2, "b", 2}}, {{2, "b", 2}}, {R"(missing {"id":"1"})"}},
        Case{"extra", {{1, "a", 1}}, {{1, "a", 1}, {9, "x", 2}}, {R"(extra {"id":"9"})"}},
        Case{"one column", {{1, "a", 1}}, {{1, "b", 1}}, {R"(changed {"id":"1"} name)"}},
        Case{"null against empty",
             {{1, "", 1}},
             {{1, std::nullopt, 1}},
             {R"(changed {"id":"1"} name)"}},
        Case{"cells that changed places",
             {{1, "a", 1}, {2, "b", 2}},
             {{1, "b", 1}, {2, "a", 2}},
             {R"(changed {"id":"1"} name)", R"(changed {"id":"2"} name)"}},
        Case{"a key twice", {{1, "a", 1}}, {{1, "a", 1}, {1, "b", 1}}, {R"(extra {"id":"1"})"}}),
    [](const auto& info) {
      std::string name;
      for (const char c : info.param.what)
        if (c != ' ') name.push_back(c);
      return name;
    });

TEST(TableComparison, KeylessRowsAreAMultiset) {
  const Person red{1, "red", 1};
  const Person blue{2, "blue", 2};
  EXPECT_TRUE(compare(keyless(), {red, blue, red}, {blue, red, red}).equal());
  const ComparisonResult result = compare(keyless(), {red, red, red, blue}, {red, blue, blue});
  EXPECT_FALSE(result.equal());
  EXPECT_EQ(result.missing, 2U);
  EXPECT_EQ(result.extra, 1U);
  ASSERT_EQ(result.differences.size(), 2U);
  EXPECT_EQ(result.differences[0].times, 2U);
  EXPECT_EQ(result.differences[0].key, "{}");
  EXPECT_EQ(result.differences[0].digest.size(), 32U);
  EXPECT_EQ(result.differences[1].times, 1U);
}

TEST(TableComparison, WhatTheNextReadingNoLongerHasIsNoDifference) {
  int readings = 0;
  std::vector<Person> lake = people(10);
  const ComparisonResult result = compare_table(keyed(), [&] {
    if (++readings == 2) lake.pop_back();
    return TableReading{.lake = [&](const RowSink& sink) { give_lake(lake, sink); },
                        .source = [&](const RowSink& sink) { give_source(people(9), sink); }};
  });
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.readings, 2);
}

TEST(TableComparison, MemoryIsBoundedAndTheRestIsSaid) {
  ComparisonOptions options = keyed();
  options.most_rows = 100;
  options.most_differences = 10;
  const ComparisonResult result = compare(options, people(5'000), {});
  EXPECT_EQ(result.lake_rows, 0U);
  EXPECT_FALSE(result.complete);
  EXPECT_GE(result.missing, 90U);
  EXPECT_LE(result.missing, 110U);
  EXPECT_EQ(result.differences.size(), 10U);
}

}  // namespace
}  // namespace freshet
