#include "lake/mirror_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "lake/lake_test_support.h"

namespace freshet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kAll = "SELECT * FROM people ORDER BY id, name, age";

class Mirror : public ::testing::Test {
 protected:
  MirrorWriter writer(bool keyed = true) {
    return MirrorWriter(folder.lake(), "people", people_schema(keyed));
  }
  static CommitPoint at(std::uint64_t offset) { return {.stream_offset = offset}; }

  LakeFolder folder;
};

TEST_F(Mirror, ShowsWhatWasPublishedAndNothingElse) {
  MirrorWriter people = writer();
  EXPECT_THAT(folder.rows(kAll), IsEmpty());
  people.insert(row_id(1), person(1, "Ann", 30));
  people.insert(row_id(2), person(2, "Bob with a longer name", 40));
  EXPECT_THAT(folder.rows(kAll), IsEmpty());
  people.publish();
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Ann|30", "2|Bob with a longer name|40"));
  people.update(row_id(1), row_id(1), person(1, "Anna", 31));
  people.remove(row_id(2));
  EXPECT_EQ(people.rows(), 1);
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Ann|30", "2|Bob with a longer name|40"));
  people.publish();
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Anna|31"));
  EXPECT_THAT(folder.rows("SELECT * FROM \"AwsDataCatalog\".\"default\".\"people\" limit 10"),
              ElementsAre("1|Anna|31"));
}

TEST_F(Mirror, ChangesRowsOfTheLakeAfterReopening) {
  {
    MirrorWriter people = writer();
    for (int i = 0; i < 5000; ++i) people.insert(row_id(i), person(i, "p", i % 100));
    people.commit(at(5000));
    EXPECT_EQ(people.pending_rows(), 0u);
    people.update(row_id(7), row_id(7), person(7, "seven", 1));
    people.update(row_id(8), row_id(9000), person(9000, "moved", 2));
    people.remove(row_id(9));
    people.commit(at(5003));
    EXPECT_THAT(folder.rows("SELECT count(*), sum(id) FROM people"),
                ElementsAre(fmt::format("4999|{}", 4999 * 2500 - 8 - 9 + 9000)));
  }
  folder.close();
  MirrorWriter people = writer();
  EXPECT_EQ(people.committed_offset(), 5003u);
  EXPECT_EQ(people.rows(), 4999);
  EXPECT_THAT(folder.rows("SELECT * FROM people WHERE id IN (7, 8, 9, 9000) ORDER BY id"),
              ElementsAre("7|seven|1", "9000|moved|2"));
  people.update(row_id(7), row_id(7), person(7, "again", 3));
  people.update(row_id(9000), row_id(8), person(8, "back", 4));
  people.publish();
  EXPECT_THAT(folder.rows("SELECT * FROM people WHERE id IN (7, 8, 9, 9000) ORDER BY id"),
              ElementsAre("7|again|3", "8|back|4"));
}

TEST_F(Mirror, RefusesImpossibleChangesUnlessLenient) {
  const auto broken = [&](auto change, const char* reason) {
    MirrorWriter people = writer();
    people.insert(row_id(1), person(1, "Ann", 30));
    change(people);
    try {
      people.publish();
      FAIL() << "no error: " << reason;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt);
      EXPECT_THAT(error.what(), HasSubstr(reason));
    }
  };
  broken([](MirrorWriter& w) { w.insert(row_id(1), person(1, "x", 1)); }, "insert");
  broken([](MirrorWriter& w) { w.remove(row_id(2)); }, "removal");
  broken([](MirrorWriter& w) { w.update(row_id(2), row_id(2), person(2, "x", 1)); }, "update");

  MirrorWriter people = writer();
  people.set_lenient(true);
  people.insert(row_id(1), person(1, "Ann", 30));
  people.insert(row_id(1), person(1, "Anna", 31));
  people.remove(row_id(2));
  people.update(row_id(3), row_id(3), person(3, "Cid", 50));
  people.load(row_id(3), person(3, "Cyd", 51));
  people.publish();
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Anna|31", "3|Cyd|51"));
}

TEST_F(Mirror, KeepsATableWithoutAKeyAsAMultiset) {
  {
    MirrorWriter people = writer(false);
    for (int i = 0; i < 3; ++i) people.insert(row_id(1), person(1, "same", 1));
    people.insert(row_id(2), person(2, "other", 2));
    people.commit(at(4));
    people.insert(row_id(1), person(1, "same", 1));
    people.remove(row_id(1));  // the hot one
    people.remove(row_id(1));  // one of the lake's
    people.update(row_id(2), row_id(1), person(1, "same", 1));
    people.publish();
    EXPECT_THAT(folder.rows(kAll), ElementsAre("1|same|1", "1|same|1", "1|same|1"));
    people.commit(at(8));
  }
  folder.close();
  MirrorWriter people = writer(false);
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|same|1", "1|same|1", "1|same|1"));
  for (int i = 0; i < 3; ++i) people.remove(row_id(1));
  people.publish();
  EXPECT_THAT(folder.rows(kAll), IsEmpty());
  people.remove(row_id(1));
  EXPECT_THROW(people.publish(), Error);
}

TEST_F(Mirror, Truncates) {
  MirrorWriter people = writer();
  for (int i = 0; i < 100; ++i) people.insert(row_id(i), person(i, "p", i));
  people.commit(at(100));
  people.remove(row_id(5));
  people.insert(row_id(200), person(200, "hot", 1));
  people.truncate();
  people.insert(row_id(5), person(5, "new", 5));
  people.publish();
  EXPECT_THAT(folder.rows(kAll), ElementsAre("5|new|5"));
  EXPECT_EQ(people.rows(), 1);
  people.commit(at(104));
  EXPECT_THAT(folder.rows(kAll), ElementsAre("5|new|5"));
  people.truncate();
  people.commit(at(105));
  people.insert(row_id(5), person(5, "newer", 5));
  people.commit(at(106));
  const auto reader = Lake::open_read_only(folder.options());
  EXPECT_THAT(rows_of(*reader, kAll), ElementsAre("5|newer|5"));
}

TEST_F(Mirror, EvolvesColumns) {
  LakeSchema wide = people_schema(true);
  wide.columns[2].type = LakeType::int64;
  wide.columns.push_back({.name = "price", .type = LakeType::decimal, .precision = 20, .scale = 2});
  LakeSchema narrow = wide;
  narrow.columns.erase(narrow.columns.begin() + 1);
  {
    MirrorWriter people = writer();
    people.insert(row_id(1), person(1, "Ann", 30));
    people.commit(at(1));
    people.insert(row_id(2), person(2, "Bob", 40));
    people.evolve(wide);
    EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Ann|30"));  // the transaction goes on
    auto cells = person(3, "Cid", 50'000'000'000);
    cells.push_back(Value::of(ValueKind::decimal, "-123456789012345678.90"));
    people.insert(row_id(3), cells);
    people.publish();
    EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Ann|30|-", "2|Bob|40|-",
                                               "3|Cid|50000000000|-123456789012345678.90"));
    people.commit(at(3));
    people.evolve(narrow);
    people.publish();
    EXPECT_THAT(folder.rows("SELECT * FROM people ORDER BY id"),
                ElementsAre("1|30|-", "2|40|-", "3|50000000000|-123456789012345678.90"));
  }
  folder.close();
  MirrorWriter people(folder.lake(), "people", narrow);
  EXPECT_THAT(folder.rows("SELECT * FROM people ORDER BY id"),
              ElementsAre("1|30|-", "2|40|-", "3|50000000000|-123456789012345678.90"));
}

struct Crash {};

// A crash after any step of a commit: after a restart from the committed offset the table is
// either before the commit or after it, and goes on well.
TEST_F(Mirror, SurvivesACrashAtEveryStepOfACommit) {
  for (const int others : {0, 5000}) {  // many rows enter the key index in another way than few
    for (const std::string_view step :
         {"files written", "delta stored", "published", "index applied"}) {
      SCOPED_TRACE(fmt::format("{}, {} other rows", step, others));
      LakeFolder own;
      const bool after = step == "published" || step == "index applied";
      const auto transaction = [&](MirrorWriter& people) {
        people.update(row_id(1), row_id(1), person(1, "Anna", 31));
        people.remove(row_id(2));
        for (int i = 10; i < 10 + others; ++i) people.insert(row_id(i), person(i, "p", 0));
      };
      {
        MirrorWriter people(own.lake(), "people", people_schema(true));
        people.insert(row_id(1), person(1, "Ann", 30));
        people.insert(row_id(2), person(2, "Bob", 40));
        people.commit(at(2));
        transaction(people);
        people.set_commit_hook([&](std::string_view done) {
          if (done == step) throw Crash();
        });
        EXPECT_THROW(people.commit(at(4)), Crash);
      }
      own.close();
      MirrorWriter people(own.lake(), "people", people_schema(true));
      EXPECT_EQ(people.committed_offset(), after ? 4u : 2u);
      if (!after) transaction(people);
      people.update(row_id(1), row_id(1), person(1, "Annie", 32));
      for (int i = 10; i < 10 + others; ++i) people.remove(row_id(i));
      people.commit(at(5));
      EXPECT_THAT(own.rows(kAll), ElementsAre("1|Annie|32"));
    }
  }
}

// A transaction larger than memory: what was staged is neither seen nor committed before its end,
// and then all of it is.
TEST_F(Mirror, StagesPartsOfATransaction) {
  for (const bool keyed : {true, false}) {
    SCOPED_TRACE(keyed);
    LakeFolder own;
    std::multimap<int, std::string> expected;
    const auto put = [&](int key, int age) {
      expected.emplace(key, fmt::format("{}|v|{}", key, age));
      return person(key, "v", age);
    };
    const auto rows = [&] {
      std::vector<std::string> rows;
      for (const auto& [key, text] : expected) rows.push_back(text);
      return rows;
    };
    {
      MirrorWriter people(own.lake(), "people", people_schema(keyed));
      for (int i = 0; i < 100; ++i) people.insert(row_id(i), put(i, 1));
      people.commit(at(1));
      for (int i = 100; i < 110; ++i) people.insert(row_id(i), put(i, 2));
      people.publish();
      const auto before = rows();
      std::mt19937_64 random(11);
      for (int part = 0; part < 5; ++part) {
        for (int i = 0; i < 60; ++i) {
          const auto key = static_cast<int>(random() % 150);
          const RowId id = row_id(static_cast<std::uint64_t>(key));
          const auto found = expected.find(key);
          if (found == expected.end()) {
            people.insert(id, put(key, part));
          } else if (random() % 3 == 0) {
            people.remove(id);
            expected.erase(found);
          } else {
            expected.erase(found);
            people.update(id, id, put(key, 10 + part));
          }
        }
        people.stage();
        EXPECT_EQ(people.held_rows(), 0u);
        EXPECT_EQ(own.rows(kAll), before);
      }
      people.publish();
      if (keyed) {
        EXPECT_EQ(own.rows(kAll), rows());
      }
      EXPECT_EQ(people.rows(), static_cast<std::int64_t>(expected.size()));
      people.commit(at(2));
      EXPECT_EQ(people.rows(), static_cast<std::int64_t>(expected.size()));
    }
    own.close();
    MirrorWriter people(own.lake(), "people", people_schema(keyed));
    EXPECT_EQ(people.committed_offset(), 2u);
    EXPECT_EQ(people.rows(), static_cast<std::int64_t>(expected.size()));
    for (const auto& [key, text] : expected) people.remove(row_id(static_cast<std::uint64_t>(key)));
    people.publish();
    EXPECT_THAT(own.rows(kAll), IsEmpty());
  }
}

TEST_F(Mirror, TruncatesWhatWasStaged) {
  MirrorWriter people = writer();
  for (int i = 0; i < 10; ++i) people.insert(row_id(i), person(i, "p", i));
  people.commit(at(10));
  people.insert(row_id(20), person(20, "staged", 1));
  people.stage();
  people.truncate();
  people.insert(row_id(5), person(5, "new", 5));
  people.stage();
  people.insert(row_id(20), person(20, "new", 6));
  people.commit(at(13));
  EXPECT_THAT(folder.rows(kAll), ElementsAre("5|new|5", "20|new|6"));
  EXPECT_EQ(people.rows(), 2);
  people.update(row_id(5), row_id(5), person(5, "newer", 7));
  people.insert(row_id(0), person(0, "again", 8));
  people.commit(at(15));
  const auto reader = Lake::open_read_only(folder.options());
  EXPECT_THAT(rows_of(*reader, kAll), ElementsAre("0|again|8", "5|newer|7", "20|new|6"));
}

// As SurvivesACrashAtEveryStepOfACommit, with a part of the transaction staged.
TEST_F(Mirror, SurvivesACrashAfterStaging) {
  for (const std::string_view step :
       {"files staged", "files written", "delta stored", "published", "index applied"}) {
    SCOPED_TRACE(step);
    LakeFolder own;
    const bool after = step == "published" || step == "index applied";
    const auto transaction = [](MirrorWriter& people) {
      people.update(row_id(1), row_id(1), person(1, "Anna", 31));
      people.insert(row_id(3), person(3, "Cid", 50));
      people.stage();
      people.remove(row_id(2));
      people.update(row_id(3), row_id(3), person(3, "Cyd", 51));
    };
    {
      MirrorWriter people(own.lake(), "people", people_schema(true));
      people.insert(row_id(1), person(1, "Ann", 30));
      people.insert(row_id(2), person(2, "Bob", 40));
      people.commit(at(2));
      people.set_commit_hook([&](std::string_view done) {
        if (done == step) throw Crash();
      });
      EXPECT_THROW(
          {
            transaction(people);
            people.commit(at(4));
          },
          Crash);
    }
    own.close();
    MirrorWriter people(own.lake(), "people", people_schema(true));
    EXPECT_EQ(people.committed_offset(), after ? 4u : 2u);
    if (!after) transaction(people);
    people.update(row_id(3), row_id(3), person(3, "Sid", 52));
    people.commit(at(5));
    EXPECT_THAT(own.rows(kAll), ElementsAre("1|Anna|31", "3|Sid|52"));
    EXPECT_EQ(people.rows(), 2);
  }
}

TEST_F(Mirror, NamesALostKeyIndex) {
  {
    MirrorWriter people = writer();
    people.insert(row_id(1), person(1, "Ann", 30));
    people.commit(at(1));
  }
  folder.close();
  std::filesystem::remove_all(folder.options().state);
  try {
    writer();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.what(), HasSubstr("people"));
  }
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Ann|30"));  // SQL does not need it
  MirrorWriter people(folder.lake(), "people", people_schema(true), MirrorStart::rebuild);
  people.load(row_id(1), person(1, "Ann", 31));
  people.commit(at(2));
  EXPECT_THAT(folder.rows(kAll), ElementsAre("1|Ann|31"));
}

TEST_F(Mirror, CommittedFilesHoldExactlyTheLiveRows) {
  MirrorWriter people = writer();
  std::mt19937_64 random(7);
  std::map<int, std::string> expected;
  for (int commit = 1; commit <= 12; ++commit) {
    for (int i = 0; i < 700; ++i) {
      const int key = static_cast<int>(random() % 2000);
      const int age = static_cast<int>(random() % 100);
      const RowId id = row_id(static_cast<std::uint64_t>(key));
      if (!expected.contains(key)) {
        people.insert(id, person(key, "v", age));
        expected[key] = fmt::format("{}|v|{}", key, age);
      } else if (random() % 3 == 0) {
        people.remove(id);
        expected.erase(key);
      } else {
        people.update(id, id, person(key, "w", age));
        expected[key] = fmt::format("{}|w|{}", key, age);
      }
      if (i % 100 == 0) people.publish();
    }
    people.commit(at(static_cast<std::uint64_t>(commit)));
  }
  std::vector<std::string> rows;
  for (const auto& [key, text] : expected) rows.push_back(text);
  EXPECT_EQ(folder.rows(kAll), rows);
  const auto reader = Lake::open_read_only(folder.options());
  EXPECT_EQ(rows_of(*reader, kAll), rows);
  EXPECT_EQ(people.rows(), static_cast<std::int64_t>(rows.size()));
  EXPECT_LE(folder.lake().versions().size(), 1u);  // old versions are freed
}

// The writer moves a value from row to row: the count and the sum never change between publishes.
TEST_F(Mirror, ReadersNeverSeeATornState) {
  constexpr int kRows = 400;
  MirrorWriter people = writer();
  for (int i = 0; i < kRows; ++i) people.insert(row_id(i), person(i, "p", 10));
  people.commit(at(1));
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::vector<std::string> torn;
  std::jthread reader([&] {
    while (!done) {
      const auto rows = rows_of(folder.lake(), "SELECT count(*), sum(age) FROM people");
      if (rows != std::vector<std::string>{fmt::format("{}|{}", kRows, kRows * 10)}) torn = rows;
      ++reads;
    }
  });
  std::mt19937_64 random(1);
  for (int step = 1; step <= 60; ++step) {
    for (int i = 0; i < 50; ++i) {
      const auto a = static_cast<int>(random() % kRows), b = (a + 1) % kRows;
      people.update(row_id(a), row_id(a), person(a, "p", 9));
      people.update(row_id(b), row_id(b), person(b, "p", 11));
      people.update(row_id(a), row_id(a), person(a, "p", 10));
      people.update(row_id(b), row_id(b), person(b, "p", 10));
    }
    people.publish();
    if (step % 10 == 0) people.commit(at(static_cast<std::uint64_t>(step)));
  }
  while (reads < 5) std::this_thread::yield();
  done = true;
  reader.join();
  EXPECT_THAT(torn, IsEmpty());
}

}  // namespace
}  // namespace freshet
