#include "pipeline/background_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <semaphore>
#include <string>
#include <vector>

#include "base/error.h"

namespace freshet {
namespace {

constexpr std::size_t kLarge = std::size_t{1} << 20;

// A stream that the test holds back: each large append waits for a permit.
class SlowWriter : public StreamWriter {
 public:
  void append(const ChangeBatch& batch, std::string_view state,
              std::span<const StatePart>) override {
    if (batch.bytes() >= kLarge) permits.acquire();
    if (state == broken_at) fail(ErrorKind::unavailable, "the disk is full");
    most_waiting = std::max(most_waiting, given - states.size());
    states.emplace_back(state);
  }
  void flush() override { durable = states.size(); }
  [[nodiscard]] std::string source_state() const override { return {}; }
  [[nodiscard]] std::vector<StatePart> source_parts() const override { return {}; }
  [[nodiscard]] StreamOffset last_offset() const override { return 0; }

  std::counting_semaphore<> permits{0};
  std::atomic<std::size_t> given = 0;
  std::size_t most_waiting = 0;
  std::vector<std::string> states;
  std::atomic<std::size_t> durable = 0;
  std::string broken_at;
};

ChangeBatch batch_of(std::size_t bytes) {
  ChangeBatch batch;
  batch.begin_transaction({});
  batch.add_row(Op::insert, std::make_shared<const TableSchema>(), {}, Bytes(bytes, 'x'));
  batch.end_transaction();
  return batch;
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(std::to_string(i));
  return all;
}

TEST(BackgroundWriter, DoesNotWaitForAppendsUntilAsked) {
  SlowWriter writer;
  BackgroundWriter background(writer);
  for (int i = 0; i < 3; ++i) background.append(batch_of(kLarge), std::to_string(i), {});
  background.soon();
  writer.permits.release(3);
  background.now();
  EXPECT_EQ(writer.states, numbers(3));
  EXPECT_EQ(writer.durable, 3U);
}

TEST(BackgroundWriter, KeepsTheOrderOfLargeAndSmallBatches) {
  SlowWriter writer;
  writer.permits.release(100);
  {
    BackgroundWriter background(writer);
    for (int i = 0; i < 100; ++i)
      background.append(batch_of(i % 3 == 0 ? kLarge : 10), std::to_string(i), {});
  }  // what was given is appended
  EXPECT_EQ(writer.states, numbers(100));
}

TEST(BackgroundWriter, BoundsWhatWaits) {
  constexpr int kBatches = 40;
  SlowWriter writer;
  BackgroundWriter background(writer);
  std::jthread disk([&] {
    for (int i = 0; i < kBatches; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      writer.permits.release();
    }
  });
  for (int i = 0; i < kBatches; ++i) {
    background.append(batch_of(kLarge), std::to_string(i), {});
    ++writer.given;
  }
  background.now();
  EXPECT_EQ(writer.states, numbers(kBatches));
  EXPECT_LE(writer.most_waiting, 6U);
}

TEST(BackgroundWriter, ABatchLargerThanTheQueueIsAppendedAtOnce) {
  SlowWriter writer;
  BackgroundWriter background(writer);
  writer.permits.release(1);
  background.append(batch_of(8 * kLarge), "0", {});
  EXPECT_EQ(writer.states, numbers(1));
  EXPECT_EQ(background.spare_memory().capacity(), Bytes().capacity());
}

TEST(BackgroundWriter, GivesMemoryBack) {
  SlowWriter writer;
  writer.permits.release(1);
  BackgroundWriter background(writer);
  background.append(batch_of(kLarge), "0", {});
  background.now();
  EXPECT_GE(background.spare_memory().capacity(), kLarge);
}

TEST(BackgroundWriter, AppendsNothingBehindAFailureAndTellsOfIt) {
  SlowWriter writer;
  writer.broken_at = "1";
  BackgroundWriter background(writer);
  for (int i = 0; i < 3; ++i) background.append(batch_of(kLarge), std::to_string(i), {});
  writer.permits.release(10);
  EXPECT_THROW(background.now(), Error);
  EXPECT_THROW(background.append(batch_of(10), "3", {}), Error);
  EXPECT_THROW(background.soon(), Error);
  EXPECT_EQ(writer.states, numbers(1));
}

}  // namespace
}  // namespace freshet
