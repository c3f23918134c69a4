#include "pipeline/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/temporary_directory.h"
#include "lake/lake.h"
#include "stream/embedded_stream.h"

namespace freshet {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

SchemaPtr table(const std::string& name) {
  TableSchema schema;
  schema.name = {"shop", name};
  schema.columns = {{.name = "id", .type = ColumnType::bigint, .nullable = false},
                    {.name = "note", .type = ColumnType::varchar, .length = 100}};
  schema.key = {0};
  return std::make_shared<const TableSchema>(std::move(schema));
}

Bytes image_of(std::int64_t id, std::string_view note) {
  Bytes image;
  put_value(image, Value::of_int(id));
  put_value(image, Value::of(ValueKind::text, note));
  return image;
}

class IngestTest : public testing::Test {
 protected:
  // The stream so far, applied and committed by a process of its own.
  void ingest_all() {
    const auto reader = stream_->reader();
    Ingest ingest(options(), *reader, *lake_, ledger_);
    std::stop_source stopped;
    stopped.request_stop();
    ingest.drain_to(stream_->last_offset());
    ingest.run(stopped.get_token());
    EXPECT_EQ(ingest.status().committed, stream_->last_offset());
  }

  [[nodiscard]] IngestOptions options() const {
    IngestOptions options;
    options.sink.key = std::string(32, 'k');
    options.checkpoint_file = folder_.path() / "checkpoint";
    options.flush_rows = 1'000;
    return options;
  }

  void append(const ChangeBatch& batch) {
    stream_->writer().append(batch, "");
    stream_->writer().flush();
  }

  [[nodiscard]] std::int64_t query(const std::string& sql) {
    return lake_->connect().query_int(sql).value_or(-1);
  }

  [[nodiscard]] std::size_t parquet_files(const std::string& table) const {
    std::size_t files = 0;
    const fs::path folder = folder_.path() / "lake" / "default" / table / "data";
    if (!fs::exists(folder)) return 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      files += entry.path().extension() == ".parquet";
    return files;
  }

  TemporaryDirectory folder_{"ingest"};
  std::unique_ptr<EmbeddedStream> stream_ = EmbeddedStream::open(folder_.path() / "stream");
  std::unique_ptr<Lake> lake_ =
      Lake::open({.warehouse = folder_.path() / "lake", .state = folder_.path() / "state"});
  Ledger ledger_;
};

TEST_F(IngestTest, GoesOnBehindWhatWasCommitted) {
  const SchemaPtr users = table("users"), orders = table("orders");
  for (std::int64_t id = 1; id <= 50; ++id) {
    ChangeBatch batch;
    batch.begin_transaction({.file = "bin.1", .offset = static_cast<std::uint64_t>(id)});
    batch.add_row(Op::insert, users, {}, image_of(id, "first"));
    batch.add_row(Op::insert, orders, {}, image_of(id, "order"));
    batch.add_row(Op::update, users, image_of(id, "first"), image_of(id, "second"));
    batch.end_transaction();
    append(batch);
    if (id % 20 == 0) ingest_all();
  }
  ingest_all();
  EXPECT_EQ(query("SELECT count(*) FROM users WHERE note = 'second'"), 50);
  EXPECT_EQ(query("SELECT count(*) FROM orders"), 50);
  EXPECT_EQ(query("SELECT count(DISTINCT _offset) FROM users_history"), 100);
  EXPECT_EQ(ledger_.delivered(), 150u);
}

TEST_F(IngestTest, ShowsExactlyTheStreamUpToAnOffset) {
  const SchemaPtr users = table("users");
  const auto reader = stream_->reader();
  Ingest ingest(options(), *reader, *lake_, ledger_);
  std::jthread thread([&](const std::stop_token& stop) { ingest.run(stop); });
  for (std::int64_t id = 1; id <= 40; ++id) {
    ChangeBatch batch;
    batch.begin_transaction({.file = "bin.1", .offset = static_cast<std::uint64_t>(id)});
    batch.add_row(Op::insert, users, {}, image_of(id, "x"));
    batch.end_transaction();
    append(batch);
    if (id % 10 != 0) continue;
    std::promise<std::int64_t> rows;
    ingest.look_at(stream_->last_offset(),
                   [&] { rows.set_value(query("SELECT count(*) FROM users")); });
    EXPECT_EQ(rows.get_future().get(), id);
  }
  ingest.drain_to(stream_->last_offset());
}

// More rows than may be held in memory go into files before the transaction's end, and are seen
// with its last block.
TEST_F(IngestTest, TakesALargeTransactionOutOfMemory) {
  const SchemaPtr users = table("users");
  const auto reader = stream_->reader();
  Ingest ingest(options(), *reader, *lake_, ledger_);
  std::jthread thread([&](const std::stop_token& stop) { ingest.run(stop); });
  ChangeBatch batch;
  batch.begin_transaction({.file = "bin.1", .offset = 4});
  std::int64_t id = 0;
  for (int block = 0; block < 8; ++block) {
    for (int row = 0; row < 700; ++row) batch.add_row(Op::insert, users, {}, image_of(++id, "new"));
    append(batch);
    batch.clear();
  }
  while (parquet_files("users") < 3) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(query("SELECT count(*) FROM users"), 0);
  EXPECT_EQ(query("SELECT count(*) FROM users_history"), 0);
  batch.add_row(Op::update, users, image_of(7, "new"), image_of(7, "changed"));
  batch.end_transaction();
  append(batch);
  ingest.drain_to(stream_->last_offset());
  thread.request_stop();
  thread.join();
  EXPECT_EQ(query("SELECT count(*) FROM users"), id);
  EXPECT_EQ(query("SELECT count(*) FROM users WHERE note = 'changed'"), 1);
  EXPECT_EQ(query("SELECT count(*) FROM users_history"), id + 1);
  EXPECT_EQ(ingest.status().committed, stream_->last_offset());
  const auto committed = Lake::open_read_only(lake_->options());
  EXPECT_EQ(committed->connect().query_int("SELECT count(*) FROM users").value_or(-1), id);
}

// What a transaction holds in memory of all its tables together is bounded, too, also of rows that
// go in the transaction that they come in.
TEST_F(IngestTest, TakesATransactionOfManyTablesOutOfMemory) {
  constexpr int kTables = 20, kRows = 90;
  IngestOptions few = options();
  few.flush_bytes = 200'000;  // of two tables and their histories, or three
  const auto reader = stream_->reader();
  Ingest ingest(few, *reader, *lake_, ledger_);
  std::jthread thread([&](const std::stop_token& stop) { ingest.run(stop); });
  const std::string note(500, 'n');
  const auto name = [](int number) { return fmt::format("t{}", number); };
  ChangeBatch batch;
  batch.begin_transaction({.file = "bin.1", .offset = 4});
  for (int number = 0; number < kTables; ++number) {
    const SchemaPtr schema = table(name(number));
    for (int row = 0; row < kRows; ++row) {
      batch.add_row(Op::insert, schema, {}, image_of(row, note));
      if (number % 2 == 1) batch.add_row(Op::remove, schema, image_of(row, note), {});
    }
    append(batch);
    batch.clear();
  }
  const auto staged = [&] {
    std::size_t tables = 0;
    for (int number = 0; number < kTables; ++number)
      tables += parquet_files(name(number) + "_history") > 0;
    return tables;
  };
  while (staged() < kTables / 2) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(query("SELECT count(*) FROM t0_history"), 0);
  batch.end_transaction();
  append(batch);
  ingest.drain_to(stream_->last_offset());
  thread.request_stop();
  thread.join();
  for (int number = 0; number < kTables; ++number) {
    EXPECT_EQ(query("SELECT count(*) FROM " + name(number)), number % 2 == 1 ? 0 : kRows);
    EXPECT_EQ(query("SELECT count(*) FROM " + name(number) + "_history"),
              number % 2 == 1 ? 2 * kRows : kRows);
  }
}

// A block that ends within a transaction holds the ends of others: what is due is committed there.
TEST_F(IngestTest, CommitsWhereATransactionEndsWithinABlock) {
  const SchemaPtr users = table("users");
  ChangeBatch batch;
  std::int64_t id = 0;
  const auto add_rows = [&](int rows) {
    for (int row = 0; row < rows; ++row) batch.add_row(Op::insert, users, {}, image_of(++id, "x"));
  };
  for (std::uint64_t transaction = 1; transaction <= 5; ++transaction) {
    batch.begin_transaction({.file = "bin.1", .offset = transaction});
    add_rows(400);
    batch.end_transaction();
  }
  batch.begin_transaction({.file = "bin.1", .offset = 6});
  add_rows(100);
  append(batch);
  const auto committed = [&] {
    return Lake::open_read_only(lake_->options())
        ->connect()
        .query_int("SELECT count(*) FROM users")
        .value_or(-1);
  };
  const auto reader = stream_->reader();
  Ingest ingest(options(), *reader, *lake_, ledger_);
  std::jthread thread([&](const std::stop_token& stop) { ingest.run(stop); });
  for (int tries = 0; tries < 3000 && parquet_files("users") == 0; ++tries)
    std::this_thread::sleep_for(10ms);
  for (int tries = 0; tries < 300 && committed() != 1200; ++tries)
    std::this_thread::sleep_for(100ms);
  EXPECT_EQ(committed(), 1200);
  EXPECT_EQ(parquet_files("users"), 1u);
  batch.clear();
  add_rows(1);
  batch.end_transaction();
  append(batch);
  ingest.drain_to(stream_->last_offset());
  thread.request_stop();
  thread.join();
  EXPECT_EQ(committed(), id);
  EXPECT_EQ(query("SELECT count(DISTINCT _offset) FROM users_history"), id);
}

TEST_F(IngestTest, EndsWithWhatEndsThePreparation) {
  Bytes image;
  put_value(image, Value::of_int(1));
  put_value(image, Value::absent());
  ChangeBatch batch;
  batch.begin_transaction({.file = "bin.1", .offset = 4});
  batch.add_row(Op::insert, table("users"), {}, image);
  batch.end_transaction();
  append(batch);
  const auto reader = stream_->reader();
  Ingest ingest(options(), *reader, *lake_, ledger_);
  try {
    ingest.run({});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_THAT(error.what(), HasSubstr("note"));
  }
}

}  // namespace
}  // namespace freshet
