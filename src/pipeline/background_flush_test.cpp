#include "pipeline/background_flush.h"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <string>

#include "base/error.h"

namespace freshet {
namespace {

// A disk that the test holds back: each flush() waits for a permit.
class SlowWriter : public StreamWriter {
 public:
  void append(const ChangeBatch&, std::string_view, std::span<const StatePart>) override {
    ++appended_;
  }
  void flush() override {
    const int seen = appended_;
    begun.release();
    permits.acquire();
    if (broken) fail(ErrorKind::unavailable, "the disk is full");
    durable = seen;
  }
  [[nodiscard]] std::string source_state() const override { return {}; }
  [[nodiscard]] std::vector<StatePart> source_parts() const override { return {}; }
  [[nodiscard]] StreamOffset last_offset() const override { return 0; }

  std::counting_semaphore<> begun{0}, permits{0};
  std::atomic<int> durable = 0;
  std::atomic<bool> broken = false;

 private:
  std::atomic<int> appended_ = 0;
};

TEST(BackgroundFlush, DoesNotWaitForTheDiskUntilItIsBehind) {
  SlowWriter writer;
  BackgroundFlush flush(writer);
  writer.append({}, {}, {});
  flush.soon();
  writer.begun.acquire();  // the first flush is under way
  writer.append({}, {}, {});
  flush.soon();  // and one may wait, without a word from the disk
  EXPECT_EQ(writer.durable, 0);
  writer.append({}, {}, {});
  writer.permits.release(10);
  flush.soon();  // the third finds one waiting, or takes its place
  flush.now();
  EXPECT_EQ(writer.durable, 3);
}

TEST(BackgroundFlush, NowIsDurable) {
  SlowWriter writer;
  BackgroundFlush flush(writer);
  writer.permits.release(1);
  writer.append({}, {}, {});
  flush.now();
  EXPECT_EQ(writer.durable, 1);
}

TEST(BackgroundFlush, TellsOfAFailureAtTheNextCall) {
  SlowWriter writer;
  BackgroundFlush flush(writer);
  writer.broken = true;
  writer.append({}, {}, {});
  flush.soon();
  writer.begun.acquire();
  writer.permits.release(100);
  EXPECT_THROW(
      {
        for (int i = 0; i < 50; ++i) flush.soon();  // at the latest the one that flushes itself
      },
      Error);
}

}  // namespace
}  // namespace freshet
