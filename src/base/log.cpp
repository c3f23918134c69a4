#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/error.h"

namespace freshet {
namespace {

constexpr LogLevel kLevels[] = {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error,
                                LogLevel::off};
constexpr std::string_view kNames[] = {"debug", "info", "warn", "error", "off"};

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::off: break;
  }
  return spdlog::level::off;
}

std::shared_ptr<spdlog::logger> make_logger() {
  auto logger = std::make_shared<spdlog::logger>(
      "freshet", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::info);
  return logger;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> only = make_logger();
  return *only;
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

void set_log_level(LogLevel level) noexcept { logger().set_level(spdlog_level(level)); }

bool log_enabled(LogLevel level) noexcept { return logger().should_log(spdlog_level(level)); }

LogLevel log_level_from(std::string_view name) {
  const auto* at = std::ranges::find(kNames, name);
  if (at == std::end(kNames))
    fail(ErrorKind::config, "unknown log level '{}': use debug, info, warn, error or off", name);
  return kLevels[at - std::begin(kNames)];
}

void log_line(LogLevel level, std::string_view message) {
  std::string line(message);
  std::ranges::replace_if(line, is_control, ' ');
  logger().log(spdlog_level(level), line);
}

}  // namespace freshet
