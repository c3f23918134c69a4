#include "base/queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace freshet {
namespace {

using std::chrono::milliseconds;

TEST(ByteQueue, KeepsOrderAndCountsBytes) {
  ByteQueue<int> queue(100);
  const std::stop_token never;
  EXPECT_EQ(queue.push(1, 40, never), Pushed::taken);
  EXPECT_EQ(queue.push(2, 60, never), Pushed::taken);
  EXPECT_EQ(queue.bytes(), 100U);
  EXPECT_EQ(queue.pop(never), 1);
  EXPECT_EQ(queue.pop(never), 2);
  EXPECT_EQ(queue.bytes(), 0U);
  EXPECT_EQ(queue.pop_for(milliseconds(1), never), std::nullopt);
}

TEST(ByteQueue, ProducerWaitsForRoom) {
  ByteQueue<int> queue(10);
  const std::stop_token never;
  ASSERT_EQ(queue.push(1, 10, never), Pushed::taken);
  std::jthread producer([&] { EXPECT_EQ(queue.push(2, 1, never), Pushed::taken); });
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue.pop(never), 1);
  EXPECT_EQ(queue.pop(never), 2);
}

TEST(ByteQueue, AnItemLargerThanTheQueuePassesAlone) {
  ByteQueue<int> queue(10);
  const std::stop_token never;
  EXPECT_EQ(queue.push(1, 1000, never), Pushed::taken);
  EXPECT_EQ(queue.pop(never), 1);
}

TEST(ByteQueue, StopEndsWaiting) {
  ByteQueue<int> queue(10);
  std::stop_source stop;
  std::jthread consumer([&] { EXPECT_EQ(queue.pop(stop.get_token()), std::nullopt); });
  stop.request_stop();
  consumer.join();
  ASSERT_EQ(queue.push(1, 10, {}), Pushed::taken);
  EXPECT_EQ(queue.push(2, 10, stop.get_token()), Pushed::refused);
}

TEST(ByteQueue, CloseGivesOutWhatIsLeft) {
  ByteQueue<std::unique_ptr<int>> queue(10);
  const std::stop_token never;
  ASSERT_EQ(queue.push(std::make_unique<int>(7), 1, never), Pushed::taken);
  queue.close();
  EXPECT_EQ(queue.push(nullptr, 1, never), Pushed::refused);
  EXPECT_FALSE(queue.drained());
  EXPECT_EQ(**queue.pop(never), 7);
  EXPECT_TRUE(queue.drained());
  EXPECT_EQ(queue.pop(never), std::nullopt);
}

TEST(ByteQueue, CloseHandsTheErrorOn) {
  ByteQueue<int> queue(10);
  const std::stop_token never;
  ASSERT_EQ(queue.push(1, 1, never), Pushed::taken);
  queue.close(std::make_exception_ptr(std::runtime_error("the source went away")));
  queue.close();  // the first close counts
  EXPECT_EQ(queue.pop(never), 1);
  EXPECT_THROW(static_cast<void>(queue.pop(never)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(queue.pop(never)), std::runtime_error);
}

TEST(ByteQueue, ManyThreadsLoseAndDoubleNothing) {
  constexpr int kPerThread = 20'000;
  constexpr int kThreads = 3;
  ByteQueue<int> queue(64);
  std::vector<std::jthread> producers;
  for (int t = 0; t < kThreads; ++t)
    producers.emplace_back([&, t] {
      for (int i = 0; i < kPerThread; ++i)
        ASSERT_EQ(queue.push(t * kPerThread + i, 1 + static_cast<std::size_t>(i % 9), {}),
                  Pushed::taken);
    });
  std::vector<std::vector<int>> taken(2);
  {
    std::vector<std::jthread> consumers;
    for (auto& mine : taken)
      consumers.emplace_back([&queue, &mine] {
        while (const auto item = queue.pop({})) mine.push_back(*item);
      });
    producers.clear();
    queue.close();
  }
  std::vector<int> seen(kPerThread * kThreads, 0);
  for (const auto& mine : taken)
    for (const int item : mine) ++seen[static_cast<std::size_t>(item)];
  EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), kPerThread * kThreads);
}

}  // namespace
}  // namespace freshet
