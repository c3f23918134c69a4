#include "lake/key_index.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace freshet {
namespace {

// What this process has read from files so far, the page cache included.
std::uint64_t bytes_read() {
  std::ifstream counters("/proc/self/io");
  std::string name;
  std::uint64_t bytes = 0;
  while (counters >> name >> bytes)
    if (name == "rchar:") return bytes;
  return 0;
}

// Ids are hashes.
RowId id_of(std::uint64_t n) { return {.high = n * 0x9e3779b97f4a7c15, .low = n}; }

TEST(KeyIndex, ALookupReadsLittleOfALargeIndex) {
  constexpr std::uint32_t kRows = 600'000;
  constexpr std::uint32_t kLookups = 500;
  std::string name = testing::TempDir() + "index.XXXXXX";
  const std::filesystem::path directory = mkdtemp(name.data());
  {
    KeyStore store(directory);
    KeyIndex index(store, "t", true);
    KeyIndex::Delta delta = index.delta();
    for (std::uint32_t row = 0; row < kRows; ++row) delta.put(id_of(row), {1, row});
    index.store_pending("commit", std::move(delta));
    index.apply_pending();
    const std::uint64_t before = bytes_read();
    ASSERT_GT(before, 0U);
    for (std::uint32_t i = 0; i < kLookups; ++i) {
      const std::uint32_t row = i * (kRows / kLookups);
      const std::vector<RowId> ids = {id_of(row), id_of(kRows + i)};
      const auto places = index.find(ids);
      ASSERT_EQ(places.at(0), (RowPlace{1, row}));
      ASSERT_EQ(places.at(1), std::nullopt);
    }
    EXPECT_LT((bytes_read() - before) / kLookups, 100'000U);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace freshet
