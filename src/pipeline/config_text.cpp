#include "pipeline/config_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "base/error.h"

namespace freshet {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 5> kDurations{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

constexpr std::array<Unit, 9> kSizes{{{"", 1},
                                      {"K", 1LL << 10},
                                      {"KB", 1LL << 10},
                                      {"M", 1LL << 20},
                                      {"MB", 1LL << 20},
                                      {"G", 1LL << 30},
                                      {"GB", 1LL << 30},
                                      {"T", 1LL << 40},
                                      {"TB", 1LL << 40}}};

// A whole number and a unit of the list; nothing where it does not fit, or into 64 bits.
std::optional<std::int64_t> parse_quantity(std::string_view text,
                                           std::span<const Unit> units) noexcept {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  const auto found = std::ranges::find(units, unit, &Unit::name);
  if (found == units.end()) return std::nullopt;
  if (number > std::numeric_limits<std::int64_t>::max() / found->factor) return std::nullopt;
  return number * found->factor;
}

bool is_name(std::string_view text) noexcept {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::ranges::all_of(text, fits);
}

bool is_unreserved(unsigned char c) noexcept {
  return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte))
      out.push_back(c);
    else
      out += fmt::format("%{:02X}", byte);
  }
  return out;
}

// What stands between the braces: NAME or NAME:-default.
std::string variable(std::string_view inside) {
  const std::size_t mark = inside.find(":-");
  const std::string name(inside.substr(0, mark));
  if (!is_name(name))
    fail(ErrorKind::config, "${{{}}} is not a variable; write ${{NAME}} or ${{NAME:-default}}",
         inside);
  // Commands read their configuration before they start threads.
  const char* value = std::getenv(name.c_str());
  if (value != nullptr && (*value != '\0' || mark == std::string_view::npos)) return value;
  if (mark != std::string_view::npos) return std::string(inside.substr(mark + 2));
  fail(ErrorKind::config,
       "the environment variable {0} is not set; export it, or write ${{{0}:-default}}", name);
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Insertions, deletions and replacements that turn one name into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto millis = parse_quantity(text, kDurations);
  if (!millis) return std::nullopt;
  return std::chrono::milliseconds(*millis);
}

std::string format_duration(std::chrono::milliseconds duration) {
  const std::int64_t millis = duration.count();
  if (millis == 0) return "0";
  for (const Unit& unit : kDurations)
    if (millis % unit.factor == 0) return fmt::format("{}{}", millis / unit.factor, unit.name);
  return fmt::format("{}ms", millis);
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  const auto bytes = parse_quantity(text, kSizes);
  if (!bytes) return std::nullopt;
  return static_cast<std::uint64_t>(*bytes);
}

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<bool> parse_flag(std::string_view text) noexcept {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::string expand_variables(std::string_view text, Expansion expansion) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = text.find("${");
    if (mark == std::string_view::npos) break;
    if (mark > 0 && text[mark - 1] == '$') {
      out.append(text.substr(0, mark)).append("{");
      text.remove_prefix(mark + 2);
      continue;
    }
    const std::size_t end = text.find('}', mark);
    if (end == std::string_view::npos)
      fail(ErrorKind::config, "a ${{ has no closing brace; write $${{ for the two characters");
    const std::string value = variable(text.substr(mark + 2, end - mark - 2));
    out.append(text.substr(0, mark));
    out.append(expansion == Expansion::plain ? value : percent_encode(value));
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      fail(ErrorKind::config, "a % in a URL stands before two hexadecimal digits; write %25 for %");
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> names) {
  std::optional<std::string_view> nearest;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string_view candidate : names) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= least || distance >= candidate.size()) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace freshet
