#include "source/binlog_source.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "source/event_reader.h"
#include "source/row_decoder.h"
#include "source/test_support.h"

// Recorded logs of real servers (tests/data/binlog/README.md), replayed.
namespace freshet {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLarge = std::size_t{1} << 20;

std::string path_of(const std::string& name) {
  if (name.starts_with('/')) return name;
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
  facts.mariadb = log.find("mariadb") != std::string::npos;
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

// The head of a recorded log, as a server that writes no checksums has it.
std::string head_of(const std::string& log) {
  std::string bytes = content_of(path_of(log));
  const std::size_t size = *told_size(std::string_view(bytes).substr(4));
  bytes.resize(4 + size);
  bytes[bytes.size() - kChecksumSize - 1] = 0;
  return bytes;
}

// An event of a log without checksums.
Bytes event_of(EventType type, std::string_view body, std::uint16_t flags = 0) {
  Bytes raw;
  put_fixed<std::uint32_t>(raw, 1795367946);
  put_u8(raw, static_cast<std::uint8_t>(type));
  put_fixed<std::uint32_t>(raw, 7);
  put_fixed(raw, static_cast<std::uint32_t>(kEventHeaderSize + body.size()));
  put_fixed<std::uint32_t>(raw, 0);
  put_fixed(raw, flags);
  raw += body;
  return raw;
}

// A mark after which nothing is missing if it is told again.
bool tells_columns(const std::string& line) {
  return std::ranges::any_of(std::vector{"schema ", "create ", "alter ", "rename-columns "},
                             [&](const char* op) { return line.starts_with(op); });
}

// A log with everything that belongs to reading it.
struct Replay {
  explicit Replay(const std::string& log, Position start = {},
                  std::function<bool(const TableName&)> captured = all_tables,
                  SchemaLookup lookup = {}, const Spool* restarted = nullptr)
      : tracker(std::move(lookup)),
        source(std::make_unique<FileEventReader>(path_of(log)), facts_of(log), std::move(start),
               std::move(captured), tracker,
               {.directory = restarted != nullptr ? restarted->path : spool.path}) {}

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
        if (marks || !tells_columns(line)) lines.push_back(std::move(line));
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
      if (!tells_columns(line)) taken.push_back(std::move(line));
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
                          all_tables, tracker, {.directory = spool.path});
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
                                         "mysql.000002", "mariadb_xa.000001", "mysql_xa.000001",
                                         "mysql56.000001"),
                         [](const auto& log) {
                           std::string name = log.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

// What is made of an event that says nothing: none is passed over but those of which it is known
// that they change no row.
class EveryEvent : public testing::TestWithParam<const char*> {
 protected:
  static std::string answer_to(int type, std::uint16_t flags = 0) {
    const std::string path = testing::TempDir() + "event." + std::to_string(getpid()) + ".000001";
    std::ofstream(path, std::ios::binary)
        << head_of(GetParam()) << event_of(static_cast<EventType>(type), {}, flags);
    const Spool spool;
    std::string answer = "passed over";
    try {
      SchemaTracker tracker;
      BinlogSource source(std::make_unique<FileEventReader>(path), facts_of(GetParam()), {},
                          all_tables, tracker, {.directory = spool.path});
      ChangeBatch batch;
      static_cast<void>(source.read(batch, kLarge, milliseconds(0), std::nullopt, {}));
      EXPECT_TRUE(batch.empty()) << type;
    } catch (const Error& error) {
      const bool refused = error.kind() == ErrorKind::unsupported;
      answer = refused ? "refused" : "read";
      EXPECT_TRUE(refused || error.kind() == ErrorKind::corrupt) << error.what();
      EXPECT_FALSE(refused &&
                   std::string_view(error.what()).find(" at event.") == std::string_view::npos)
          << error.what();
    }
    std::remove(path.c_str());
    return answer;
  }
};

TEST_P(EveryEvent, IsReadRefusedOrKnownToChangeNothing) {
  const std::set<int> passed = {
      3,    // STOP
      5,    // INTVAR: prepares a statement, as RAND, USER_VAR and the parts of LOAD DATA do
      9,    // APPEND_BLOCK
      11,   // DELETE_FILE
      13,   // RAND
      14,   // USER_VAR
      17,   // BEGIN_LOAD_QUERY
      27,   // HEARTBEAT
      28,   // IGNORABLE
      29,   // ROWS_QUERY
      36,   // TRANSACTION_CONTEXT
      37,   // VIEW_CHANGE
      41,   // HEARTBEAT_V2
      160,  // MariaDB's ANNOTATE_ROWS
      161,  // BINLOG_CHECKPOINT
      164,  // START_ENCRYPTION
  };
  const std::set<int> read = {2,  4,  15, 16, 19,  23,  24,  25,  30,  31,  32,  33,  34,  35,
                              38, 39, 40, 42, 162, 163, 165, 166, 167, 168, 169, 170, 171, 172};
  for (int type = 0; type < 256; ++type) {
    const char* expected = passed.contains(type) ? "passed over" : "refused";
    if (read.contains(type)) expected = "read";
    EXPECT_EQ(answer_to(type), expected) << "type " << type;
  }
}

// A server may mark a kind of event as one that old readers need not know.
TEST_P(EveryEvent, IsPassedOverIfUnknownAndMarkedSo) {
  for (const int type : {0, 1, 7, 43, 100, 159, 173, 255})
    EXPECT_EQ(answer_to(type, kIgnorableFlag), "passed over") << "type " << type;
  for (const int type : {6, 18, 20, 26})
    EXPECT_EQ(answer_to(type, kIgnorableFlag), "refused") << "type " << type;
}

INSTANTIATE_TEST_SUITE_P(Servers, EveryEvent, testing::Values("mariadb.000001", "mysql.000001"),
                         [](const auto& log) {
                           return std::string(log.param).substr(0,
                                                                std::string(log.param).find('.'));
                         });

// Whoever reads has other things to do, too: events that bring nothing do not keep a call for long.
TEST(BinlogSource, ReturnsWhileNothingOfWhatIsCapturedComes) {
  constexpr int kEvents = 1000;
  const Spool folder;
  const std::string path = folder.path / "mariadb.000001";
  {
    std::ofstream log(path, std::ios::binary);
    log << head_of("mariadb.000001");
    for (int i = 0; i < kEvents; ++i) log << event_of(EventType::rows_query, "x");
  }
  Replay replay(path);
  const auto read = [&] {
    return replay.source.read(replay.batch, kLarge, milliseconds(0), std::nullopt, {}).events;
  };
  std::uint64_t all = read();
  EXPECT_LT(all, kEvents);
  while (const std::uint64_t more = read()) all += more;
  EXPECT_EQ(all, kEvents + 1);
}

// A recorded log in which every rows event is cut into fragments, as MariaDB 12.3 writes large
// ones.
TEST(BinlogSource, JoinsTheFragmentsOfRowsEvents) {
  const std::string log = "mariadb.000001";
  const std::string whole = content_of(path_of(log));
  std::string cut = head_of(log);
  int fragments = 0;
  for (std::size_t at = cut.size(); at < whole.size();) {
    const std::string_view raw = std::string_view(whole).substr(at);
    const std::size_t size = *told_size(raw);
    at += size;
    const auto type = static_cast<EventType>(raw[4]);
    const std::string_view body =
        raw.substr(kEventHeaderSize, size - kEventHeaderSize - kChecksumSize);
    if (!is_rows_event(type)) {
      cut += event_of(type, body);
      continue;
    }
    const Bytes rows = event_of(type, body);
    constexpr std::uint32_t kPart = 11;
    const auto total = static_cast<std::uint32_t>((rows.size() + kPart - 1) / kPart);
    for (std::uint32_t i = 0; i < total; ++i, ++fragments) {
      Bytes part;
      put_fixed(part, total);
      put_fixed(part, i + 1);
      put_u8(part, 0);
      part += std::string_view(rows).substr(std::size_t{i} * kPart, kPart);
      cut += event_of(EventType::mariadb_partial_row_data, part);
    }
  }
  EXPECT_GT(fragments, 20);
  const Spool spool;
  const std::string path = (spool.path / log).string();
  std::ofstream(path, std::ios::binary) << cut;
  const auto rows = [](std::vector<std::string> lines) {
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("DDL"); });
    for (std::string& line : lines) line = line.substr(0, line.find(" @ "));
    return joined(lines);
  };
  EXPECT_EQ(rows(Replay(path).all(1)), rows(Replay(log).all()));
}

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
      return line.find(" p.") == std::string::npos || tells_columns(line) ||
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
