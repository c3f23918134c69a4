#include "pipeline/record_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/json_cells.h"

namespace freshet {
namespace {

constexpr std::size_t kMaxFields = 100'000;  // of a CSV record
constexpr std::array<std::string_view, 3> kNames{"csv", "jsonl", "text"};

std::string_view without_return(std::string_view line) noexcept {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

class TextReader : public RecordReader {
 public:
  explicit TextReader(LineInput& input) : input_(input) {}

  bool next(CellSink& sink) override {
    const auto line = input_.next();
    if (!line) return false;
    sink.begin_record();
    const std::string_view text = without_return(*line);
    if (!text.empty()) sink.cell({.column = "line", .place = "line", .text = text});
    return true;
  }

 private:
  LineInput& input_;
};

class JsonLinesReader : public RecordReader {
 public:
  explicit JsonLinesReader(LineInput& input) : input_(input) {}

  bool next(CellSink& sink) override {
    const auto line = input_.next();
    if (!line) return false;
    sink.begin_record();
    const std::string_view text = without_return(*line);
    if (!text.empty()) cells_.walk(text, "", sink);
    return true;
  }

 private:
  LineInput& input_;
  JsonCells cells_;
};

class CsvReader : public RecordReader {
 public:
  CsvReader(LineInput& input, const RecordOptions& options)
      : input_(input), separator_(options.separator), header_(options.header) {}

  bool next(CellSink& sink) override {
    if (std::exchange(header_, false) && read_record())
      for (std::size_t i = 0; i < ends_.size(); ++i) names_.push_back(sink.shown_name(field(i)));
    if (!read_record()) return false;
    sink.begin_record();
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      if (i == names_.size()) names_.push_back(fmt::format("column {}", i + 1));
      if (!field(i).empty()) sink.cell({.column = names_[i], .place = names_[i], .text = field(i)});
    }
    return true;
  }

 private:
  [[nodiscard]] std::string_view field(std::size_t i) const noexcept {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(fields_).substr(begin, ends_[i] - begin);
  }

  // Fields of a record, one behind the other in fields_.
  bool read_record() {
    fields_.clear();
    ends_.clear();
    const auto line = input_.next();
    if (!line) return false;
    rest_ = *line;
    for (bool more = true; more;) {
      more = rest_.starts_with('"') ? read_quoted() : read_plain();
      ends_.push_back(fields_.size());
      if (ends_.size() > kMaxFields)
        fail(ErrorKind::unsupported, "{}: line {} has more than {} fields", input_.name(),
             input_.line(), kMaxFields);
    }
    return true;
  }

  // Both: true if a separator stands behind the field.
  bool read_plain() {
    const std::size_t end = rest_.find(separator_);
    fields_ += end == rest_.npos ? without_return(rest_) : rest_.substr(0, end);
    if (end == rest_.npos) return false;
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool read_quoted() {
    const std::uint64_t begun = input_.line();
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      fields_ += rest_.substr(0, quote);
      if (quote == rest_.npos) {
        next_line(begun);
        continue;
      }
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) break;
      fields_ += '"';
      rest_.remove_prefix(1);
    }
    rest_ = without_return(rest_);
    if (rest_.empty()) return false;
    if (rest_.front() != separator_)
      fail(ErrorKind::corrupt,
           "{}: line {}: text stands behind a closing quote; CSV (RFC 4180) writes a quote within "
           "quotes twice",
           input_.name(), input_.line());
    rest_.remove_prefix(1);
    return true;
  }

  void next_line(std::uint64_t begun) {
    const auto line = input_.next();
    if (!line)
      fail(ErrorKind::corrupt, "{}: the file ends within the quotes that begin on line {}",
           input_.name(), begun);
    if (fields_.size() > LineInput::kMaxLine)
      fail(ErrorKind::unsupported, "{}: the record on line {} is longer than {} MiB", input_.name(),
           begun, LineInput::kMaxLine >> 20);
    fields_ += '\n';
    rest_ = *line;
  }

  LineInput& input_;
  char separator_;
  bool header_;
  std::string_view rest_;  // of the line
  std::string fields_;
  std::vector<std::size_t> ends_;
  std::vector<std::string> names_;
};

}  // namespace

std::string_view name_of(RecordFormat format) noexcept {
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<RecordFormat> record_format_of(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<RecordFormat>(found - kNames.begin());
}

std::unique_ptr<RecordReader> make_record_reader(LineInput& input, const RecordOptions& options) {
  switch (options.format) {
    case RecordFormat::csv: return std::make_unique<CsvReader>(input, options);
    case RecordFormat::json_lines: return std::make_unique<JsonLinesReader>(input);
    case RecordFormat::text: break;
  }
  return std::make_unique<TextReader>(input);
}

}  // namespace freshet
