#include "pipeline/load_pace.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LoadPace, LetsAChunkBeginWhenThoseBeforeItHaveHadTheirTime) {
  LoadPace pace(1000);
  LoadPace::Clock::time_point now{seconds(100)};
  EXPECT_TRUE(pace.ready(now));
  pace.spend(500, now);
  EXPECT_FALSE(pace.ready(now + milliseconds(499)));
  EXPECT_TRUE(pace.ready(now + milliseconds(500)));
  pace.give_back(300);  // there were 200 rows only
  EXPECT_FALSE(pace.ready(now + milliseconds(199)));
  EXPECT_TRUE(pace.ready(now + milliseconds(200)));
}

TEST(LoadPace, LetsNoIdleTimeBeMadeUpFor) {
  LoadPace pace(1000);
  LoadPace::Clock::time_point now{seconds(100)};
  pace.spend(1000, now);
  now += seconds(60);
  pace.spend(1000, now);
  EXPECT_FALSE(pace.ready(now + milliseconds(999)));
  EXPECT_TRUE(pace.ready(now + seconds(1)));
}

TEST(LoadPace, AsksForOneSecondsWorthAtATime) {
  EXPECT_EQ(LoadPace(700).chunk_rows(50'000), 700U);
  EXPECT_EQ(LoadPace(80'000).chunk_rows(50'000), 50'000U);
}

TEST(LoadPace, WithoutARateHoldsNothingBack) {
  LoadPace pace(0);
  const LoadPace::Clock::time_point now{seconds(100)};
  pace.spend(1'000'000, now);
  EXPECT_TRUE(pace.ready(now));
  EXPECT_EQ(pace.chunk_rows(50'000), 50'000U);
}

}  // namespace
}  // namespace freshet
