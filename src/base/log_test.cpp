#include "base/log.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

std::string logged(LogLevel level, std::string_view message) {
  testing::internal::CaptureStderr();
  log_line(level, message);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, OneLinePerEvent) {
  const std::string line = logged(LogLevel::warn, "two\nlines\x1b[31m");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_NE(line.find("warning two lines [31m"), std::string::npos) << line;
}

TEST(Log, LevelsHoldLinesBack) {
  EXPECT_FALSE(log_enabled(LogLevel::debug));
  EXPECT_EQ(logged(LogLevel::debug, "hidden"), "");
  set_log_level(LogLevel::debug);
  EXPECT_NE(logged(LogLevel::debug, "shown"), "");
  set_log_level(LogLevel::info);
}

TEST(Log, LevelNames) {
  EXPECT_EQ(log_level_from("error"), LogLevel::error);
  EXPECT_THROW(static_cast<void>(log_level_from("loud")), Error);
}

}  // namespace
}  // namespace freshet
