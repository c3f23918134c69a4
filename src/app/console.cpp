#include "app/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "query/result_writer.h"

namespace freshet {
namespace {

constexpr std::size_t kUnknownWidth = 100;
constexpr double kSmoothing = 3.0;  // seconds over which a pace forgets

std::string_view sequence_of(Colour colour) noexcept {
  switch (colour) {
    case Colour::green: return "\033[32m";
    case Colour::yellow: return "\033[33m";
    case Colour::red: return "\033[31m";
    case Colour::dim: return "\033[2m";
    case Colour::bold: return "\033[1m";
    case Colour::plain: break;
  }
  return "";
}

bool wants_colour() noexcept {
  const char* no = std::getenv("NO_COLOR");  // before threads start
  return no == nullptr || *no == '\0';
}

// Bytes of the colour sequence or UTF-8 character at the front of a text that is not empty.
std::size_t sequence_length(std::string_view text) noexcept {
  if (!text.starts_with("\033[")) return 0;
  const std::size_t end = text.find('m');
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t character_length(std::string_view text) noexcept {
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) ++size;
  return size;
}

}  // namespace

Console::Console(std::FILE* file)
    : file_(file),
      interactive_(::isatty(::fileno(file)) == 1),
      coloured_(interactive_ && wants_colour()) {}

std::size_t Console::width() const noexcept {
  winsize size{};
  if (interactive_ && ::ioctl(::fileno(file_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return kUnknownWidth;
}

std::string Console::paint(Colour colour, std::string_view text) const {
  if (!coloured_ || colour == Colour::plain) return std::string(text);
  return fmt::format("{}{}\033[0m", sequence_of(colour), text);
}

void Console::write(std::string_view text) const {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() || std::fflush(file_) != 0)
    fail(ErrorKind::unavailable, "cannot write the output: {}", std::strerror(errno));
}

void Console::line(std::string_view text) const { write(std::string(text) + "\n"); }

void Console::redraw(std::string_view text) {
  write(fmt::format("\r\033[K{}", text));
  drawn_ = true;
}

void Console::clear_drawn() {
  if (std::exchange(drawn_, false)) write("\r\033[K");
}

void TextTable::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::render() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(painted_width(column.title));
  }
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], painted_width(row[i]));
  std::string out = render_row(titles, widths);
  for (const auto& row : rows_) out += render_row(row, widths);
  return out;
}

std::string TextTable::render_row(const std::vector<std::string>& cells,
                                  const std::vector<std::size_t>& widths) const {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += "  ";
    const std::string space(widths[i] - painted_width(cells[i]), ' ');
    out += columns_[i].align == Align::right ? space + cells[i] : cells[i] + space;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out + "\n";
}

std::size_t painted_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t escape = text.find("\033[");
    width += display_width(text.substr(0, escape));
    if (escape == std::string_view::npos) break;
    text.remove_prefix(escape);
    text.remove_prefix(sequence_length(text));
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string out;
  std::size_t used = 1;  // the dots
  while (!text.empty()) {
    const std::string_view character = text.substr(0, character_length(text));
    used += display_width(character);
    if (used > columns) break;
    out += character;
    text.remove_prefix(character.size());
  }
  return out + "…";
}

std::string human_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_duration(std::chrono::milliseconds duration) {
  const std::int64_t millis = std::max<std::int64_t>(0, duration.count());
  if (millis < 1'000) return fmt::format("{} ms", millis);
  if (millis < 60'000) return fmt::format("{:.1f} s", static_cast<double>(millis) / 1'000);
  const std::int64_t seconds = millis / 1'000;
  if (seconds < 3'600) return fmt::format("{} m {:02} s", seconds / 60, seconds % 60);
  if (seconds < 86'400) return fmt::format("{} h {:02} m", seconds / 3'600, seconds / 60 % 60);
  return fmt::format("{} d {:02} h", seconds / 86'400, seconds / 3'600 % 24);
}

std::string human_rate(double per_second) {
  if (per_second < 1'000) return fmt::format("{:.0f}/s", per_second);
  if (per_second < 1'000'000) return fmt::format("{:.1f} k/s", per_second / 1'000);
  return fmt::format("{:.1f} M/s", per_second / 1'000'000);
}

std::string bar(double fraction, std::size_t columns) {
  const double full = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(columns);
  const auto filled = static_cast<std::size_t>(std::floor(full));
  std::string out;
  for (std::size_t i = 0; i < columns; ++i) out += i < filled ? "█" : "░";
  return out;
}

void Pace::update(std::uint64_t count, std::chrono::steady_clock::time_point now) {
  const bool first = at_ == std::chrono::steady_clock::time_point();
  const double seconds = first ? 0 : std::chrono::duration<double>(now - at_).count();
  if (!first && seconds <= 0) return;
  const auto grown = static_cast<double>(count > count_ ? count - count_ : 0);
  if (!first) {
    const double weight = rate_ == 0 ? 1 : 1 - std::exp(-seconds / kSmoothing);
    rate_ += weight * (grown / seconds - rate_);
  }
  count_ = count;
  at_ = now;
}

std::chrono::milliseconds Pace::left(std::uint64_t count, std::uint64_t total) const noexcept {
  if (rate_ <= 0 || count >= total) return std::chrono::milliseconds(0);
  const double seconds = static_cast<double>(total - count) / rate_;
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000));
}

}  // namespace freshet
