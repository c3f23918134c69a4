#include "pipeline/log_delay.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

using std::chrono::seconds;

constexpr LogDelay::Clock::time_point at(int second) {
  return LogDelay::Clock::time_point(seconds(second));
}

TEST(LogDelay, IsTheTimeThatTheReaderTakesToWhereTheLogEnded) {
  LogDelay delay;
  EXPECT_TRUE(delay.wants_mark(at(0)));
  delay.mark({"log.000002", 100}, at(0));
  EXPECT_FALSE(delay.wants_mark(at(9)));
  delay.read_to({"log.000001", 900}, at(5));
  EXPECT_FALSE(delay.known());
  EXPECT_EQ(delay.behind(at(5)), seconds(5));
  delay.read_to({"log.000002", 100}, at(7));
  EXPECT_TRUE(delay.known());
  EXPECT_EQ(delay.behind(at(9)), seconds(7));
}

TEST(LogDelay, GrowsWhileTheNextEndIsNotReached) {
  LogDelay delay;
  delay.mark({"log.000001", 100}, at(0));
  delay.read_to({"log.000001", 100}, at(0));
  EXPECT_FALSE(delay.wants_mark(at(0)));
  EXPECT_TRUE(delay.wants_mark(at(1)));
  delay.mark({"log.000001", 500}, at(1));
  delay.read_to({"log.000001", 499}, at(2));
  EXPECT_EQ(delay.behind(at(41)), seconds(40));
  delay.read_to({"log.000001", 700}, at(41));
  EXPECT_EQ(delay.behind(at(41)), seconds(40));
  delay.mark({"log.000001", 800}, at(41));
  delay.read_to({"log.000001", 800}, at(42));
  EXPECT_EQ(delay.behind(at(42)), seconds(1));
}

TEST(LogDelay, KnowsNothingFromAReaderThatDoesNotKnowItsPlace) {
  LogDelay delay;
  delay.mark({"log.000001", 4}, at(0));
  delay.read_to({}, at(1));
  EXPECT_FALSE(delay.known());
}

}  // namespace
}  // namespace freshet
