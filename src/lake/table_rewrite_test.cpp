#include "lake/table_rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "lake/history_writer.h"
#include "lake/iceberg_table.h"
#include "lake/lake_test_support.h"
#include "lake/mirror_writer.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

CommitPoint at(std::uint64_t offset) { return {.stream_offset = offset}; }

const std::string kName = "Ann-of-the-many-letters";

class TableRewrite : public ::testing::Test {
 protected:
  // Files below the lake's folder that hold the text.
  [[nodiscard]] std::vector<std::string> files_with(const std::string& text) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
      if (entry.is_regular_file() && read_file(entry.path()).contains(text))
        found.push_back(entry.path().filename());
    return found;
  }
  [[nodiscard]] std::size_t files_of(const std::string& table) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.lake().table_directory(table)))
      count += entry.is_regular_file();
    return count;
  }
  void load(bool keyed) {
    MirrorWriter people(folder.lake(), "people", people_schema(keyed));
    for (int i = 0; i < 5000; ++i)
      people.insert(row_id(i), person(i, i % 2 == 0 ? kName : std::to_string(i), i));
    people.commit(at(5000));
    people.remove(row_id(7));
    people.update(row_id(8), row_id(8), person(8, kName + "!", 8));
    people.insert(row_id(6000), person(6000, "", 1));
    people.commit(at(5003));
  }
  static std::vector<ColumnRewrite> hide_names() {
    return {{.column = "name",
             .cell = [](std::string_view cell) -> std::optional<std::string> {
               if (cell.empty()) return "";
               if (cell == "9") return std::nullopt;
               return "hidden " + std::to_string(cell.size());
             }},
            {.column = "age", .cell = {}}};
  }

  LakeFolder folder;
};

TEST_F(TableRewrite, NothingOfBeforeIsLeft) {
  for (const bool keyed : {true, false}) {
    folder.reopen();
    fs::remove_all(folder.lake().table_directory("people"));
    folder.close();
    fs::remove_all(folder.options().state);
    load(keyed);
    EXPECT_FALSE(files_with(kName.substr(0, 16)).empty());
    ASSERT_TRUE(rewrite_table(folder.lake(), "people", hide_names(), {{"freshet.note", "1"}}));
    EXPECT_THAT(files_with(kName.substr(0, 16)), IsEmpty());
    const std::string some = "SELECT * FROM people WHERE id IN (7, 8, 9, 10, 6000) ORDER BY id";
    EXPECT_THAT(folder.rows(some),
                ElementsAre("8|hidden 24|-", "9|-|-", "10|hidden 23|-", "6000||-"));
    EXPECT_THAT(folder.rows("SELECT count(*) FROM people"), ElementsAre("5000"));
    const auto table = IcebergTable::open(folder.lake().table_directory("people"));
    EXPECT_EQ(table->summary("freshet.note"), "1");
    // The writer finds every row, also after a restart.
    folder.close();
    MirrorWriter people(folder.lake(), "people", people_schema(keyed));
    EXPECT_EQ(people.committed_offset(), 5003U);
    EXPECT_EQ(people.rows(), 5000);
    people.update(row_id(8), row_id(8), person(8, "new", 1));
    people.remove(row_id(9));
    people.commit(at(5005));
    EXPECT_THAT(folder.rows(some), ElementsAre("8|new|1", "10|hidden 23|-", "6000||-"));
  }
}

TEST_F(TableRewrite, HistoryKeepsItsDays) {
  {
    HistoryWriter history(folder.lake(), "people", people_schema(true));
    constexpr std::int64_t kDay = 86'400'000'000;
    for (int i = 0; i < 10; ++i)
      history.append({.op = Op::insert, .commit_micros = i / 5 * kDay, .offset = 1},
                     person(i, kName, i));
    history.commit(at(10));
  }
  ASSERT_TRUE(rewrite_table(folder.lake(), "people_history", hide_names(), {}));
  EXPECT_THAT(files_with(kName.substr(0, 16)), IsEmpty());
  EXPECT_THAT(folder.rows("SELECT _op, name, count(*) FROM people_history GROUP BY ALL"),
              ElementsAre("insert|hidden 23|10"));
  std::vector<std::optional<std::int32_t>> days;
  for (const DataFile& file :
       IcebergTable::open(folder.lake().table_directory("people_history"))->files())
    days.push_back(file.partition_day);
  EXPECT_THAT(days, ElementsAre(0, 1));
  HistoryWriter history(folder.lake(), "people", people_schema(true));
  EXPECT_EQ(history.committed_offset(), 10U);
  EXPECT_EQ(history.rows(), 10);
}

// A crash while files are written, and one before the old ones are removed.
TEST_F(TableRewrite, IsFinishedLater) {
  load(true);
  const std::vector<ColumnRewrite> failing{
      {.column = "name", .cell = [](std::string_view cell) -> std::optional<std::string> {
         if (cell == "4001") throw std::runtime_error("stop");
         return std::string(cell);
       }}};
  const std::size_t before = files_of("people");
  EXPECT_THROW(rewrite_table(folder.lake(), "people", failing, {}), Error);
  EXPECT_GT(files_of("people"), before);
  finish_rewrite(folder.lake(), "people");
  EXPECT_EQ(files_of("people"), before);
  EXPECT_THAT(folder.rows("SELECT count(*), count(DISTINCT name) FROM people"),
              ElementsAre("5000|2502"));
  finish_rewrite(folder.lake(), "people");  // nothing to do
  EXPECT_FALSE(rewrite_table(folder.lake(), "nobody", hide_names(), {}));
}

}  // namespace
}  // namespace freshet
