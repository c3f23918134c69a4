#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace freshet {

// The log: one line per event, to standard error, UTC. Standard output belongs to results.
//
// A rule without exception: a log line never carries a row value, a key value or SQL text of the
// source. Those may be personal data, and logs outlive masking. Name tables, columns, positions
// and counts instead.
enum class LogLevel : std::uint8_t { debug, info, warn, error, off };

// Lines below this level are dropped; at first `info`. Thread-safe, as all of the log is.
void set_log_level(LogLevel level) noexcept;
[[nodiscard]] bool log_enabled(LogLevel level) noexcept;
// "debug", "info", "warn", "error", "off"; throws Error{config} for any other name.
[[nodiscard]] LogLevel log_level_from(std::string_view name);

// Writes one line; line breaks and other control characters in `message` become blanks.
void log_line(LogLevel level, std::string_view message);

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::debug))
    log_line(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::info))
    log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::warn))
    log_line(LogLevel::warn, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::error))
    log_line(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace freshet
