#include "source/binlog_source.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "source/event_reader.h"
#include "source/test_support.h"

// Recorded logs of real servers (tests/data/binlog/README.md), replayed.
namespace freshet {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLarge = std::size_t{1} << 20;

std::string path_of(const std::string& name) {
  return std::string(FRESHET_SOURCE_DIR) + "/tests/data/binlog/" + name;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

ServerFacts facts_of(const std::string& log) {
  ServerFacts facts;
  facts.mariadb = log.starts_with("mariadb");
  facts.identity = "here";
  return facts;
}

// A directory of its own, gone with it.
struct Spool {
  Spool() {
    std::string name = testing::TempDir() + "spool.XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Spool() { std::filesystem::remove_all(path); }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  std::filesystem::path path;
};

bool all_tables(const TableName&) { return true; }

// A log with everything that belongs to reading it.
struct Replay {
  explicit Replay(const std::string& log, Position start = {},
                  std::function<bool(const TableName&)> captured = all_tables,
                  SchemaLookup lookup = {}, const Spool* restarted = nullptr)
      : tracker(std::move(lookup)),
        source(std::make_unique<FileEventReader>(path_of(log)), facts_of(log), std::move(start),
               std::move(captured), tracker, restarted != nullptr ? restarted->path : spool.path) {}

  // Reads to the end in parts of `max_bytes`; the changes and statements, a line each.
  std::vector<std::string> all(std::size_t max_bytes = kLarge, bool marks = true) {
    std::vector<std::string> lines;
    while (true) {
      batch.clear();
      const ReadResult result = source.read(batch, max_bytes, milliseconds(0), std::nullopt, {});
      EXPECT_EQ(result.rows_read,
                result.rows_emitted + result.rows_filtered + result.rows_repeated);
      EXPECT_EQ(result.rows_emitted, batch.rows());
      filtered += result.rows_filtered;
      repeated += result.rows_repeated;
      for (std::string& line : test::show_changes(batch))
        if (marks || !line.starts_with("schema")) lines.push_back(std::move(line));
      for (const DdlNotice& d : result.ddl)
        if (marks)
          lines.push_back(fmt::format("DDL {} {}{} @ {}", name_of(d.kind), d.table.qualified(),
                                      d.neutral ? " neutral" : "", to_string(d.at)));
      if (result.events == 0 && batch.empty() && result.ddl.empty()) return lines;
    }
  }

  Spool spool;
  SchemaTracker tracker;
  BinlogSource source;
  ChangeBatch batch;
  std::uint64_t filtered = 0, repeated = 0;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

class RecordedLog : public testing::TestWithParam<const char*> {};

TEST_P(RecordedLog, GivesItsChanges) {
  const std::string log = GetParam();
  const std::string golden = path_of(log + ".txt");
  const std::string changes = joined(Replay(log).all());
  if (std::getenv("FRESHET_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << changes;
  EXPECT_EQ(changes, content_of(golden));
}

TEST_P(RecordedLog, GivesTheSameChangesInSmallParts) {
  const std::vector<std::string> whole = Replay(GetParam()).all();
  EXPECT_EQ(joined(Replay(GetParam()).all(1)), joined(whole));
}

// Stops after every part, and goes on in a new reader from the position and with the schemas known.
TEST_P(RecordedLog, ResumesAnywhere) {
  const std::vector<std::string> whole = Replay(GetParam()).all(kLarge, false);
  std::vector<std::string> taken;
  Position position;
  std::map<std::string, Bytes> known;  // parts of the tracker's state
  const Spool spool;
  for (int runs = 0; runs < 1000; ++runs) {
    Replay replay(GetParam(), position, all_tables, {}, &spool);
    for (const auto& [key, content] : known)
      if (!content.empty()) replay.tracker.restore(key, content);
    bool over = true;
    for (int reads = 0; reads < 40; ++reads) {
      const ReadResult result =
          replay.source.read(replay.batch, 1, milliseconds(0), std::nullopt, {});
      over = result.events == 0 && replay.batch.empty();
      // A mark within a transaction is no place to resume behind.
      const bool whole = !replay.batch.in_transaction() && !replay.batch.empty();
      if (over || whole || replay.batch.rows() > 0) break;
    }
    EXPECT_LE(replay.batch.rows(), 1U);
    for (auto& [key, content] : replay.tracker.take_changes()) known[key] = content;
    for (std::string& line : test::show_changes(replay.batch))
      if (!line.starts_with("schema")) taken.push_back(std::move(line));
    position = replay.source.position();
    position.server_id = "here";
    if (over) break;
  }
  for (std::size_t i = 0; i < std::min(taken.size(), whole.size()); ++i)
    ASSERT_EQ(taken[i], whole[i]) << i;
  EXPECT_EQ(taken.size(), whole.size());
}

TEST_P(RecordedLog, CountsWhatIsFiltered) {
  Replay some(GetParam(), {}, [](const TableName& name) { return name.table == "a"; });
  Replay all(GetParam());
  std::uint64_t rows = 0, rows_of_a = 0;
  for (const std::string& line : all.all()) {
    const bool row =
        line.starts_with("insert") || line.starts_with("update") || line.starts_with("delete");
    rows += row ? 1 : 0;
    rows_of_a += row && line.find(" q.a ") != std::string::npos ? 1 : 0;
  }
  static_cast<void>(some.all());
  EXPECT_EQ(some.filtered, rows - rows_of_a);
}

// Damage is told, or harmless; never a crash, and never an endless loop.
TEST_P(RecordedLog, SurvivesDamage) {
  const std::string whole = content_of(path_of(GetParam()));
  const std::string path = testing::TempDir() + "damaged." + std::to_string(getpid()) + ".000001";
  // Without checksums, or nothing but the checksum would be tried.
  const auto without_checksums = [&] {
    std::string bytes = whole.substr(0, 4);
    for (std::size_t at = 4; at + kEventHeaderSize <= whole.size();) {
      std::uint32_t size = 0;
      std::memcpy(&size, whole.data() + at + 9, 4);
      std::string event = whole.substr(at, size);
      const bool format = static_cast<EventType>(event[4]) == EventType::format_description;
      if (format)
        event[event.size() - 5] = 0;
      else
        event.resize(event.size() - 4);
      const auto shorter = static_cast<std::uint32_t>(event.size());
      std::memcpy(event.data() + 9, &shorter, 4);
      bytes += event;
      at += size;
    }
    return bytes;
  };
  const std::string plain = without_checksums();
  const Spool spool;
  const auto try_reading = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      SchemaTracker tracker;
      BinlogSource source(std::make_unique<FileEventReader>(path), facts_of(GetParam()), {},
                          all_tables, tracker, spool.path);
      ChangeBatch batch;
      for (int reads = 0; reads < 1000; ++reads) {
        batch.clear();
        const ReadResult result = source.read(batch, 4096, milliseconds(0), std::nullopt, {});
        if (result.events == 0 && batch.empty()) break;
      }
    } catch (const Error&) {
    }
  };
  std::uint32_t random = 1;
  for (int i = 0; i < 300; ++i) {
    std::string bytes = plain;
    for (int flips = 0; flips < 3; ++flips) {
      random = random * 1664525 + 1013904223;
      bytes[random % bytes.size()] ^= static_cast<char>(1 << (random >> 29));
    }
    try_reading(bytes);
    try_reading(plain.substr(0, random % plain.size()));
  }
  std::remove(path.c_str());
}

INSTANTIATE_TEST_SUITE_P(Servers, RecordedLog,
                         testing::Values("mariadb.000001", "mariadb.000002", "mysql.000001",
                                         "mysql.000002", "mariadb_xa.000001", "mysql_xa.000001"),
                         [](const auto& log) {
                           std::string name = log.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(BinlogSource, StopsAtTheGivenPlace) {
  const std::vector<std::string> whole = Replay("mysql.000001").all();
  Replay replay("mysql.000001");
  // Before the statement that is half-way through the log.
  LogCoordinate until;
  while (!until.known() || until.offset < 6000) {
    replay.batch.clear();
    static_cast<void>(replay.source.read(replay.batch, 1, milliseconds(0), std::nullopt, {}));
    if (!replay.batch.in_transaction()) until = replay.source.log_end();
  }
  Replay other("mysql.000001");
  std::vector<std::string> lines;
  bool reached = false;
  for (int reads = 0; reads < 1000 && !reached; ++reads) {
    other.batch.clear();
    reached = other.source.read(other.batch, kLarge, milliseconds(0), until, {}).reached;
    for (std::string& line : test::show_changes(other.batch)) lines.push_back(std::move(line));
  }
  ASSERT_TRUE(reached);
  EXPECT_EQ(other.source.log_end(), until);
  EXPECT_EQ(other.source.position().log, until);
  EXPECT_TRUE(other.source.read(other.batch, kLarge, milliseconds(0), until, {}).reached);
  for (std::string& line : other.all()) lines.push_back(std::move(line));
  const auto changes = [](std::vector<std::string> all) {
    std::erase_if(all, [](const std::string& line) { return line.starts_with("DDL"); });
    return joined(all);
  };
  EXPECT_EQ(changes(lines), changes(whole));
}

TEST(BinlogSource, FollowsGtids) {
  Replay mysql("mysql.000001");
  static_cast<void>(mysql.all());
  EXPECT_TRUE(mysql.source.position().gtid.ends_with(":mytag:1")) << mysql.source.position().gtid;
  Replay mariadb("mariadb.000002");
  static_cast<void>(mariadb.all());
  EXPECT_TRUE(mariadb.source.position().gtid.starts_with("0-7-")) << mariadb.source.position().gtid;
  EXPECT_GT(mariadb.source.last_event_micros(), 1'700'000'000'000'000);
}

// Their XA transactions were prepared before the place that is started from.
TEST(BinlogSource, TellsOfXaTransactionsThatItNeverSaw) {
  for (const char* log : {"mariadb_xa.000001", "mysql_xa.000001"}) {
    Replay whole(log);
    LogCoordinate prepared;
    while (!prepared.known()) {
      whole.batch.clear();
      static_cast<void>(whole.source.read(whole.batch, 1, milliseconds(0), std::nullopt, {}));
      for (const std::string& line : test::show_changes(whole.batch))
        if (line.find("'between'") != std::string::npos) prepared = whole.source.position().log;
    }
    Position start{.server_id = "here", .log = prepared, .gtid = "", .rows = 0};
    std::vector<std::string> lines = Replay(log, start).all();
    EXPECT_EQ(std::ranges::count_if(
                  lines, [](const std::string& line) { return line.starts_with("DDL unseen"); }),
              1)
        << log;
  }
}

TEST(BinlogSource, RefusesRowsThatItDoesNotFindAgain) {
  Position start{.server_id = "here", .log = {"mysql.000002", 4}, .gtid = "", .rows = 5};
  Replay replay("mysql.000002", start);
  EXPECT_THROW(static_cast<void>(replay.all()), Error);
}

// Logs without column names need the schema, and check it against the log.
class UnnamedLog : public testing::TestWithParam<const char*> {
 protected:
  // The schemas that the same statements gave with names.
  static std::vector<TableDefinition> definitions() {
    const std::string log =
        std::string(GetParam()).starts_with("mariadb") ? "mariadb.000001" : "mysql.000001";
    Replay named(log);
    static_cast<void>(named.all());
    std::vector<TableDefinition> definitions;
    for (const TableName& name : named.tracker.tables_of("p"))
      if (name.table != "own" && name.table != "ctas")
        definitions.push_back(*named.tracker.definition(name));
    return definitions;
  }
  static std::vector<std::string> rows(std::vector<std::string> lines) {
    std::erase_if(lines, [](const std::string& line) {
      return line.find(" p.") == std::string::npos || line.starts_with("schema") ||
             line.starts_with("DDL") || line.find("own") != std::string::npos ||
             line.find("ctas") != std::string::npos;
    });
    for (std::string& line : lines) line = line.substr(0, line.find(" @ "));
    return lines;
  }
};

// The statements of the log alone tell the columns.
TEST_P(UnnamedLog, ReadsWithItsStatements) {
  const std::string log =
      std::string(GetParam()).starts_with("mariadb") ? "mariadb.000001" : "mysql.000001";
  Replay replay(GetParam());
  const std::vector<std::string> found = rows(replay.all());
  const std::vector<std::string> expected = rows(Replay(log).all());
  EXPECT_EQ(joined(found), joined(expected));
  EXPECT_GE(found.size(), 7U);
}

// What is known right behind the table's statement decides, if it fits exactly.
TEST_P(UnnamedLog, RefusesUnknownAndUnfitSchemas) {
  const auto read_with = [](const TableName& name, const std::function<void(SchemaTracker&)>& set) {
    Replay replay(GetParam(), {}, [&](const TableName& table) { return table == name; });
    bool created = false;
    for (int reads = 0; reads < 1000 && !created; ++reads) {
      replay.batch.clear();
      created = !replay.source.read(replay.batch, 1, milliseconds(0), std::nullopt, {}).ddl.empty();
    }
    ASSERT_TRUE(created);
    set(replay.tracker);
    try {
      static_cast<void>(replay.all());
      ADD_FAILURE() << name.qualified();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unsupported) << error.what();
    }
  };
  for (const TableDefinition& definition : definitions()) {
    const TableName name = definition.schema.name;
    read_with(name, [&](SchemaTracker& tracker) { tracker.dropped(name); });
    TableDefinition shorter = definition;
    shorter.schema.columns.pop_back();
    shorter.traits.pop_back();
    read_with(name, [&](SchemaTracker& tracker) { tracker.know(shorter); });
    TableDefinition stricter = definition;
    stricter.schema.columns[2].nullable = !stricter.schema.columns[2].nullable;
    read_with(name, [&](SchemaTracker& tracker) { tracker.know(stricter); });
    TableDefinition swapped = definition;
    const std::size_t other = swapped.traits.size() / 2;
    std::swap(swapped.schema.columns[1], swapped.schema.columns[other]);
    std::swap(swapped.traits[1], swapped.traits[other]);
    read_with(name, [&](SchemaTracker& tracker) { tracker.know(swapped); });
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, UnnamedLog,
                         testing::Values("mariadb_nolog.000001", "mysql_minimal.000001"),
                         [](const auto& log) {
                           std::string name = log.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace freshet
