#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

enum class Colour : std::uint8_t { plain, green, yellow, red, dim, bold };

// One of the process's outputs as people see it. Colours and redrawing only where a terminal is on
// the other side; colours not with NO_COLOR either.
class Console {
 public:
  explicit Console(std::FILE* file);

  [[nodiscard]] bool interactive() const noexcept { return interactive_; }
  [[nodiscard]] std::size_t width() const noexcept;  // columns; 100 where nobody can tell
  [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;

  // Throws Error{unavailable} where the output refuses (a full disk).
  void write(std::string_view text) const;
  void line(std::string_view text) const;
  // Replaces the line that redraw() wrote before; a later line() stands in its place. Only where
  // interactive().
  void redraw(std::string_view text);
  void clear_drawn();

 private:
  std::FILE* file_;
  bool interactive_;
  bool coloured_;
  bool drawn_ = false;
};

// Rows of aligned text. Cells may hold colours made by Console::paint().
class TextTable {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);  // as many as columns
  [[nodiscard]] std::string render() const;
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

 private:
  [[nodiscard]] std::string render_row(const std::vector<std::string>& cells,
                                       const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Terminal columns of a text, colour sequences not counted.
[[nodiscard]] std::size_t painted_width(std::string_view text) noexcept;

// The text cut to so many columns, with … in place of what is missing. For text without colours.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t columns);

[[nodiscard]] std::string human_count(std::uint64_t count);  // "1,234,567"
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);  // "1.4 GiB"
[[nodiscard]] std::string human_duration(
    std::chrono::milliseconds duration);                  // "850 ms", "2 m 05 s"
[[nodiscard]] std::string human_rate(double per_second);  // "12.3 k/s"

// "████████░░░░" of so many columns.
[[nodiscard]] std::string bar(double fraction, std::size_t columns);

// How fast a count grows, smoothed over the last seconds, and how long it still takes.
class Pace {
 public:
  void update(std::uint64_t count, std::chrono::steady_clock::time_point now);
  [[nodiscard]] double per_second() const noexcept { return rate_; }
  [[nodiscard]] std::chrono::milliseconds left(std::uint64_t count,
                                               std::uint64_t total) const noexcept;

 private:
  std::uint64_t count_ = 0;
  std::chrono::steady_clock::time_point at_{};
  double rate_ = 0;
};

}  // namespace freshet
