#include "lake/history_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/lake_test_support.h"

namespace freshet {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kNoon = 1'700'000'000'000'000;  // 2023-11-14 22:13:20 UTC
constexpr std::int64_t kDay = 86'400'000'000;

HistoryEntry entry(Op op, std::uint64_t offset, std::int64_t micros) {
  return {.op = op,
          .commit_micros = micros,
          .gtid = offset % 2 ? "0-1-7" : "",
          .binlog_file = "bin.000001",
          .binlog_position = 4 * offset,
          .row = 1,
          .offset = offset,
          .schema_version = 1};
}

TEST(History, KeepsEveryChange) {
  LakeFolder folder;
  const std::string all =
      "SELECT _op, _commit_ts, _gtid, _binlog_pos, _offset, id, name, age FROM people_history "
      "ORDER BY _offset";
  LakeSchema wide = people_schema(true);
  wide.columns.push_back({.name = "vip", .type = LakeType::boolean});
  {
    HistoryWriter history(folder.lake(), "people", people_schema(true));
    history.append(entry(Op::insert, 1, kNoon), person(1, "Ann", 30));
    history.append(entry(Op::update, 2, kNoon + kDay), person(1, "Anna", 31));
    EXPECT_EQ(history.pending_rows(), 2u);
    EXPECT_TRUE(folder.rows(all).empty());
    history.publish();
    const std::vector<std::string> both = {"insert|2023-11-14 22:13:20+00|0-1-7|4|1|1|Ann|30",
                                           "update|2023-11-15 22:13:20+00|-|8|2|1|Anna|31"};
    EXPECT_EQ(folder.rows(all), both);
    history.commit({.stream_offset = 2});
    EXPECT_EQ(folder.rows(all), both);
    EXPECT_EQ(history.pending_rows(), 0u);
    history.append(entry(Op::truncate, 3, kNoon), {});
    history.evolve(wide);
    auto cells = person(2, "Bob", 40);
    cells.push_back(Value::of_int(1));
    history.append(entry(Op::load, 4, kNoon), cells);
    history.publish();
    EXPECT_THAT(folder.rows("SELECT _op, id, vip FROM people_history ORDER BY _offset"),
                ElementsAre("insert|1|-", "update|1|-", "truncate|-|-", "load|2|true"));
    history.commit({.stream_offset = 4});
    EXPECT_EQ(history.rows(), 4);
  }
  folder.close();
  HistoryWriter history(folder.lake(), "people", wide);
  EXPECT_EQ(history.committed_offset(), 4u);
  EXPECT_THAT(folder.rows("SELECT _op, id, vip FROM people_history ORDER BY _offset"),
              ElementsAre("insert|1|-", "update|1|-", "truncate|-|-", "load|2|true"));
  // One Parquet file per day of a commit: two, then one.
  std::size_t files = 0;
  for (const auto& at : std::filesystem::recursive_directory_iterator(
           folder.options().warehouse / "default" / "people_history" / "data"))
    files += at.path().extension() == ".parquet";
  EXPECT_EQ(files, 3u);
}

TEST(History, StagesPartsOfATransaction) {
  LakeFolder folder;
  const std::string all = "SELECT _offset, name FROM people_history ORDER BY _offset";
  HistoryWriter history(folder.lake(), "people", people_schema(true));
  history.append(entry(Op::insert, 1, kNoon), person(1, "a", 1));
  history.publish();
  for (std::uint64_t offset = 2; offset < 5; ++offset) {
    history.append(entry(Op::update, offset, kNoon), person(1, "b", 1));
    history.stage();
    EXPECT_EQ(history.held_rows(), 0u);
    EXPECT_THAT(folder.rows(all), ElementsAre("1|a"));
  }
  history.append(entry(Op::update, 5, kNoon), person(1, "c", 1));
  EXPECT_EQ(history.pending_rows(), 5u);
  history.publish();
  EXPECT_THAT(folder.rows(all), ElementsAre("1|a", "2|b", "3|b", "4|b", "5|c"));
  EXPECT_TRUE(rows_of(*Lake::open_read_only(folder.options()),
                      "SELECT * FROM duckdb_views() WHERE view_name = 'people_history' AND "
                      "sql LIKE '%read_parquet%'")
                  .empty());
  history.commit({.stream_offset = 5});
  EXPECT_EQ(history.pending_rows(), 0u);
  EXPECT_THAT(rows_of(*Lake::open_read_only(folder.options()), all),
              ElementsAre("1|a", "2|b", "3|b", "4|b", "5|c"));
}

}  // namespace
}  // namespace freshet
