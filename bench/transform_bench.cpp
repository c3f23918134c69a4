// Masking beside a plain scan of the same memory, and whole rows of a users table.

#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "model/value.h"
#include "transform/detector.h"
#include "transform/row_identity.h"
#include "transform/table_transform.h"

namespace freshet {
namespace {

const std::string kKey(32, 'k');

// Cells of `size` bytes cut from prose, with a few short numbers as such text has.
std::vector<std::string> clean_cells(std::size_t size) {
  const std::string prose =
      "The quick brown fox jumps over 13 lazy dogs near the river bank, while 2 cats watch. "
      "Shipping took 4 days; the box was fine and the manual (page 12) helped a lot. ";
  std::string text;
  while (text.size() < size + (1 << 20)) text += prose;
  std::vector<std::string> cells;
  for (std::size_t at = 0; at + size <= text.size() && cells.size() < 4096; at += size)
    cells.push_back(text.substr(at, size));
  return cells;
}

// Log lines: full of digits, none of them a phone number.
std::vector<std::string> digit_cells() {
  std::vector<std::string> cells;
  for (int i = 0; i < 4096; ++i)
    cells.push_back(
        fmt::format("2026-11-22 10:20:{:02}.{:06} 192.168.{}.{} GET /item/{} 200 {} 0.0{}s", i % 60,
                    i * 37 % 1000000, i % 256, i % 251, i, i * 13, i % 97));
  return cells;
}

std::vector<std::string> hit_cells() {
  std::vector<std::string> cells;
  for (int i = 0; i < 4096; ++i)
    cells.push_back(fmt::format("user{}@example.com, (212) 555-{:04}, +49 30 90{:04}", i, i, i));
  return cells;
}

void scan_plain(benchmark::State& state, const std::vector<std::string>& cells) {
  std::size_t bytes = 0;
  for (auto _ : state)
    for (const std::string& cell : cells) {
      benchmark::DoNotOptimize(std::memchr(cell.data(), '@', cell.size()));
      bytes += cell.size();
    }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void detect(benchmark::State& state, const std::vector<std::string>& cells,
            const std::vector<std::string>& types) {
  SensitiveDataOptions options;
  options.detect = types;
  const DetectorSet detectors(options);
  Hits hits;
  DetectorScratch scratch;
  std::size_t bytes = 0;
  for (auto _ : state)
    for (const std::string& cell : cells) {
      detectors.find(cell, hits, scratch);
      benchmark::DoNotOptimize(hits.data());
      bytes += cell.size();
    }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

const std::vector<std::string> kUsual = {"PHONE_NUMBER", "EMAIL"};
const std::vector<std::string> kAll = {"all"};

BENCHMARK_CAPTURE(scan_plain, clean_32, clean_cells(32));
BENCHMARK_CAPTURE(detect, clean_32, clean_cells(32), kUsual);
BENCHMARK_CAPTURE(detect, clean_32_all, clean_cells(32), kAll);
BENCHMARK_CAPTURE(scan_plain, clean_1024, clean_cells(1024));
BENCHMARK_CAPTURE(detect, clean_1024, clean_cells(1024), kUsual);
BENCHMARK_CAPTURE(detect, clean_1024_all, clean_cells(1024), kAll);
BENCHMARK_CAPTURE(scan_plain, log_lines, digit_cells());
BENCHMARK_CAPTURE(detect, log_lines, digit_cells(), kUsual);
BENCHMARK_CAPTURE(detect, log_lines_all, digit_cells(), kAll);
BENCHMARK_CAPTURE(scan_plain, full_of_hits, hit_cells());
BENCHMARK_CAPTURE(detect, full_of_hits, hit_cells(), kUsual);
BENCHMARK_CAPTURE(detect, full_of_hits_all, hit_cells(), kAll);

SchemaPtr users_table() {
  auto schema = std::make_shared<TableSchema>();
  schema->name = {"product_platform", "users"};
  const auto text = [](const char* name) {
    return Column{.name = name, .type = ColumnType::varchar};
  };
  schema->columns = {{.name = "userid", .type = ColumnType::integer, .nullable = false},
                     text("username"),
                     text("firstname"),
                     text("lastname"),
                     text("city"),
                     text("state"),
                     text("email"),
                     text("phone"),
                     {.name = "numberofdocuments", .type = ColumnType::integer}};
  return schema;
}

std::vector<Bytes> user_rows() {
  std::vector<Bytes> rows;
  for (int i = 0; i < 1024; ++i) {
    Bytes row;
    put_value(row, Value::of_int(i));
    for (const std::string& cell :
         {fmt::format("USR{:05}", i), std::string("Penelope"), std::string("Ottersworth"),
          std::string("Springfield"), std::string("WA"), fmt::format("penelope.{}@example.com", i),
          fmt::format("(664) 602-{:04}", i)})
      put_value(row, Value::of(ValueKind::text, cell));
    put_value(row, Value::of_int(i % 40));
    rows.push_back(std::move(row));
  }
  return rows;
}

void users_rows(benchmark::State& state) {
  TableTransform transform(users_table(), {}, kKey);
  const std::vector<Bytes> rows = user_rows();
  std::vector<Value> cells;
  Arena arena;
  for (auto _ : state) {
    arena.clear();
    for (const Bytes& row : rows) {
      transform.apply(row, cells, arena);
      benchmark::DoNotOptimize(cells.data());
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * rows.size()));
}
BENCHMARK(users_rows);

void json_rows(benchmark::State& state) {
  auto schema = std::make_shared<TableSchema>();
  schema->columns = {{.name = "doc", .type = ColumnType::json}};
  TableTransform transform(schema, {}, kKey);
  Bytes row;
  put_value(
      row,
      Value::of(ValueKind::json,
                R"({"city": "Springfield", "name": {"first": "Penelope", "last": "Ottersworth"}, )"
                R"("score": 12.5, "tags": ["a", "b"], "visits": 17})"));
  std::vector<Value> cells;
  Arena arena;
  for (auto _ : state) {
    arena.clear();
    transform.apply(row, cells, arena);
    benchmark::DoNotOptimize(cells.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * row.size()));
}
BENCHMARK(json_rows);

void row_ids(benchmark::State& state) {
  const RowIdentity identity(kKey);
  const SchemaPtr keyless = users_table();
  TableSchema keyed = *keyless;
  keyed.key = {0};
  const TableSchema& schema = state.range(0) ? keyed : *keyless;
  const std::vector<Bytes> rows = user_rows();
  for (auto _ : state)
    for (const Bytes& row : rows) benchmark::DoNotOptimize(identity.row_id(schema, row));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * rows.size()));
}
BENCHMARK(row_ids)->ArgName("keyed")->Arg(0)->Arg(1);

}  // namespace
}  // namespace freshet

BENCHMARK_MAIN();
