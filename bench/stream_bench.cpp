// The embedded stream against the plain disk, in one run:
//   append: rows/s of encoded 9-column rows in blocks of about 256 KB with a flush each, against
//           write() + fdatasync() of the same bytes;
//   wake:   microseconds from append() of one row to the reader that has its block.
// Use: stream_bench [folder on the disk to measure] [rows, default 2000000]

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/temporary_directory.h"
#include "stream/embedded_stream.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr int kWakes = 3000;

SchemaPtr users() {
  TableSchema schema;
  schema.name = {"shop", "users"};
  schema.columns = {{.name = "userid", .type = ColumnType::integer, .nullable = false},
                    {.name = "username", .type = ColumnType::char_, .length = 8},
                    {.name = "firstname", .type = ColumnType::varchar, .length = 30},
                    {.name = "lastname", .type = ColumnType::varchar, .length = 30},
                    {.name = "city", .type = ColumnType::varchar, .length = 30},
                    {.name = "state", .type = ColumnType::char_, .length = 2},
                    {.name = "email", .type = ColumnType::varchar, .length = 100},
                    {.name = "phone", .type = ColumnType::char_, .length = 14},
                    {.name = "numberofdocuments", .type = ColumnType::integer}};
  schema.key = {0};
  return std::make_shared<const TableSchema>(std::move(schema));
}

Bytes user(std::uint64_t id) {
  const std::uint64_t mixed = id * 0x9e3779b97f4a7c15U;  // spreads ids, so that rows differ
  Bytes row;
  put_value(row, Value::of_int(static_cast<std::int64_t>(id)));
  const std::string texts[] = {fmt::format("U{:07x}", mixed >> 36),
                               fmt::format("First{}", mixed >> 54),
                               fmt::format("Last{}", mixed >> 50 & 0xfff),
                               fmt::format("City{}", mixed >> 40 & 0x3ff),
                               "CA",
                               fmt::format("{:x}@example.com", mixed >> 32),
                               fmt::format("555-{:07}", mixed >> 42)};
  for (const std::string& text : texts) put_value(row, Value::of(ValueKind::text, text));
  put_value(row, Value::of_int(static_cast<std::int64_t>(mixed >> 58)));
  return row;
}

ChangeBatch next_batch(const SchemaPtr& schema, std::uint64_t& id, std::size_t bytes) {
  ChangeBatch batch;
  batch.begin_transaction({.file = "bin.000001", .offset = id, .number = id});
  do batch.add_row(Op::insert, schema, {}, user(id++));
  while (batch.bytes() < bytes);
  batch.end_transaction();
  return batch;
}

// Batches are made before the clock runs; a few are appended over and over.
std::vector<ChangeBatch> make_batches(const SchemaPtr& schema) {
  std::vector<ChangeBatch> batches;
  std::uint64_t id = 1;
  for (int i = 0; i < 16; ++i) batches.push_back(next_batch(schema, id, kBlockBytes));
  return batches;
}

double plain_seconds(const fs::path& file, const std::vector<ChangeBatch>& batches,
                     std::size_t count) {
  std::vector<Bytes> blocks;
  for (const ChangeBatch& batch : batches) blocks.push_back(batch.encode());
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const Stopwatch watch;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes& block = blocks[i % blocks.size()];
    if (::write(descriptor, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
        ::fdatasync(descriptor) != 0)
      fail(ErrorKind::unavailable, "cannot write {}", file.string());
  }
  const double seconds = watch.seconds();
  ::close(descriptor);
  fs::remove(file);
  return seconds;
}

double append_seconds(EmbeddedStream& stream, const std::vector<ChangeBatch>& batches,
                      std::size_t count) {
  StreamWriter& writer = stream.writer();
  const Stopwatch watch;
  for (std::size_t i = 0; i < count; ++i) {
    writer.append(batches[i % batches.size()], "bin.000001:4");
    writer.flush();
  }
  return watch.seconds();
}

double read_seconds(EmbeddedStream& stream) {
  const auto reader = stream.reader();
  const Stopwatch watch;
  while (reader->next(std::chrono::milliseconds(0), {})) continue;
  return watch.seconds();
}

// From append() to the block in the reader's hands, in microseconds, sorted.
std::vector<double> wake_delays(EmbeddedStream& stream, const SchemaPtr& schema) {
  std::vector<std::chrono::steady_clock::time_point> begun(kWakes);
  std::vector<double> delays(kWakes);
  const StreamOffset before = stream.last_offset();
  std::jthread reader_thread([&] {
    const auto reader = stream.reader();
    reader->seek(before);
    for (int i = 0; i < kWakes; ++i) {
      const auto block = reader->next(std::chrono::seconds(10), {});
      const auto now = std::chrono::steady_clock::now();
      const std::size_t row = block->first - before - 1;
      delays[row] = std::chrono::duration<double, std::micro>(now - begun[row]).count();
    }
  });
  std::uint64_t id = 1;
  for (int i = 0; i < kWakes; ++i) {
    const ChangeBatch batch = next_batch(schema, id, 1);
    begun[static_cast<std::size_t>(i)] = std::chrono::steady_clock::now();
    stream.writer().append(batch, "bin.000001:4");
    stream.writer().flush();
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  reader_thread.join();
  std::ranges::sort(delays);
  return delays;
}

// The floor of the delays above: a write() + fdatasync() of as many bytes.
std::vector<double> plain_delays(const fs::path& file, const SchemaPtr& schema) {
  std::uint64_t id = 1;
  const Bytes block = next_batch(schema, id, 1).encode();
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  std::vector<double> delays(kWakes);
  for (double& delay : delays) {
    const Stopwatch watch;
    if (::write(descriptor, block.data(), block.size()) < 0 || ::fdatasync(descriptor) != 0)
      fail(ErrorKind::unavailable, "cannot write {}", file.string());
    delay = watch.seconds() * 1e6;
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  ::close(descriptor);
  std::ranges::sort(delays);
  return delays;
}

void print_delays(const char* what, const std::vector<double>& sorted) {
  fmt::print("{}: p50 {:.0f} us, p99 {:.0f} us, max {:.0f} us\n", what, sorted[sorted.size() / 2],
             sorted[sorted.size() * 99 / 100], sorted.back());
}

double resident_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void measure_appends(const fs::path& folder, BlockCompression compression,
                     const std::vector<ChangeBatch>& batches, std::size_t rows) {
  const std::size_t rows_per_block = batches.front().rows();
  const std::size_t count = rows / rows_per_block;
  const double megabytes =
      static_cast<double>(batches.front().bytes() * count) / static_cast<double>(1 << 20);
  const double plain = plain_seconds(folder / "plain", batches, count);
  const auto stream = EmbeddedStream::open(folder / "stream", {.compression = compression});
  const double append = append_seconds(*stream, batches, count);
  const double read = read_seconds(*stream);
  const auto appended = static_cast<double>(rows_per_block * count);
  fmt::print(
      "append {:4}: {:.2f} M rows/s ({:.0f} MB/s), plain write+fdatasync {:.2f} M rows/s, "
      "ratio {:.2f}; read back {:.2f} M rows/s; stream {:.2f} of the bytes\n",
      compression == BlockCompression::lz4 ? "lz4" : "raw", appended / append / 1e6,
      megabytes / append, appended / plain / 1e6, plain / append, appended / read / 1e6,
      static_cast<double>(stream->size_bytes()) / static_cast<double>(1 << 20) / megabytes);
}

void run(const fs::path& folder, std::size_t rows) {
  const SchemaPtr schema = users();
  const std::vector<ChangeBatch> batches = make_batches(schema);
  for (const BlockCompression compression : {BlockCompression::lz4, BlockCompression::none}) {
    measure_appends(folder, compression, batches, rows);
    fs::remove_all(folder / "stream");
  }
  const auto stream = EmbeddedStream::open(folder / "stream");
  print_delays("wake: append -> reader", wake_delays(*stream, schema));
  print_delays("wake: plain write+fdatasync", plain_delays(folder / "plain", schema));
  fmt::print("memory: {:.0f} MB at most\n", resident_megabytes());
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path parent = argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path();
  const std::size_t rows = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000'000;
  try {
    const freshet::TemporaryDirectory folder("stream-bench", parent);
    freshet::run(folder.path(), rows);
  } catch (const freshet::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return exit_code(error.kind());
  }
  return 0;
}
