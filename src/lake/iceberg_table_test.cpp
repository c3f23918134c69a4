#include "lake/iceberg_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <set>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "lake/manifest_list.h"
#include "lake/table_metadata.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class IcebergTableTest : public testing::Test {
 protected:
  [[nodiscard]] static LakeSchema columns() {
    return {.columns = {{.name = "id", .type = LakeType::int32, .required = true},
                        {.name = "ts", .type = LakeType::timestamptz}},
            .key = {0}};
  }
  IcebergTable make(std::string_view day = {}) {
    return IcebergTable::open_or_create(dir_, columns(), day);
  }
  static DataFile file(int number, std::int64_t records = 10) {
    return {
        .path = fmt::format("file:///data/{}.parquet", number), .records = records, .bytes = 100};
  }
  static DataFile deletes(int number) {
    DataFile made = file(number, 3);
    made.content = FileContent::position_deletes;
    return made;
  }
  [[nodiscard]] fs::path metadata(const std::string& name) const {
    return dir_ / "metadata" / name;
  }
  [[nodiscard]] std::set<std::string> metadata_files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_ / "metadata"))
      names.insert(entry.path().filename());
    return names;
  }

  const TemporaryDirectory temporary_{"iceberg"};
  const fs::path home_ = temporary_.path();
  const fs::path dir_ = home_ / "wh" / "db" / "users";
};

std::vector<std::string> paths(const IcebergTable& table) {
  std::vector<std::string> all;
  for (const DataFile& one : table.files()) all.push_back(one.path);
  return all;
}

void expect_error(ErrorKind kind, std::string_view says, auto&& action) {
  try {
    action();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(says));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
  }
}

TEST_F(IcebergTableTest, CreatesOnceAndOpens) {
  EXPECT_FALSE(IcebergTable::open(dir_));
  const IcebergTable made = make();
  EXPECT_EQ(made.location(), "file://" + dir_.string());
  EXPECT_EQ(made.version(), 1);
  EXPECT_EQ(made.snapshot_id(), 0);
  EXPECT_TRUE(made.files().empty());
  EXPECT_EQ(made.summary("freshet.stream-offset"), std::nullopt);
  EXPECT_EQ(read_file(metadata("version-hint.text")), "1");
  EXPECT_EQ(metadata_files(), (std::set<std::string>{"v1.metadata.json", "version-hint.text"}));
  EXPECT_EQ(make().version(), 1);
  EXPECT_TRUE(fs::is_directory(fs::path(made.new_data_path()).parent_path()));
  EXPECT_NE(made.new_data_path(), made.new_data_path());
  EXPECT_TRUE(made.new_data_path("-pos.parquet").ends_with("-pos.parquet"));
}

TEST_F(IcebergTableTest, CommitShowsFilesAndSummaryToANewReader) {
  IcebergTable table = make();
  DataFile first = file(1);
  first.stats[1] = {.bytes = 5, .values = 10, .nulls = 0, .lower = "\1\0\0\0", .upper = "\2\0\0\0"};
  first.split_offsets = {4};
  const auto id = table.commit({.added = {first}, .summary = {{"freshet.stream-offset", "5"}}});
  EXPECT_GT(id, 0);
  EXPECT_LT(id, std::int64_t{1} << 53);
  table.commit({.added = {file(2), deletes(3)}});

  const auto read = IcebergTable::open(dir_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->version(), 3);
  EXPECT_EQ(read->snapshot_id(), table.snapshot_id());
  EXPECT_EQ(read->summary("freshet.stream-offset"), "5");
  EXPECT_EQ(read->summary("operation"), "overwrite");
  EXPECT_EQ(read->summary("total-records"), "20");
  EXPECT_EQ(read->summary("total-position-deletes"), "3");
  EXPECT_EQ(read->summary("total-data-files"), "2");
  EXPECT_EQ(read->summary("total-delete-files"), "1");
  EXPECT_EQ(read->summary("total-files-size"), "300");
  const auto files = read->files();
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, first.path);
  EXPECT_EQ(files[0].sequence, 1);
  EXPECT_EQ(files[0].stats.at(1).values, 10);
  EXPECT_EQ(files[0].stats.at(1).lower, first.stats[1].lower);
  EXPECT_EQ(files[0].split_offsets, first.split_offsets);
  EXPECT_EQ(files[1].sequence, 2);
  EXPECT_EQ(files[2].content, FileContent::position_deletes);
}

TEST_F(IcebergTableTest, OperationSaysWhatTheSnapshotDid) {
  IcebergTable table = make();
  const auto operation = [&](const TableCommit& change) {
    table.commit(change);
    return table.summary("operation").value();
  };
  EXPECT_EQ(operation({.summary = {{"freshet.stream-offset", "1"}}}), "append");
  EXPECT_EQ(operation({.added = {file(1)}}), "append");
  EXPECT_EQ(operation({.added = {deletes(2)}}), "delete");
  EXPECT_EQ(operation({.added = {file(3), deletes(4)}}), "overwrite");
  EXPECT_EQ(operation({.added = {file(5)}, .replace_all = true}), "overwrite");
  EXPECT_EQ(operation({.replace_all = true}), "delete");
}

TEST_F(IcebergTableTest, ReplaceAllRemovesFilesAndCountsThem) {
  IcebergTable table = make();
  table.commit({.added = {file(1), deletes(2)}});
  table.commit({.added = {file(3)}});
  table.commit({.added = {file(4, 7)}, .replace_all = true});
  EXPECT_THAT(paths(table), testing::ElementsAre("file:///data/4.parquet"));
  EXPECT_EQ(table.summary("deleted-data-files"), "2");
  EXPECT_EQ(table.summary("deleted-records"), "20");
  EXPECT_EQ(table.summary("removed-position-deletes"), "3");
  EXPECT_EQ(table.summary("removed-delete-files"), "1");
  EXPECT_EQ(table.summary("total-records"), "7");
  EXPECT_EQ(table.summary("total-delete-files"), "0");
  EXPECT_EQ(table.summary("total-files-size"), "100");
  table.commit({.added = {file(5)}});
  EXPECT_EQ(paths(*IcebergTable::open(dir_)).size(), 2u);
}

TEST_F(IcebergTableTest, EvolvesTheSchema) {
  IcebergTable table = make();
  EXPECT_EQ(table.evolve(columns()), std::nullopt);
  LakeSchema next = columns();
  next.columns.push_back({.name = "city", .type = LakeType::string});
  const auto evolved = table.evolve(next);
  ASSERT_TRUE(evolved);
  table.commit({.schema = evolved});
  EXPECT_EQ(table.schema().schema_id, 1);
  EXPECT_EQ(table.schema().find("city")->id, 3);
  EXPECT_EQ(table.evolve(next), std::nullopt);
  // A column dropped and made anew is another column.
  table.commit({.schema = table.evolve(columns())});
  table.commit({.schema = table.evolve(next)});
  EXPECT_EQ(IcebergTable::open(dir_)->schema().find("city")->id, 4);
  const std::string json = read_file(metadata("v4.metadata.json"));
  EXPECT_THAT(json, HasSubstr(R"("last-column-id":4)"));
  EXPECT_THAT(json, HasSubstr(R"({\"field-id\":4,\"names\":[\"city\"]})"));
}

TEST_F(IcebergTableTest, PartitionsByDay) {
  IcebergTable table = make("ts");
  DataFile today = file(1), yesterday = file(2);
  today.partition_day = 20779;
  yesterday.partition_day = 20778;
  table.commit({.added = {today, yesterday}});
  EXPECT_EQ(table.summary("changed-partition-count"), "2");
  EXPECT_EQ(IcebergTable::open(dir_)->files()[1].partition_day, 20778);
  expect_error(ErrorKind::internal, "partitioning", [&] { table.commit({.added = {file(3)}}); });
  LakeSchema without = columns();
  without.columns.pop_back();
  expect_error(ErrorKind::unsupported, "partitioned by a column",
               [&] { table.commit({.schema = table.evolve(without)}); });
}

TEST_F(IcebergTableTest, LosingARaceIsAConflictThatLeavesNothing) {
  IcebergTable mine = make(), theirs = make();
  theirs.commit({.added = {file(1)}});
  const auto before = metadata_files();
  expect_error(ErrorKind::conflict, "another writer", [&] { mine.commit({.added = {file(2)}}); });
  EXPECT_EQ(metadata_files(), before);
  EXPECT_EQ(mine.version(), 1);
  mine.refresh();
  mine.commit({.added = {file(2)}});
  EXPECT_EQ(paths(*IcebergTable::open(dir_)).size(), 2u);
}

TEST_F(IcebergTableTest, AWriterLeftFarBehindFindsOutThoughItsNextNameIsFree) {
  IcebergTable late = make(), busy = make();
  for (int i = 0; i < 120; ++i) busy.commit({.summary = {{"freshet.n", std::to_string(i)}}});
  ASSERT_FALSE(fs::exists(metadata("v2.metadata.json")));
  expect_error(ErrorKind::conflict, "another writer", [&] { late.commit({.added = {file(1)}}); });
}

TEST_F(IcebergTableTest, HistoryStaysBoundedAndKeysSurvive) {
  IcebergTable table = make();
  table.commit({.added = {file(0), deletes(1000)},
                .summary = {{"freshet.stream-offset", "7"}, {"freshet.gtid", "g"}}});
  for (int i = 1; i < 250; ++i)
    table.commit({.added = {file(i)}, .summary = {{"freshet.stream-offset", std::to_string(i)}}});
  EXPECT_EQ(table.summary("freshet.gtid"), "g");
  EXPECT_EQ(table.summary("freshet.stream-offset"), "249");
  EXPECT_EQ(table.summary("total-records"), "2500");
  const auto read = IcebergTable::open(dir_);
  EXPECT_EQ(read->summary("freshet.gtid"), "g");
  const auto files = read->files();
  ASSERT_EQ(files.size(), 251u);
  EXPECT_EQ(files.back().path, file(249).path);  // oldest first, merged or not
  EXPECT_EQ(files.back().sequence, 250);
  std::size_t versions = 0;
  for (const std::string& name : metadata_files()) versions += name.ends_with(".metadata.json");
  EXPECT_EQ(versions, TableMetadata::kMetadataFilesKept + 1);
  const auto current = table_metadata_from_json(read_file(metadata("v251.metadata.json")), "m");
  EXPECT_EQ(current.snapshots.size(), TableMetadata::kSnapshotsKept);
  const auto list = IcebergTable::local_of(current.current()->manifest_list);
  EXPECT_LT(decode_manifest_list(read_file(list), "l").size(), 110u);
}

TEST_F(IcebergTableTest, AWrongHintIsHarmless) {
  IcebergTable table = make();
  for (int i = 0; i < 3; ++i) table.commit({.added = {file(i)}});
  for (const char* hint : {"", "1", "99", "-4", "x", "4\n"}) {
    write_file(metadata("version-hint.text"), hint);
    EXPECT_EQ(IcebergTable::open(dir_)->version(), 4) << hint;
  }
  fs::remove(metadata("version-hint.text"));
  EXPECT_EQ(IcebergTable::open(dir_)->version(), 4);
}

TEST_F(IcebergTableTest, DamageIsNamed) {
  IcebergTable table = make();
  table.commit({.added = {file(1)}});
  std::string list, manifest;
  for (const std::string& name : metadata_files()) {
    if (name.starts_with("snap-")) list = name;
    if (name.ends_with("-m0.avro")) manifest = name;
  }
  const Bytes whole = read_file(metadata(manifest));
  Bytes damaged = whole;
  damaged[whole.size() - 20] = static_cast<char>(~damaged[whole.size() - 20]);
  write_file(metadata(manifest), damaged);
  expect_error(ErrorKind::corrupt, manifest, [&] { (void)IcebergTable::open(dir_)->files(); });
  write_file(metadata(manifest), whole.substr(0, 100));
  expect_error(ErrorKind::corrupt, manifest, [&] { (void)IcebergTable::open(dir_)->files(); });
  expect_error(ErrorKind::corrupt, manifest, [&] { table.commit({.replace_all = true}); });
  fs::remove(metadata(manifest));
  expect_error(ErrorKind::unavailable, manifest, [&] { (void)IcebergTable::open(dir_)->files(); });
  write_file(metadata(list), "Obj\1");
  expect_error(ErrorKind::corrupt, list, [&] { (void)IcebergTable::open(dir_); });
  write_file(metadata("v2.metadata.json"), "{");
  expect_error(ErrorKind::corrupt, "v2.metadata.json", [&] { (void)IcebergTable::open(dir_); });
}

TEST_F(IcebergTableTest, RefusesADirectoryThatIsNotItsOwn) {
  make();
  fs::rename(dir_, home_ / "moved");
  expect_error(ErrorKind::config, "cannot be moved",
               [&] { (void)IcebergTable::open(home_ / "moved"); });
  fs::create_directories(home_ / "other" / "metadata");
  write_file(home_ / "other" / "metadata" / "00001-abc.metadata.json", "{}");
  expect_error(ErrorKind::unsupported, "another catalog",
               [&] { (void)IcebergTable::open_or_create(home_ / "other", columns()); });
}

TEST_F(IcebergTableTest, PathsAndUrisMatchByteForByte) {
  EXPECT_EQ(IcebergTable::uri_of("/a/b c%20é.parquet"), "file:///a/b c%20é.parquet");
  for (const char* path : {"/a/b", "/a/b c%20é"})
    EXPECT_EQ(IcebergTable::local_of(IcebergTable::uri_of(path)), path);
  EXPECT_EQ(IcebergTable::local_of("file:/a"), "/a");
  EXPECT_EQ(IcebergTable::local_of("/a"), "/a");
  EXPECT_THROW((void)IcebergTable::local_of("s3://b/a"), Error);
  EXPECT_THROW((void)IcebergTable::local_of("file://host/a"), Error);
}

// A writer is killed at random moments. Whatever it got done: the table opens, every snapshot is
// whole, and the count in the summary equals the files that are there.
TEST_F(IcebergTableTest, KillAtAnyPointLeavesTheOldOrTheNewTable) {
  make();
  std::int64_t last = 0;
  for (int round = 0; round < 15; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto table = *IcebergTable::open(dir_);
      for (auto n = static_cast<int>(table.files().size());; ++n)
        table.commit({.added = {file(n)}, .summary = {{"freshet.n", std::to_string(n + 1)}}});
    }
    ::usleep(3'000 + round * 5'700);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto table = IcebergTable::open(dir_);
    ASSERT_TRUE(table);
    const auto files = static_cast<std::int64_t>(table->files().size());
    EXPECT_EQ(table->summary("freshet.n").value_or("0"), std::to_string(files));
    EXPECT_GE(files, last);
    last = files;
  }
  EXPECT_GT(last, 0);
}

// Several processes commit at once: each file is in the table exactly once.
TEST_F(IcebergTableTest, ConcurrentWritersLoseNothing) {
  make();
  constexpr int kWriters = 3, kCommits = 15;
  std::vector<pid_t> children;
  for (int writer = 0; writer < kWriters; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child > 0) {
      children.push_back(child);
      continue;
    }
    auto table = *IcebergTable::open(dir_);
    for (int done = 0; done < kCommits;) {
      try {
        table.commit({.added = {file(writer * 1000 + done)}});
        ++done;
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::conflict) ::_exit(1);
        table.refresh();
      }
    }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto all = paths(*IcebergTable::open(dir_));
  EXPECT_EQ(all.size(), std::size_t{kWriters * kCommits});
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
}

}  // namespace
}  // namespace freshet
