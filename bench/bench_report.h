#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/json_text.h"

namespace freshet {

// Of an odd number of repeats the middle one: runs on a busy machine have outliers upwards.
[[nodiscard]] inline double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.empty()
             ? 0
             : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}
[[nodiscard]] inline double median(std::vector<double> values) {
  return percentile(std::move(values), 0.5);
}

// One line of a benchmark's table. `baseline` names what the ratio is taken against.
struct Measured {
  std::string name;
  double value = 0;
  std::string unit;  // "rows/s", "ms"
  std::string baseline;
  double ratio = 0;
  std::string mark;  // what DESIGN demands, as text; empty = nothing
};

class Report {
 public:
  void add(Measured line) { lines_.push_back(std::move(line)); }

  [[nodiscard]] std::string table() const {
    std::string text = fmt::format("{:<46}{:>14}  {:<7} {:>7}  {:<26} {}\n", "", "measured", "",
                                   "ratio", "against", "mark");
    for (const Measured& line : lines_)
      text += fmt::format("{:<46}{:>14}  {:<7} {:>7}  {:<26} {}\n", line.name, number(line.value),
                          line.unit, line.baseline.empty() ? "" : fmt::format("{:.3f}", line.ratio),
                          line.baseline, line.mark);
    return text;
  }

  [[nodiscard]] std::string json() const {
    std::string text = "[";
    for (const Measured& line : lines_) {
      text += text.size() > 1 ? ",\n {" : "\n {";
      text += fmt::format(R"("name": {}, "value": {}, "unit": {})", json_quote(line.name),
                          line.value, json_quote(line.unit));
      if (!line.baseline.empty())
        text +=
            fmt::format(R"(, "against": {}, "ratio": {})", json_quote(line.baseline), line.ratio);
      if (!line.mark.empty()) text += fmt::format(R"(, "mark": {})", json_quote(line.mark));
      text += "}";
    }
    return text + "\n]\n";
  }

 private:
  static std::string number(double value) {
    if (value < 1000) return fmt::format("{:.2f}", value);
    std::string digits = fmt::format("{:.0f}", value);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
    return digits;
  }

  std::vector<Measured> lines_;
};

}  // namespace freshet
