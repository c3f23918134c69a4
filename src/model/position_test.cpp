#include "model/position.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

TEST(Position, FilesOrderByNumberNotByText) {
  EXPECT_LT((LogCoordinate{"bin.999999", 900}), (LogCoordinate{"bin.1000000", 4}));
  EXPECT_LT((LogCoordinate{"bin.000001", 4}), (LogCoordinate{"bin.000001", 5'000'000'000}));
  EXPECT_EQ((LogCoordinate{"bin.000001", 4}), (LogCoordinate{"bin.000001", 4}));
}

TEST(Position, SurvivesItsJson) {
  const Position position{.server_id = "mariadb-1",
                          .log = {"bin.000007", 1ULL << 40},
                          .gtid = "0-1-\"7",
                          .rows = 3,
                          .transaction = "0-1-8",
                          .file_created = 4'000'000'000};
  EXPECT_EQ(position_from_json(to_json(position)), position);
  EXPECT_EQ(position_from_json(R"({"server":"s","file":"f","offset":4,"gtid":"","rows":0})"),
            (Position{.server_id = "s", .log = {"f", 4}}));
  EXPECT_THROW((void)position_from_json("{\"file\":1}"), Error);
  EXPECT_THROW((void)position_from_json("nonsense"), Error);
}

}  // namespace
}  // namespace freshet
