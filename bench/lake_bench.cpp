// Rows from a writer's hands to a committed Iceberg table, for the classic users table. `of_copy`
// is the ratio to what DuckDB alone makes of such rows in the same run: appended to a table, and
// copied to a Parquet file.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/temporary_directory.h"
#include "bench_report.h"
#include "lake/duckdb_session.h"
#include "lake/history_writer.h"
#include "lake/lake.h"
#include "lake/mirror_writer.h"
#include "lake/row_chunk.h"

namespace freshet {
namespace {

constexpr std::uint64_t kRows = 200'000;  // live rows of the mirror
constexpr std::uint64_t kCommitRows = 100'000;
constexpr std::uint64_t kPublishRows = 10'000;

LakeSchema users_schema() {
  return {.source = {"product_platform", "users"},
          .columns = {{.name = "userid", .type = LakeType::int32, .required = true},
                      {.name = "username", .type = LakeType::string},
                      {.name = "firstname", .type = LakeType::string},
                      {.name = "lastname", .type = LakeType::string},
                      {.name = "city", .type = LakeType::string},
                      {.name = "state", .type = LakeType::string},
                      {.name = "email", .type = LakeType::string},
                      {.name = "phone", .type = LakeType::string},
                      {.name = "numberofdocuments", .type = LakeType::int32}},
          .key = {0}};
}

std::uint64_t spread(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

RowId id_of(std::uint64_t user) { return {spread(user + 1), spread(user + 0x9e3779b97f4a7c15)}; }

// Rows made beforehand, so that only the writer's work is measured.
class Users {
 public:
  Users() {
    static const char* const kCities[] = {"Portsmouth", "Saint-Hyacinthe", "Ulm", "San Antonio"};
    for (std::uint64_t i = 0; i < kMade; ++i)
      texts_.push_back({fmt::format("U{:07}", spread(i) % 10'000'000),
                        fmt::format("First{}", spread(i) % 5000),
                        fmt::format("Lastname{}", spread(i) % 90'000), kCities[i % 4]});
  }

  std::span<const Value> row(std::uint64_t user) {
    const auto text = [](std::string_view t) { return Value::of(ValueKind::text, t); };
    const auto& made = texts_[user % kMade];
    cells_ = {Value::of_int(static_cast<std::int32_t>(user)),
              text(made[0]),
              text(made[1]),
              text(made[2]),
              text(made[3]),
              text("NY"),
              text("#####"),
              text("#####"),
              Value::of_int(static_cast<std::int32_t>(user % 97))};
    return cells_;
  }

 private:
  static constexpr std::uint64_t kMade = 4096;
  std::vector<std::array<std::string, 4>> texts_;
  std::array<Value, 9> cells_;
};

class Folder {
  TemporaryDirectory directory_{"bench"};  // outlives the lake

 public:
  std::unique_ptr<Lake> lake =
      Lake::open({.warehouse = directory_.path() / "lake", .state = directory_.path() / "state"});
};

double copy_seconds(Users& users) {
  Folder folder;
  DuckConnection connection = folder.lake->connect();
  std::string columns;
  for (const LakeColumn& column : users_schema().columns)
    columns += (columns.empty() ? "" : ", ") + quote_name(column.name) + " " + sql_type(column);
  const Stopwatch watch;
  connection.run("CREATE TABLE plain (" + columns + ")");
  Appender appender(connection, "AwsDataCatalog", folder.lake->options().database, "plain");
  RowChunk chunk(users_schema().columns);
  const auto flush = [&] {
    appender.append(chunk.filled());
    chunk.clear();
  };
  for (std::uint64_t user = 0; user < kCommitRows; ++user) {
    chunk.set(0, users.row(user));
    chunk.end_row();
    if (chunk.full()) flush();
  }
  flush();
  appender.close();
  connection.run(
      fmt::format("COPY plain TO {} (FORMAT parquet, COMPRESSION zstd)",
                  quote_text((folder.lake->options().warehouse / "plain.parquet").string())));
  return watch.seconds();
}

// Rows per second of the baseline.
double copy_rate(Users& users) {
  static const double rate = [&] {
    std::vector<double> seconds;
    for (int i = 0; i < 5; ++i) seconds.push_back(copy_seconds(users));
    return static_cast<double>(kCommitRows) / median(seconds);
  }();
  return rate;
}

void report(benchmark::State& state, std::uint64_t rows, double seconds, double baseline) {
  state.SetItemsProcessed(static_cast<std::int64_t>(rows));
  state.counters["of_copy"] = static_cast<double>(rows) / seconds / baseline;
}

// Loads the mirror, commits it, and gives the writer for changes.
std::unique_ptr<MirrorWriter> loaded_mirror(Lake& lake, Users& users) {
  auto writer = std::make_unique<MirrorWriter>(lake, "users", users_schema());
  for (std::uint64_t user = 0; user < kRows; ++user) writer->load(id_of(user), users.row(user));
  writer->commit({.stream_offset = kRows});
  return writer;
}

void history_to_commit(benchmark::State& state) {
  Folder folder;
  Users users;
  const double baseline = copy_rate(users);
  HistoryWriter writer(*folder.lake, "users", users_schema());
  std::uint64_t offset = 0;
  const Stopwatch watch;
  for (auto _ : state) {
    for (std::uint64_t i = 1; i <= kCommitRows; ++i) {
      const HistoryEntry entry{.op = Op::insert,
                               .commit_micros = 1'700'000'000'000'000,
                               .gtid = "0-1-123456",
                               .binlog_file = "mysql-bin.000001",
                               .binlog_position = offset,
                               .row = 1,
                               .offset = ++offset};
      writer.append(entry, users.row(i));
      if (i % kPublishRows == 0) writer.publish();
    }
    writer.commit({.stream_offset = offset});
  }
  report(state, offset, watch.seconds(), baseline);
}

void mirror_load_to_commit(benchmark::State& state) {
  Folder folder;
  Users users;
  const double baseline = copy_rate(users);
  MirrorWriter writer(*folder.lake, "users", users_schema());
  std::uint64_t user = 0;
  const Stopwatch watch;
  for (auto _ : state) {
    for (std::uint64_t i = 1; i <= kCommitRows; ++i, ++user) {
      writer.load(id_of(user), users.row(user));
      if (i % kPublishRows == 0) writer.publish();
    }
    writer.commit({.stream_offset = user});
  }
  report(state, user, watch.seconds(), baseline);
}

void mirror_update_to_commit(benchmark::State& state) {
  Folder folder;
  Users users;
  const double baseline = copy_rate(users);
  const auto writer = loaded_mirror(*folder.lake, users);
  std::uint64_t change = 0;
  const Stopwatch watch;
  for (auto _ : state) {
    for (std::uint64_t i = 1; i <= kCommitRows; ++i) {
      const std::uint64_t user = spread(++change) % kRows;
      writer->update(id_of(user), id_of(user), users.row(user));
      if (i % kPublishRows == 0) writer->publish();
    }
    writer->commit({.stream_offset = kRows + change});
  }
  report(state, change, watch.seconds(), baseline);
}

// From the first change applied until SQL sees a thousand of them.
void publish_1000_updates(benchmark::State& state) {
  Folder folder;
  Users users;
  const auto writer = loaded_mirror(*folder.lake, users);
  std::uint64_t change = 0;
  for (auto _ : state) {
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t user = spread(++change) % kRows;
      writer->update(id_of(user), id_of(user), users.row(user));
    }
    writer->publish();
  }
}

BENCHMARK(history_to_commit)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(mirror_load_to_commit)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(mirror_update_to_commit)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);
BENCHMARK(publish_1000_updates)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(50);

}  // namespace
}  // namespace freshet

BENCHMARK_MAIN();
