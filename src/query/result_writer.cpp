#include "query/result_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace freshet {

namespace {

// Pieces given to the sink are about this long.
constexpr std::size_t kPieceBytes = 64 << 10;

// Text on its way to the sink.
class PieceBuffer {
 public:
  explicit PieceBuffer(ResultSink sink) : sink_(std::move(sink)) {}
  std::string& text() noexcept { return text_; }
  void flush_if_long() {
    if (text_.size() >= kPieceBytes) flush();
  }
  void flush() {
    if (text_.empty()) return;
    sink_(text_);
    text_.clear();
  }

 private:
  ResultSink sink_;
  std::string text_;
};

void put_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

class CsvWriter final : public ResultWriter {
 public:
  explicit CsvWriter(ResultSink sink) : out_(std::move(sink)) {}

  void begin(std::span<const ResultColumn> columns) override {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out_.text().push_back(',');
      put_quoted(out_.text(), columns[i].name);
    }
    out_.text().push_back('\n');
  }

  void row(std::span<const ResultCell> cells) override {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out_.text().push_back(',');
      if (!cells[i].is_null) put_quoted(out_.text(), cells[i].text);
    }
    out_.text().push_back('\n');
    out_.flush_if_long();
  }

  void end() override { out_.flush(); }

 private:
  PieceBuffer out_;
};

class JsonWriter final : public ResultWriter {
 public:
  explicit JsonWriter(ResultSink sink) : out_(std::move(sink)) {}

  void begin(std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) names_.push_back(json_quote(column.name) + ":");
    out_.text().push_back('[');
  }

  void row(std::span<const ResultCell> cells) override {
    std::string& out = out_.text();
    out += std::exchange(first_, false) ? "\n{" : ",\n{";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out.push_back(',');
      out += names_[i];
      if (cells[i].is_null)
        out += "null";
      else if (cells[i].kind == CellKind::text)
        put_json_string(out, cells[i].text);
      else
        out += cells[i].text;
    }
    out.push_back('}');
    out_.flush_if_long();
  }

  void end() override {
    out_.text() += first_ ? "]\n" : "\n]\n";
    out_.flush();
  }

 private:
  PieceBuffer out_;
  std::vector<std::string> names_;
  bool first_ = true;
};

// Line breaks and other control characters would break the table's lines.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", c);
    else
      out.push_back(c);
  }
  return out;
}

class TableWriter final : public ResultWriter {
 public:
  explicit TableWriter(ResultSink sink) : out_(std::move(sink)) {}

  void begin(std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) {
      names_.push_back(on_one_line(column.name));
      widths_.push_back(display_width(names_.back()));
      numeric_.push_back(column.numeric);
    }
  }

  void row(std::span<const ResultCell> cells) override {
    ++rows_;
    std::vector<std::string> texts;
    texts.reserve(cells.size());
    for (const ResultCell& cell : cells)
      texts.push_back(cell.is_null ? std::string(kNull) : on_one_line(cell.text));
    if (head_written_) {
      put_row(texts);
      return;
    }
    for (std::size_t i = 0; i < texts.size(); ++i)
      widths_[i] = std::max(widths_[i], display_width(texts[i]));
    held_.push_back(std::move(texts));
    if (held_.size() >= kMeasuredRows) put_held();
  }

  void end() override {
    put_held();
    put_rule("└", "┴", "┘");
    out_.text() += fmt::format("{} row{}\n", rows_, rows_ == 1 ? "" : "s");
    out_.flush();
  }

 private:
  static constexpr std::string_view kNull = "NULL";
  static constexpr std::size_t kMeasuredRows = 1000;

  void put_held() {
    if (!head_written_) put_head();
    for (const auto& texts : held_) put_row(texts);
    held_.clear();
  }

  void put_head() {
    head_written_ = true;
    put_rule("┌", "┬", "┐");
    put_cells(names_, false);
    put_rule("├", "┼", "┤");
  }

  void put_rule(std::string_view left, std::string_view middle, std::string_view right) {
    std::string& out = out_.text();
    out += left;
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      if (i > 0) out += middle;
      for (std::size_t n = 0; n < widths_[i] + 2; ++n) out += "─";
    }
    out += right;
    out.push_back('\n');
  }

  void put_row(const std::vector<std::string>& texts) {
    put_cells(texts, true);
    out_.flush_if_long();
  }

  void put_cells(const std::vector<std::string>& texts, bool align_numbers) {
    std::string& out = out_.text();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::size_t used = display_width(texts[i]);
      const std::size_t space = widths_[i] > used ? widths_[i] - used : 0;
      const bool right = align_numbers && numeric_[i];
      out += "│ ";
      if (right) out.append(space, ' ');
      out += texts[i];
      if (!right) out.append(space, ' ');
      out.push_back(' ');
    }
    out += "│\n";
  }

  PieceBuffer out_;
  std::vector<std::string> names_;
  std::vector<std::size_t> widths_;
  std::vector<bool> numeric_;
  std::vector<std::vector<std::string>> held_;  // rows until widths are known
  bool head_written_ = false;
  std::uint64_t rows_ = 0;
};

struct CodePointRange {
  char32_t first, last;
};

// Unicode East Asian Width W and F (UAX 11), and the emoji that terminals draw wide.
constexpr CodePointRange kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
};
// Combining marks, joiners and variation selectors.
constexpr CodePointRange kZero[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},   {0x064b, 0x065f},
    {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},   {0x200b, 0x200f},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

template <std::size_t N>
bool is_in(const CodePointRange (&ranges)[N], char32_t point) noexcept {
  return std::ranges::any_of(
      ranges, [point](const CodePointRange& r) { return point >= r.first && point <= r.last; });
}

}  // namespace

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (bytes == 1) {
      ++width;
      ++at;
      continue;
    }
    char32_t point = lead & (0xff >> (bytes + 1));
    for (std::size_t i = 1; i < bytes && at + i < text.size(); ++i)
      point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
    width += is_in(kZero, point) ? 0 : is_in(kWide, point) ? 2 : 1;
    at += bytes;
  }
  return width;
}

std::string_view name_of(ResultFormat format) noexcept {
  switch (format) {
    case ResultFormat::table: return "table";
    case ResultFormat::csv: return "csv";
    case ResultFormat::json: return "json";
    case ResultFormat::parquet: return "parquet";
  }
  return "table";
}

std::optional<ResultFormat> result_format_of(std::string_view name) noexcept {
  for (const ResultFormat format :
       {ResultFormat::table, ResultFormat::csv, ResultFormat::json, ResultFormat::parquet})
    if (name == name_of(format)) return format;
  return std::nullopt;
}

std::unique_ptr<ResultWriter> make_result_writer(ResultFormat format, ResultSink sink) {
  switch (format) {
    case ResultFormat::csv: return std::make_unique<CsvWriter>(std::move(sink));
    case ResultFormat::json: return std::make_unique<JsonWriter>(std::move(sink));
    default: return std::make_unique<TableWriter>(std::move(sink));
  }
}

}  // namespace freshet
