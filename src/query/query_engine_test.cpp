#include "query/query_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "lake/mirror_writer.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Query : public ::testing::Test {
 protected:
  std::string run(std::string_view sql, QueryOptions options = {.format = ResultFormat::csv}) {
    std::string out;
    rows = QueryEngine(*lake).run(sql, options, [&](std::string_view piece) { out += piece; });
    return out;
  }

  const TemporaryDirectory temporary{"query"};
  const std::filesystem::path folder = temporary.path();
  std::unique_ptr<Lake> lake =
      Lake::open({.warehouse = folder / "lake", .state = folder / "state"});
  std::uint64_t rows = 0;
};

TEST_F(Query, RunsTheClassicForm) {
  const LakeSchema schema{.source = {"db", "users"},
                          .columns = {{.name = "userid", .type = LakeType::int32, .required = true},
                                      {.name = "email", .type = LakeType::string}},
                          .key = {0}};
  MirrorWriter users(*lake, "users", schema);
  users.insert({1, 1}, std::vector{Value::of_int(1), Value::of(ValueKind::text, "#####")});
  users.insert({2, 2}, std::vector{Value::of_int(2), Value::null()});
  users.publish();
  const std::string expected = "\"userid\",\"email\"\n\"1\",\"#####\"\n\"2\",\n";
  EXPECT_EQ(run("SELECT * FROM \"AwsDataCatalog\".\"default\".\"users\" limit 10"), expected);
  EXPECT_EQ(run("FROM users ORDER BY userid;"), expected);
  EXPECT_EQ(rows, 2u);
  EXPECT_EQ(run("SELECT * FROM users ORDER BY 1", {.format = ResultFormat::csv, .row_limit = 1}),
            "\"userid\",\"email\"\n\"1\",\"#####\"\n");
  EXPECT_THAT(run("SELECT * FROM users", {.format = ResultFormat::parquet}), StartsWith("PAR1"));
  EXPECT_EQ(rows, 2u);
}

struct TextCase {
  const char* sql;
  const char* json;
};

class QueryText : public Query, public ::testing::WithParamInterface<TextCase> {};

TEST_P(QueryText, RendersValuesExactly) {
  EXPECT_EQ(run(std::string("SELECT ") + GetParam().sql + " AS v", {.format = ResultFormat::json}),
            std::string("[\n{\"v\":") + GetParam().json + "}\n]\n");
}

INSTANTIATE_TEST_SUITE_P(
    Cases, QueryText,
    ::testing::Values(
        TextCase{"NULL", "null"}, TextCase{"true", "true"},
        TextCase{"(-9223372036854775808)::BIGINT", "-9223372036854775808"},
        TextCase{"18446744073709551615::UBIGINT", "18446744073709551615"},
        TextCase{"-0.05::DECIMAL(10,2)", "-0.05"},
        TextCase{"12345678901234567890123456789012345678::DECIMAL(38,0)",
                 "12345678901234567890123456789012345678"},
        TextCase{"0.1::DOUBLE", "0.1"}, TextCase{"'nan'::DOUBLE", "\"NaN\""},
        TextCase{"'a\"b'", "\"a\\\"b\""}, TextCase{"'\\x00\\xff'::BLOB", "\"0x00ff\""},
        TextCase{"DATE '2024-02-29'", "\"2024-02-29\""},
        TextCase{"TIMESTAMP '1969-12-31 23:59:59.5'", "\"1969-12-31 23:59:59.5\""},
        TextCase{"TIMESTAMPTZ '2024-01-01 00:00:00+00'", "\"2024-01-01 00:00:00+00\""},
        TextCase{"[1, 2]", "[1,2]"}, TextCase{"{'a': 'x'}", "{\"a\":\"x\"}"},
        TextCase{"INTERVAL 1 DAY", "\"1 day\""},
        TextCase{"date_format(TIMESTAMP '2024-05-06 07:08:09', '%Y-%m-%d %H:%i:%s')",
                 "\"2024-05-06 07:08:09\""},
        TextCase{"date_parse('2024-05-06 07:08:09', '%Y-%m-%d %H:%i:%s')",
                 "\"2024-05-06 07:08:09\""},
        TextCase{
            "date_diff('day', TIMESTAMP '2024-01-01 23:00:00', TIMESTAMP '2024-01-02 01:00:00')",
            "0"},
        TextCase{"date_add('month', 1, DATE '2024-01-31')", "\"2024-02-29 00:00:00\""},
        TextCase{"regexp_like('abc', 'b')", "true"}));

TEST_F(Query, DrawsATable) {
  EXPECT_EQ(run("SELECT 7 AS n, 'Zoë' AS name UNION ALL SELECT 12345, '日本' ORDER BY n",
                {.format = ResultFormat::table}),
            "┌───────┬──────┐\n"
            "│ n     │ name │\n"
            "├───────┼──────┤\n"
            "│     7 │ Zoë  │\n"
            "│ 12345 │ 日本 │\n"
            "└───────┴──────┘\n"
            "2 rows\n");
}

struct RefusedCase {
  const char* sql;
  const char* reason;
};

class QueryRefused : public Query, public ::testing::WithParamInterface<RefusedCase> {};

TEST_P(QueryRefused, WithOneLine) {
  try {
    run(GetParam().sql);
    FAIL() << "it ran";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().reason));
    EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, QueryRefused,
    ::testing::Values(RefusedCase{"SELECT * FORM users", "syntax error"},
                      RefusedCase{"SELECT nothing", "nothing"}, RefusedCase{"  ; ", "no statement"},
                      RefusedCase{"SELECT 1; SELECT 2", "one statement"},
                      RefusedCase{"CREATE TABLE t(a INT)", "only statements that read"},
                      RefusedCase{"COPY (SELECT 1) TO 'x.csv'", "Cannot access"},
                      RefusedCase{"SET threads=9", "only statements that read"},
                      RefusedCase{"ATTACH ':memory:' AS x", "only statements that read"},
                      RefusedCase{"EXPLAIN ANALYZE CREATE TABLE t(a INT)", "read"},
                      RefusedCase{"SELECT * FROM read_csv('/etc/passwd')", "Cannot access"},
                      RefusedCase{"SELECT ?", "parameters"}));

TEST_F(Query, ShowsAndDescribes) {
  EXPECT_THAT(run("SHOW DATABASES"), HasSubstr("AwsDataCatalog"));
  EXPECT_THAT(run("EXPLAIN SELECT 42"), HasSubstr("42"));
  EXPECT_THAT(run("DESCRIBE SELECT 1 AS one"), HasSubstr("one"));
  EXPECT_NO_THROW(run("SHOW ALL TABLES"));
}

TEST_F(Query, StopsWhenAsked) {
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    source.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  try {
    run("SELECT count(*) FROM range(100000000000) a(x) WHERE sin(x) > 2",
        {.format = ResultFormat::csv, .stop = source.get_token()});
    FAIL() << "it ran to its end";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::failed);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

// What takes more than queries may have is refused, whether memory or disk is too little; others
// go to the disk, and leave nothing there.
TEST(QueryMemory, IsBounded) {
  const TemporaryDirectory folder("query");
  LakeOptions options{.warehouse = folder.path() / "lake", .state = folder.path() / "state"};
  const auto run = [&](std::string_view sql) {
    const auto lake = Lake::open(options);
    std::string out;
    QueryEngine(*lake).run(sql, {.format = ResultFormat::csv},
                           [&](std::string_view piece) { out += piece; });
    EXPECT_TRUE(std::filesystem::is_empty(lake->spill_directory()));
    return out;
  };
  const auto refused = [&](std::string_view sql) {
    try {
      return run(sql);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable);
      return std::string(error.what());
    }
  };
  constexpr std::string_view kGroups =
      "SELECT count(*) FROM (SELECT sha256(range::VARCHAR) AS k FROM range(5000000) GROUP BY k)";
  constexpr std::string_view kOneList =
      "SELECT length(list(sha256(range::VARCHAR))::VARCHAR) FROM range(4000000)";
  options.query_memory = 128 << 20;
  EXPECT_EQ(run(kGroups), "\"count_star()\"\n\"5000000\"\n");
  EXPECT_THAT(refused(kOneList),
              HasSubstr("needs more than the 128 MiB of memory and the 10240 MiB of disk"));
  options.query_disk = 1 << 20;
  EXPECT_THAT(refused(kGroups), HasSubstr("raise lake.memory or lake.spill"));
}

TEST(QueryMemory, IsFreedOnDiskAfterAProcessThatWasKilled) {
  const TemporaryDirectory folder("query");
  const std::filesystem::path spill = folder.path() / "state" / "spill";
  std::filesystem::create_directories(spill);
  write_file(spill / "duckdb_temp_storage_DEFAULT-0.tmp", "left");
  const auto lake =
      Lake::open({.warehouse = folder.path() / "lake", .state = folder.path() / "state"});
  EXPECT_EQ(lake->spill_directory(), spill);
  EXPECT_TRUE(std::filesystem::is_empty(spill));
}

}  // namespace
}  // namespace freshet
