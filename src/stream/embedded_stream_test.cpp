#include "stream/embedded_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/temporary_directory.h"

namespace freshet {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr milliseconds kLong{10'000};
constexpr milliseconds kNow{0};
const std::stop_token kNever;

SchemaPtr people(const std::string& table = "people") {
  TableSchema schema;
  schema.name = {"shop", table};
  schema.columns = {{.name = "id", .type = ColumnType::bigint, .nullable = false},
                    {.name = "note", .type = ColumnType::varchar, .length = 100}};
  schema.key = {0};
  return std::make_shared<const TableSchema>(std::move(schema));
}

// Rows with the ids first .. first + count - 1.
ChangeBatch batch_of(std::int64_t first, std::int64_t count, const SchemaPtr& schema = people()) {
  ChangeBatch batch;
  batch.begin_transaction({.file = "bin.000001", .offset = static_cast<std::uint64_t>(first)});
  for (std::int64_t id = first; id < first + count; ++id) {
    Bytes image;
    put_value(image, Value::of_int(id));
    put_value(image, Value::of(ValueKind::text, "a note that repeats itself, itself, itself"));
    batch.add_row(Op::insert, schema, {}, image);
  }
  batch.end_transaction();
  return batch;
}

// Appends `blocks` blocks of `rows` rows; ids equal offsets; the state names the last one.
void append_blocks(EmbeddedStream& stream, int blocks, std::int64_t rows) {
  StreamWriter& writer = stream.writer();
  for (int i = 0; i < blocks; ++i) {
    const auto next = static_cast<std::int64_t>(writer.last_offset()) + 1;
    writer.append(batch_of(next, rows), "at " + std::to_string(next + rows - 1));
  }
  writer.flush();
}

// The ids of a block's rows: what was appended, read back through the schemas of the stream.
std::vector<std::int64_t> ids_of(const StreamBlock& block, StreamReader& reader) {
  std::vector<std::int64_t> ids;
  ChangeCursor cursor(block.block,
                      [&](std::uint64_t fingerprint) { return reader.schema(fingerprint); });
  while (const auto change = cursor.next()) {
    ByteReader in(change->after);
    ids.push_back(read_value(in).integer);
  }
  return ids;
}

// Reads on and checks that every offset up to `last` is there once, with its row.
void expect_rows(StreamReader& reader, StreamOffset first, StreamOffset last) {
  StreamOffset next = first;
  while (next <= last) {
    const auto block = reader.next(kLong, kNever);
    ASSERT_TRUE(block) << "nothing after " << next - 1;
    ASSERT_EQ(block->first, next);
    for (const std::int64_t id : ids_of(*block, reader))
      ASSERT_EQ(static_cast<StreamOffset>(id), next++);
    ASSERT_EQ(next, block->last() + 1);
  }
}

ErrorKind kind_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::internal;
}

class EmbeddedStreamTest : public testing::Test {
 protected:
  // Names and contents of the directory's files, to see that nothing was changed.
  [[nodiscard]] std::vector<std::string> content() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      std::ifstream file(entry.path(), std::ios::binary);
      files.push_back(entry.path().filename().string() + ":" +
                      std::string(std::istreambuf_iterator<char>(file), {}));
    }
    std::ranges::sort(files);
    return files;
  }

  [[nodiscard]] fs::path file_starting(const std::string& prefix) const {
    for (const auto& entry : fs::directory_iterator(directory_))
      if (entry.path().filename().string().starts_with(prefix)) return entry.path();
    throw std::runtime_error("no file " + prefix);
  }
  [[nodiscard]] fs::path file_ending(const std::string& suffix) const {
    for (const auto& entry : fs::directory_iterator(directory_))
      if (entry.path().filename().string().ends_with(suffix) && fs::file_size(entry.path()) > 0)
        return entry.path();
    throw std::runtime_error("no file with " + suffix);
  }

  const TemporaryDirectory temporary_{"stream"};
  const fs::path root_ = temporary_.path();
  fs::path directory_ = root_ / "stream";
};

void flip_byte(const fs::path& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(~byte));
}

TEST_F(EmbeddedStreamTest, ANewStreamIsEmpty) {
  const auto stream = EmbeddedStream::open(directory_);
  EXPECT_EQ(stream->first_offset(), 1U);
  EXPECT_EQ(stream->last_offset(), 0U);
  EXPECT_EQ(stream->writer().source_state(), "");
  EXPECT_EQ(stream->reader()->next(kNow, kNever), std::nullopt);
}

TEST_F(EmbeddedStreamTest, GivesBackWhatWasAppended) {
  for (const BlockCompression compression : {BlockCompression::none, BlockCompression::lz4}) {
    directory_ = root_ / std::to_string(static_cast<int>(compression));
    const auto stream = EmbeddedStream::open(directory_, {.compression = compression});
    append_blocks(*stream, 3, 100);
    append_blocks(*stream, 3, 1);
    expect_rows(*stream->reader(), 1, 303);
    EXPECT_EQ(stream->writer().source_state(), "at 303");
  }
}

TEST_F(EmbeddedStreamTest, ReadersSeeNothingBeforeTheFlush) {
  const auto stream = EmbeddedStream::open(directory_);
  const auto reader = stream->reader();
  stream->writer().append(batch_of(1, 5), "state");
  EXPECT_EQ(reader->next(kNow, kNever), std::nullopt);
  EXPECT_EQ(stream->writer().last_offset(), 5U);
  EXPECT_EQ(stream->last_offset(), 0U);
  stream->writer().flush();
  EXPECT_EQ(reader->next(kNow, kNever)->count, 5U);
}

TEST_F(EmbeddedStreamTest, ABatchWithoutChangesOnlyStoresTheState) {
  {
    const auto stream = EmbeddedStream::open(directory_);
    append_blocks(*stream, 1, 2);
    stream->writer().append(ChangeBatch(), "further");
    stream->writer().flush();
  }
  const auto stream = EmbeddedStream::open(directory_);
  EXPECT_EQ(stream->writer().source_state(), "further");
  EXPECT_EQ(stream->last_offset(), 2U);
}

TEST_F(EmbeddedStreamTest, GoesOnAfterReopening) {
  for (int round = 0; round < 3; ++round) {
    const auto stream = EmbeddedStream::open(directory_);
    EXPECT_EQ(stream->last_offset(), static_cast<StreamOffset>(round) * 20);
    append_blocks(*stream, 2, 10);
  }
  const auto stream = EmbeddedStream::open(directory_);
  EXPECT_EQ(stream->writer().source_state(), "at 60");
  expect_rows(*stream->reader(), 1, 60);
}

TEST_F(EmbeddedStreamTest, SeekGivesTheBlockWithTheNextChange) {
  const auto stream = EmbeddedStream::open(directory_);
  append_blocks(*stream, 3, 10);
  struct Case {
    StreamOffset offset;
    StreamOffset first;
  };
  for (const Case& c :
       {Case{0, 1}, Case{1, 1}, Case{9, 1}, Case{10, 11}, Case{15, 11}, Case{29, 21}}) {
    const auto reader = stream->reader();
    reader->seek(c.offset);
    const auto block = reader->next(kNow, kNever);
    ASSERT_TRUE(block);
    EXPECT_EQ(block->first, c.first) << "after seek to " << c.offset;
  }
  const auto reader = stream->reader();
  reader->seek(30);
  EXPECT_EQ(reader->next(kNow, kNever), std::nullopt);
  EXPECT_EQ(kind_of([&] { reader->seek(31); }), ErrorKind::lost_position);
}

TEST_F(EmbeddedStreamTest, TwoReadersWakeAndKeepTheirPlaces) {
  const auto stream = EmbeddedStream::open(directory_);
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back([&] { expect_rows(*stream->reader(), 1, 500); });
  for (int i = 0; i < 50; ++i) append_blocks(*stream, 1, 10);
}

TEST_F(EmbeddedStreamTest, StopEndsAWait) {
  const auto stream = EmbeddedStream::open(directory_);
  std::jthread reader([&](const std::stop_token& stop) {
    EXPECT_EQ(stream->reader()->next(std::chrono::hours(1), stop), std::nullopt);
  });
  std::this_thread::sleep_for(milliseconds(20));
  reader.request_stop();
}

TEST_F(EmbeddedStreamTest, AppendsWhileAnotherThreadFlushes) {
  const auto stream = EmbeddedStream::open(directory_);
  {
    const std::jthread flusher([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) stream->writer().flush();
    });
    for (std::int64_t first = 1; first < 5000; first += 5)
      stream->writer().append(batch_of(first, 5), "at " + std::to_string(first + 4));
  }
  stream->writer().flush();
  expect_rows(*stream->reader(), 1, 5000);
}

TEST_F(EmbeddedStreamTest, SchemasAreKeptForTheirBlocks) {
  const SchemaPtr first = people("first");
  const SchemaPtr second = people("second");
  {
    const auto stream = EmbeddedStream::open(directory_);
    stream->writer().append(batch_of(1, 1, first), "");
    stream->writer().append(batch_of(2, 1, second), "");
    stream->writer().flush();
  }
  const auto stream = EmbeddedStream::open(directory_);
  stream->writer().append(batch_of(3, 1, first), "");
  const auto reader = stream->reader();
  EXPECT_EQ(*reader->schema(first->fingerprint()), *first);
  EXPECT_EQ(*reader->schema(second->fingerprint()), *second);
  EXPECT_EQ(kind_of([&] { static_cast<void>(reader->schema(1)); }), ErrorKind::corrupt);
}

TEST_F(EmbeddedStreamTest, TrimStopsAtTheSlowestReader) {
  const auto stream = EmbeddedStream::open(directory_);
  append_blocks(*stream, 10, 10);
  struct Case {
    StreamOffset keep_from;
    milliseconds age;
    StreamOffset first;
  };
  for (const Case& c : {Case{101, std::chrono::hours(1), 1}, Case{1, kNow, 1}, Case{20, kNow, 11},
                        Case{21, kNow, 21}, Case{5, kNow, 21}, Case{1000, kNow, 101}}) {
    std::this_thread::sleep_for(milliseconds(1));  // so that age 0 is past the last append
    stream->trim(c.keep_from, c.age);
    EXPECT_EQ(stream->first_offset(), c.first) << "keep from " << c.keep_from;
  }
  EXPECT_EQ(stream->reader()->next(kNow, kNever), std::nullopt);
  append_blocks(*stream, 1, 10);
  expect_rows(*stream->reader(), 101, 110);
}

TEST_F(EmbeddedStreamTest, TrimmedPlacesAreLost) {
  {
    const auto stream = EmbeddedStream::open(directory_);
    append_blocks(*stream, 10, 10);
    const auto slow = stream->reader();
    std::this_thread::sleep_for(milliseconds(1));
    stream->trim(51, kNow);
    EXPECT_EQ(kind_of([&] { static_cast<void>(slow->next(kNow, kNever)); }),
              ErrorKind::lost_position);
  }
  const auto stream = EmbeddedStream::open(directory_);
  EXPECT_EQ(stream->first_offset(), 51U);
  const auto reader = stream->reader();
  EXPECT_EQ(kind_of([&] { reader->seek(49); }), ErrorKind::lost_position);
  reader->seek(50);
  expect_rows(*reader, 51, 100);
}

TEST_F(EmbeddedStreamTest, TrimmedRowsLeaveTheDisk) {
  const auto stream = EmbeddedStream::open(directory_, {.compression = BlockCompression::none});
  ChangeBatch batch;
  batch.begin_transaction({});
  batch.add_row(Op::insert, people(), {}, "Xanthippe-0815");
  batch.end_transaction();
  stream->writer().append(batch, "");
  append_blocks(*stream, 1, 1);
  std::this_thread::sleep_for(milliseconds(1));
  stream->trim(2, kNow);
  for (const std::string& file : content()) EXPECT_THAT(file, testing::Not(HasSubstr("Xanthippe")));
}

TEST_F(EmbeddedStreamTest, TrimBySizeShedsTheOldest) {
  const auto stream = EmbeddedStream::open(directory_, {.max_bytes = 256 << 10,
                                                        .compression = BlockCompression::none,
                                                        .write_buffer_bytes = 64 << 10});
  append_blocks(*stream, 100, 1000);
  stream->trim(stream->last_offset() + 1);
  EXPECT_GT(stream->first_offset(), 50'000U);
  EXPECT_LT(stream->first_offset(), 100'000U);
  expect_rows(*stream->reader(), stream->first_offset(), 100'000);
}

TEST_F(EmbeddedStreamTest, FindsATime) {
  const auto stream = EmbeddedStream::open(directory_);
  std::vector<StreamBlock> blocks;
  const auto reader = stream->reader();
  for (int i = 0; i < 9; ++i) {
    append_blocks(*stream, 1, 7);
    blocks.push_back(*reader->next(kLong, kNever));
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(stream->offset_before(0), 0U);
  for (const StreamBlock& block : blocks) {
    EXPECT_EQ(stream->offset_before(block.append_micros), block.first - 1);
    EXPECT_EQ(stream->offset_before(block.append_micros + 1), block.last());
  }
}

TEST_F(EmbeddedStreamTest, ASecondWriterIsRefused) {
  const auto stream = EmbeddedStream::open(directory_);
  std::string message;
  EXPECT_EQ(kind_of([&] { static_cast<void>(EmbeddedStream::open(directory_)); }, &message),
            ErrorKind::config);
  EXPECT_THAT(message, HasSubstr("in use by another freshet"));
  EXPECT_THAT(message, HasSubstr(directory_.string()));
  append_blocks(*stream, 1, 1);
}

TEST_F(EmbeddedStreamTest, AForeignDirectoryIsRefused) {
  fs::create_directories(directory_);
  std::ofstream(directory_ / "thesis.txt") << "irreplaceable";
  EXPECT_EQ(kind_of([&] { static_cast<void>(EmbeddedStream::open(directory_)); }),
            ErrorKind::config);
  EXPECT_EQ(content(), std::vector<std::string>{"thesis.txt:irreplaceable"});
}

TEST_F(EmbeddedStreamTest, AReaderNeedsAStream) {
  EXPECT_EQ(kind_of([&] { static_cast<void>(EmbeddedStream::open_reader(directory_)); }),
            ErrorKind::unavailable);
}

// Refuses this process files above a size, which looks to writers like a failing disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(EmbeddedStreamTest, AFailedWriteStopsTheWriterUntilItIsReopened) {
  StreamOffset acknowledged = 0;
  {
    const auto stream = EmbeddedStream::open(directory_, {.compression = BlockCompression::none});
    const FileSizeLimit limit(rlim_t{1} << 20);
    const auto append_until_failure = [&] {
      for (int i = 0; i < 1000; ++i) {
        append_blocks(*stream, 1, 1000);
        acknowledged = stream->last_offset();
      }
    };
    EXPECT_EQ(kind_of(append_until_failure), ErrorKind::unavailable);
    EXPECT_GT(acknowledged, 0U);
    std::string message;
    EXPECT_EQ(kind_of([&] { append_blocks(*stream, 1, 1); }, &message), ErrorKind::unavailable);
    EXPECT_THAT(message, HasSubstr("opened again"));
    expect_rows(*stream->reader(), 1, acknowledged);
  }
  const auto stream = EmbeddedStream::open(directory_);
  EXPECT_GE(stream->last_offset(), acknowledged);
  EXPECT_EQ(stream->writer().source_state(), "at " + std::to_string(stream->last_offset()));
  append_blocks(*stream, 1, 1);
  expect_rows(*stream->reader(), 1, stream->last_offset());
}

class DamagedStream : public EmbeddedStreamTest {
 protected:
  // Closed, with files of every sort: tables and a log.
  void fill() {
    for (int round = 0; round < 2; ++round)
      append_blocks(*EmbeddedStream::open(directory_, kOptions), 20, 1000);
    const auto stream = EmbeddedStream::open(directory_, kOptions);
    append_blocks(*stream, 1, 10);
  }

  void expect_refusal() {
    const auto before = content();
    std::string message;
    EXPECT_EQ(kind_of([&] { static_cast<void>(EmbeddedStream::open(directory_)); }, &message),
              ErrorKind::corrupt);
    EXPECT_THAT(message, HasSubstr(directory_.string()));
    EXPECT_THAT(message, HasSubstr("new snapshot"));
    EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
    EXPECT_EQ(content(), before) << "nothing may be overwritten";
  }

  static constexpr EmbeddedStreamOptions kOptions{.compression = BlockCompression::none};
};

TEST_F(DamagedStream, NoCurrent) {
  fill();
  fs::remove(directory_ / "CURRENT");
  expect_refusal();
}

TEST_F(DamagedStream, EmptyCurrent) {
  fill();
  fs::resize_file(directory_ / "CURRENT", 0);
  expect_refusal();
}

TEST_F(DamagedStream, ManifestCutShort) {
  fill();
  const fs::path manifest = file_starting("MANIFEST-");
  for (const std::uintmax_t size :
       {fs::file_size(manifest) / 2, std::uintmax_t{10}, std::uintmax_t{0}}) {
    fs::resize_file(manifest, size);
    expect_refusal();
  }
}

TEST_F(DamagedStream, LogCutShort) {
  fill();
  const fs::path log = file_ending(".log");
  fs::resize_file(log, fs::file_size(log) / 2);
  expect_refusal();
}

TEST_F(DamagedStream, LogWithAFlippedByte) {
  fill();
  flip_byte(file_ending(".log"), 60);
  expect_refusal();
}

TEST_F(DamagedStream, NoMark) {
  fill();
  fs::remove(directory_ / "durable");
  expect_refusal();
}

TEST_F(DamagedStream, ATableIsMissing) {
  fill();
  fs::remove(file_ending(".sst"));
  expect_refusal();
}

TEST_F(DamagedStream, AFlippedByteInATableIsFoundWhenRead) {
  fill();
  fs::path largest = file_ending(".sst");
  for (const auto& entry : fs::directory_iterator(directory_))
    if (entry.path().extension() == ".sst" && entry.file_size() > fs::file_size(largest))
      largest = entry.path();
  flip_byte(largest, fs::file_size(largest) / 2);
  const auto stream = EmbeddedStream::open(directory_);
  const auto reader = stream->reader();
  std::string message;
  EXPECT_EQ(kind_of(
                [&] {
                  while (reader->next(kNow, kNever)) continue;
                },
                &message),
            ErrorKind::corrupt);
  EXPECT_THAT(message, HasSubstr(directory_.string()));
}

// --- Processes. RocksDB's threads do not survive fork(), so a child runs this program anew with
// one of the DISABLED tests, which do nothing without their variable.

constexpr const char* kChildDirectory = "FRESHET_STREAM_TEST_DIRECTORY";
constexpr const char* kChildPipe = "FRESHET_STREAM_TEST_PIPE";

class Child {
 public:
  Child(const std::string& test, const fs::path& directory) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    acknowledged_ = ends[0];
    const std::string variables[] = {std::string(kChildDirectory) + "=" + directory.string(),
                                     std::string(kChildPipe) + "=" + std::to_string(ends[1])};
    const std::string filter = "--gtest_filter=" + test;
    process_ = ::fork();
    if (process_ == 0) {
      for (const std::string& variable : variables) ::putenv(const_cast<char*>(variable.c_str()));
      ::execl("/proc/self/exe", "child", filter.c_str(), "--gtest_also_run_disabled_tests",
              "--gtest_brief=1", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
  }
  ~Child() {
    kill();
    ::close(acknowledged_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next number that the child reported; 0 when it is gone.
  StreamOffset report() const {
    StreamOffset offset = 0;
    return ::read(acknowledged_, &offset, sizeof(offset)) == sizeof(offset) ? offset : 0;
  }
  // The last number that it had reported when it died.
  StreamOffset last_report() const {
    StreamOffset last = 0;
    while (const StreamOffset next = report()) last = next;
    return last;
  }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
  int acknowledged_ = -1;
};

// Appends until it is killed, and reports each offset that a flush has acknowledged.
TEST(StreamChild, DISABLED_Writes) {
  const char* directory = std::getenv(kChildDirectory);
  if (directory == nullptr) GTEST_SKIP() << "is run by the tests of crashes";
  const int pipe = std::atoi(std::getenv(kChildPipe));
  const auto stream = EmbeddedStream::open(
      directory,
      {.compression = BlockCompression::none, .write_buffer_bytes = std::size_t{256} << 10});
  std::mt19937 random(static_cast<unsigned>(::getpid()));
  for (;;) {
    append_blocks(*stream, 1 + static_cast<int>(random() % 3), 1 + random() % 200);
    const StreamOffset last = stream->last_offset();
    if (::write(pipe, &last, sizeof(last)) != sizeof(last)) return;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  }
}

TEST_F(EmbeddedStreamTest, AKilledWriterLosesNothingAcknowledged) {
  constexpr int kRounds = 12;
  std::mt19937 random(7);
  StreamOffset before = 0;
  for (int round = 0; round < kRounds; ++round) {
    Child child("StreamChild.DISABLED_Writes", directory_);
    ASSERT_GT(child.report(), before);
    std::this_thread::sleep_for(milliseconds(random() % 120));
    child.kill();
    const StreamOffset acknowledged = child.last_report();

    const auto stream = EmbeddedStream::open(directory_);
    EXPECT_GE(stream->last_offset(), acknowledged);
    EXPECT_EQ(stream->writer().source_state(), "at " + std::to_string(stream->last_offset()));
    const auto reader = stream->reader();
    reader->seek(before);
    static_cast<void>(reader->next(kNow, kNever));
    expect_rows(*stream->reader(), 1, stream->last_offset());
    before = stream->last_offset();
  }
}

TEST_F(EmbeddedStreamTest, AReaderFollowsAnotherProcess) {
  Child child("StreamChild.DISABLED_Writes", directory_);
  ASSERT_GT(child.report(), 0U);
  const auto stream = EmbeddedStream::open_reader(directory_);
  expect_rows(*stream->reader(), 1, 50'000);  // through many changes of log and tables
  child.kill();
  const StreamOffset acknowledged = child.last_report();
  EXPECT_GE(stream->last_offset(), acknowledged);
  expect_rows(*stream->reader(), 1, stream->last_offset());
}

TEST_F(EmbeddedStreamTest, AFollowerSeesTheWriterComeBack) {
  auto writer = EmbeddedStream::open(directory_);
  append_blocks(*writer, 1, 10);
  const auto stream = EmbeddedStream::open_reader(directory_);
  const auto reader = stream->reader();
  expect_rows(*reader, 1, 10);
  EXPECT_EQ(reader->next(kNow, kNever), std::nullopt);
  for (StreamOffset round = 1; round <= 3; ++round) {
    writer.reset();
    writer = EmbeddedStream::open(directory_);
    append_blocks(*writer, 1, 10);
    expect_rows(*reader, round * 10 + 1, round * 10 + 10);
  }
  std::this_thread::sleep_for(milliseconds(1));
  writer->trim(21, kNow);
  append_blocks(*writer, 1, 1);
  expect_rows(*reader, 41, 41);
  EXPECT_EQ(stream->first_offset(), 21U);
  EXPECT_EQ(kind_of([&] { static_cast<void>(stream->writer()); }), ErrorKind::internal);
}

TEST_F(EmbeddedStreamTest, AFollowerLeavesNothingBehind) {
  const auto writer = EmbeddedStream::open(directory_);
  append_blocks(*writer, 1, 10);
  const auto before = content();
  {
    expect_rows(*EmbeddedStream::open_reader(directory_)->reader(), 1, 10);
  }
  EXPECT_EQ(content(), before);
}

}  // namespace
}  // namespace freshet
