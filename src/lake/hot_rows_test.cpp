#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

#include "lake/decimal_text.h"
#include "lake/delete_map.h"
#include "lake/lake_test_support.h"
#include "lake/row_map.h"

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

TEST(DeleteRegistry, FreesAVersionWhenNoPinIsOlderThanItsEnd) {
  DeleteRegistry registry;
  const auto first = registry.add({});
  auto early = std::make_unique<DeleteRegistry::Pin>(registry.pin());
  const auto second = registry.add({});
  registry.retire(first);
  auto late = std::make_unique<DeleteRegistry::Pin>(registry.pin());
  EXPECT_TRUE(registry.find(first));
  early.reset();
  EXPECT_FALSE(registry.find(first));
  registry.retire(second);
  EXPECT_TRUE(registry.find(second));
  late.reset();
  EXPECT_EQ(registry.size(), 0u);
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
