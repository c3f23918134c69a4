// Makes tables that show all we write, for readers that are not ours (tests/interop/). Where
// FRESHET_INTEROP_DIR names a directory the tables stay there, each with a file expected.jsonl
// beside it: the rows, in no order.

#include <duckdb.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "lake/bounds.h"
#include "lake/iceberg_table.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

constexpr std::int32_t kPathId = 2147483546, kPosId = 2147483545;  // of position delete files

class DuckDb {
 public:
  DuckDb() {
    EXPECT_EQ(duckdb_open(nullptr, &database_), DuckDBSuccess);
    EXPECT_EQ(duckdb_connect(database_, &connection_), DuckDBSuccess);
    run("SET TimeZone = 'UTC'");
  }
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;
  ~DuckDb() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }

  void run(const std::string& sql) {
    duckdb_result result;
    const auto state = duckdb_query(connection_, sql.c_str(), &result);
    if (state != DuckDBSuccess) ADD_FAILURE() << sql << ": " << duckdb_result_error(&result);
    duckdb_destroy_result(&result);
  }

 private:
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

class IcebergInterop : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* kept = std::getenv("FRESHET_INTEROP_DIR")) {
      home_ = kept;
      return;
    }
    home_ = temporary_.emplace("interop").path();
  }

  // Writes the rows of `select` as a file of the table.
  DataFile write(const IcebergTable& table, const std::string& select, const std::string& field_ids,
                 std::int64_t rows) {
    const std::string path = table.new_data_path();
    duckdb_.run(
        fmt::format("COPY ({}) TO '{}' (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {{{}}})",
                    select, path, field_ids));
    return {.path = IcebergTable::uri_of(path),
            .records = rows,
            .bytes = static_cast<std::int64_t>(fs::file_size(path)),
            .split_offsets = {4}};
  }

  DataFile write_deletes(const IcebergTable& table, const DataFile& target,
                         const std::vector<int>& positions) {
    DataFile file = write(table,
                          fmt::format("SELECT '{}' AS file_path, unnest([{}])::BIGINT AS pos",
                                      target.path, fmt::join(positions, ",")),
                          fmt::format("file_path: {}, pos: {}", kPathId, kPosId),
                          static_cast<std::int64_t>(positions.size()));
    file.content = FileContent::position_deletes;
    file.split_offsets.clear();
    file.stats[kPathId] = {.values = file.records, .lower = target.path, .upper = target.path};
    file.stats[kPosId] = {.values = file.records,
                          .lower = int64_bound(positions.front()),
                          .upper = int64_bound(positions.back())};
    return file;
  }

  void expect_rows(const std::string& table, std::string_view rows) {
    write_file(home_ / (table + ".expected.jsonl"), rows);
  }

  fs::path home_;
  std::optional<TemporaryDirectory> temporary_;
  DuckDb duckdb_;
};

LakeSchema users() {
  return {.columns = {{.name = "id", .type = LakeType::int32, .required = true},
                      {.name = "name", .type = LakeType::string},
                      {.name = "balance", .type = LakeType::decimal, .precision = 12, .scale = 2},
                      {.name = "born", .type = LakeType::date}},
          .key = {0}};
}

// Inserts, position deletes of two commits (one of the same commit's rows), and columns that come,
// go and widen.
TEST_F(IcebergInterop, Mirror) {
  auto table = IcebergTable::open_or_create(home_ / "mirror", users());
  DataFile first =
      write(table,
            "SELECT i::INTEGER AS id, 'user ' || i AS name, (i * 1.25)::DECIMAL(12,2) AS "
            "balance, DATE '2000-01-01' + i::INTEGER AS born FROM range(1, 6) t(i)",
            "id: 1, name: 2, balance: 3, born: 4", 5);
  first.stats[1] = {.bytes = 40, .values = 5, .lower = int32_bound(1), .upper = int32_bound(5)};
  first.stats[2] = {.bytes = 60, .values = 5, .lower = "user 1", .upper = "user 5"};
  table.commit({.added = {first, write_deletes(table, first, {4})},
                .summary = {{"freshet.stream-offset", "17"}}});

  LakeSchema wider = users();
  wider.columns[0].type = LakeType::int64;
  wider.columns[2].precision = 20;
  wider.columns[3] = {.name = "city", .type = LakeType::string};
  DataFile second = write(table,
                          "SELECT 9000000000::BIGINT AS id, 'zoë' AS name, 12345678901234.50::"
                          "DECIMAL(20,2) AS balance, 'Basel' AS city",
                          "id: 1, name: 2, balance: 3, city: 5", 1);
  second.stats[1] = {
      .values = 1, .lower = int64_bound(9000000000), .upper = int64_bound(9000000000)};
  table.commit(
      {.added = {second, write_deletes(table, first, {0, 2})}, .schema = table.evolve(wider)});
  expect_rows("mirror",
              R"({"id":2,"name":"user 2","balance":"2.50","city":null}
{"id":4,"name":"user 4","balance":"5.00","city":null}
{"id":9000000000,"name":"zoë","balance":"12345678901234.50","city":"Basel"}
)");
}

// Append-only, partitioned by day.
TEST_F(IcebergInterop, History) {
  const LakeSchema columns = {
      .columns = {{.name = "_op", .type = LakeType::string, .required = true},
                  {.name = "_commit_ts", .type = LakeType::timestamptz, .required = true},
                  {.name = "flag", .type = LakeType::boolean},
                  {.name = "raw", .type = LakeType::binary},
                  {.name = "ratio", .type = LakeType::float64},
                  {.name = "at", .type = LakeType::timestamp}}};
  auto table = IcebergTable::open_or_create(home_ / "history", columns, "_commit_ts");
  for (int day = 0; day < 3; ++day) {
    DataFile file = write(
        table,
        fmt::format("SELECT 'insert' AS _op, TIMESTAMPTZ '2026-11-2{0} 10:00:00+00' AS _commit_ts, "
                    "{0} = 1 AS flag, 'ab'::BLOB AS raw, {0} / 2 AS ratio, "
                    "TIMESTAMP '2026-01-01 00:00:00.5' AS \"at\"",
                    day),
        "_op: 1, _commit_ts: 2, flag: 3, raw: 4, ratio: 5, \"at\": 6", 1);
    file.partition_day = 20777 + day;  // 2026-11-20
    const auto bound =
        bound_of(columns.columns[1], fmt::format("2026-11-2{} 10:00:00+00", day), BoundSide::lower);
    file.stats[2] = {.values = 1, .lower = bound, .upper = bound};
    table.commit({.added = {file}});
  }
  expect_rows(
      "history",
      R"({"_op":"insert","_commit_ts":"2026-11-20T10:00:00.000000Z","flag":false,"raw":"6162","ratio":0.0,"at":"2026-01-01T00:00:00.500000"}
{"_op":"insert","_commit_ts":"2026-11-21T10:00:00.000000Z","flag":true,"raw":"6162","ratio":0.5,"at":"2026-01-01T00:00:00.500000"}
{"_op":"insert","_commit_ts":"2026-11-22T10:00:00.000000Z","flag":false,"raw":"6162","ratio":1.0,"at":"2026-01-01T00:00:00.500000"}
)");
}

// More commits than manifests and snapshots are kept, with a truncation in the middle.
TEST_F(IcebergInterop, Long) {
  auto table = IcebergTable::open_or_create(home_ / "long", users());
  const DataFile gone = write(table, "SELECT 0::INTEGER AS id", "id: 1", 1);
  table.commit({.added = {gone, write_deletes(table, gone, {0})}});
  table.commit({.replace_all = true});
  std::string expected;
  for (int i = 1; i <= 230; ++i) {
    table.commit({.added = {write(table, fmt::format("SELECT {}::INTEGER AS id", i), "id: 1", 1)}});
    expected += fmt::format("{{\"id\":{},\"name\":null,\"balance\":null,\"born\":null}}\n", i);
  }
  EXPECT_EQ(table.files().size(), 230u);
  expect_rows("long", expected);
}

TEST_F(IcebergInterop, Empty) {
  auto table = IcebergTable::open_or_create(home_ / "empty", users());
  EXPECT_EQ(table.snapshot_id(), 0);
  expect_rows("empty", "");
}

}  // namespace
}  // namespace freshet
