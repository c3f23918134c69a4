#include "source/log_retention.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

const std::vector<LogFile> kFiles = {{"bin.000008", 100}, {"bin.000009", 200}, {"bin.000010", 300}};
constexpr LogExpiry kDay{.seconds = 86400};

TEST(LogRetention, CountsTheLogAhead) {
  EXPECT_EQ(retention_at({"bin.000008", 40}, 0, kFiles, kDay, 0).bytes_ahead, 60U + 200 + 300);
  EXPECT_EQ(retention_at({"bin.000010", 300}, 0, kFiles, kDay, 0).bytes_ahead, 0U);
  EXPECT_EQ(retention_at({"bin.000008", 40}, 0, kFiles, kDay, 0).oldest_file, "bin.000008");
}

TEST(LogRetention, CountsDownInFilesThatMayGo) {
  const LogRetention left = retention_at({"bin.000009", 4}, 1000, kFiles, kDay, 1000 + 86000);
  EXPECT_EQ(left.seconds_left, 400U);
  EXPECT_TRUE(is_running_out(left));
  EXPECT_EQ(retention_at({"bin.000009", 4}, 1000, kFiles, kDay, 200'000).seconds_left, 0U);
  EXPECT_FALSE(is_running_out(retention_at({"bin.000009", 4}, 1000, kFiles, kDay, 2000)));
}

TEST(LogRetention, HasNoEndInTheNewestFileOrWithoutExpiry) {
  EXPECT_FALSE(retention_at({"bin.000010", 4}, 1000, kFiles, kDay, 200'000).seconds_left);
  EXPECT_FALSE(retention_at({"bin.000008", 4}, 1000, kFiles, {}, 200'000).seconds_left);
}

TEST(LogRetention, IsNothingOnAManagedServerWithoutASetting) {
  const LogRetention left =
      retention_at({"bin.000008", 4}, 1000, kFiles, {.seconds = {}, .managed = true}, 1000);
  EXPECT_EQ(left.seconds_left, 0U);
  EXPECT_TRUE(is_running_out(left));
}

TEST(LogRetention, RefusesALogThatEndsBeforeThePlace) {
  const ServerFacts facts{.identity = "here"};
  EXPECT_NO_THROW(demand_reaches(kFiles, facts, {"bin.000010", 300}));
  EXPECT_NO_THROW(demand_reaches(kFiles, facts, {"old-name.000099", 300}));
  for (const LogCoordinate& at : {LogCoordinate{"bin.000010", 301}, LogCoordinate{"bin.000011", 4}})
    try {
      demand_reaches(kFiles, facts, at);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::lost_position);
    }
}

}  // namespace
}  // namespace freshet
