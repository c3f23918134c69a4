#include "lake/key_index.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/temporary_directory.h"

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

class Index : public testing::Test {
 protected:
  // As a process does that starts after the last one ended.
  KeyIndex& reopen(bool keyed = true) {
    index_.reset();
    store_.reset();
    store_ = std::make_unique<KeyStore>(directory_.path());
    index_.emplace(*store_, "t", keyed);
    return *index_;
  }

 private:
  TemporaryDirectory directory_{"index"};
  std::unique_ptr<KeyStore> store_;
  std::optional<KeyIndex> index_;
};

std::optional<RowPlace> place_in(const KeyIndex& index, std::uint64_t row) {
  return index.find(std::array{id_of(row)}).front();
}

// Parts that go into the database as files, and small ones between them.
constexpr std::array<std::uint32_t, 3> kParts = {10'000, 100, 20'000};
constexpr std::uint32_t kStaged = 30'100;  // rows of them all

// Replaces every row by one of file 2 and the even ones again by one of file 3; every fifth row of
// the commit before goes.
void stage_parts(KeyIndex& index) {
  std::uint32_t row = 0;
  for (const std::uint32_t rows : kParts) {
    KeyIndex::Delta delta = index.delta();
    for (const std::uint32_t end = row + rows; row < end; ++row) {
      if (row % 5 == 0)
        delta.remove(id_of(row), {1, row});
      else
        delta.put(id_of(row), {2, row});
    }
    index.stage(std::move(delta));
  }
  KeyIndex::Delta again = index.delta();
  for (std::uint32_t i = 0; i < kStaged; i += 2) again.put(id_of(i), {3, i});
  index.stage(std::move(again));
}

std::optional<RowPlace> staged_place(std::uint32_t row) {
  if (row % 2 == 0) return RowPlace{3, row};
  return row % 5 == 0 ? std::nullopt : std::optional(RowPlace{2, row});
}

void commit_rows(KeyIndex& index, std::uint32_t rows) {
  KeyIndex::Delta delta = index.delta();
  delta.add_file(1, "one");
  for (std::uint32_t row = 0; row < rows; ++row) delta.put(id_of(row), {1, row});
  index.store_pending("first", std::move(delta));
  index.apply_pending();
}

void expect_staged_places(const KeyIndex& index) {
  for (std::uint32_t row = 0; row < kStaged; ++row)
    ASSERT_EQ(place_in(index, row), staged_place(row)) << row;
  EXPECT_EQ(place_in(index, kStaged), (RowPlace{1, kStaged}));
  EXPECT_EQ(place_in(index, kStaged + 1), std::nullopt);
}

TEST_F(Index, FindsWhatIsStagedAndThenCommitted) {
  KeyIndex& index = reopen();
  commit_rows(index, kStaged + 1);
  stage_parts(index);
  expect_staged_places(index);
  index.store_pending("second", index.delta());
  KeyIndex& next = reopen();  // the commit was published, and its process ended
  EXPECT_EQ(next.pending_commit(), "second");
  next.apply_pending();
  expect_staged_places(next);
  EXPECT_FALSE(next.staged());
  EXPECT_EQ(next.commit_id(), "second");
  expect_staged_places(reopen());
}

TEST_F(Index, DropsWhatWasStagedForNoCommit) {
  KeyIndex& index = reopen();
  commit_rows(index, kStaged);
  stage_parts(index);
  KeyIndex& next = reopen();
  for (std::uint32_t row = 0; row < kStaged; ++row)
    ASSERT_EQ(place_in(next, row), (RowPlace{1, row}));
  // Nothing of it comes back with what the next process stages.
  KeyIndex::Delta delta = next.delta();
  delta.put(id_of(kStaged), {2, 0});
  next.stage(std::move(delta));
  EXPECT_EQ(place_in(next, 1), (RowPlace{1, 1}));
  EXPECT_EQ(place_in(next, kStaged), (RowPlace{2, 0}));
}

TEST_F(Index, StagesAfterAllRowsWent) {
  KeyIndex& index = reopen();
  commit_rows(index, 10'000);
  KeyIndex::Delta delta = index.delta();
  delta.remove_all();
  delta.add_file(2, "two");
  for (std::uint32_t row = 5'000; row < 15'000; ++row) delta.put(id_of(row), {2, row});
  index.stage(std::move(delta));
  index.store_pending("second", index.delta());
  index.apply_pending();
  EXPECT_EQ(place_in(index, 4'999), std::nullopt);
  EXPECT_EQ(place_in(index, 5'000), (RowPlace{2, 5'000}));
  EXPECT_EQ(index.files(), (std::map<std::uint32_t, std::string>{{2, "two"}}));
}

TEST_F(Index, StagesTheRowsOfATableWithoutAKey) {
  KeyIndex& index = reopen(false);
  constexpr std::uint32_t kCopies = 5'000;  // of one row, in each file
  KeyIndex::Delta committed = index.delta();
  for (std::uint32_t row = 0; row < kCopies; ++row) committed.put(id_of(7), {1, row});
  index.store_pending("first", std::move(committed));
  index.apply_pending();
  KeyIndex::Delta delta = index.delta();
  for (std::uint32_t row = 0; row < kCopies; ++row) {
    delta.remove(id_of(7), {1, row});
    delta.put(id_of(7), {2, row});
  }
  index.stage(std::move(delta));
  EXPECT_EQ(index.next_place(id_of(7), RowPlace{1, kCopies - 1}), (RowPlace{2, 0}));
  index.store_pending("second", index.delta());
  index.apply_pending();
  EXPECT_EQ(index.next_place(id_of(7), {}), (RowPlace{2, 0}));
  EXPECT_EQ(index.next_place(id_of(7), RowPlace{2, kCopies - 1}), std::nullopt);
}

TEST_F(Index, ALookupReadsLittleOfALargeIndex) {
  constexpr std::uint32_t kRows = 600'000;
  constexpr std::uint32_t kLookups = 500;
  KeyIndex& index = reopen();
  commit_rows(index, kRows);
  const std::uint64_t before = bytes_read();
  ASSERT_GT(before, 0U);
  for (std::uint32_t i = 0; i < kLookups; ++i) {
    const std::uint32_t row = i * (kRows / kLookups);
    ASSERT_EQ(place_in(index, row), (RowPlace{1, row}));
    ASSERT_EQ(place_in(index, kRows + i), std::nullopt);
  }
  EXPECT_LT((bytes_read() - before) / kLookups, 100'000U);
}

}  // namespace
}  // namespace freshet
