#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace freshet {

// How the configuration writes quantities and variables. Functions that give an optional give
// nothing where the text has another form.

// "250ms", "5s", "2m", "24h", "7d"; whole numbers.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text) noexcept;
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

// "512", "64KB", "256MB", "10GB", "1TB"; powers of 1024, the B may be left out.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;
// true, yes, on; false, no, off.
[[nodiscard]] std::optional<bool> parse_flag(std::string_view text) noexcept;

// Where values of variables go: as they are, or percent-encoded so that a password with @ or / is
// still one part of a URL.
enum class Expansion { plain, url_part };

// Replaces ${NAME} and ${NAME:-default} by environment variables; $${ stands for ${. Throws
// Error{config} on a variable that is not set.
[[nodiscard]] std::string expand_variables(std::string_view text, Expansion expansion);

// Throws Error{config} on a broken %XX.
[[nodiscard]] std::string percent_decode(std::string_view text);

// The name most like `name`, if any is so like it that a slip of the fingers explains it.
[[nodiscard]] std::optional<std::string_view> nearest_name(std::string_view name,
                                                           std::span<const std::string_view> names);

}  // namespace freshet
