#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <set>

#include "app/console.h"
#include "app/pii.h"
#include "base/error.h"
#include "base/json_text.h"
#include "pipeline/pii_scan.h"
#include "pipeline/record_reader.h"
#include "pipeline/table_cells.h"
#include "source/schema_reader.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::string_view kExamples = R"(Examples:
  freshet pii scan shop.users --limit 100000      a table of the configured source
  freshet pii scan --header customers.csv         a CSV file (RFC 4180)
  freshet pii scan --detect all events.jsonl      JSON lines, every kind of personal data
  zcat access.log.gz | freshet pii scan -         lines of text

Tells what kinds of personal data stand in which columns, and what the configuration does about
them. Reports only: nothing is changed, stored or shown of the values. Works without a
configuration file, except for tables.

--spans prints a JSON line for each place found instead: the record (from 1), the column (a path in
JSON), the kind, and begin and end, which are bytes of the value after quotes and escapes are
undone; the end is the first byte behind; "confidence" is in percent. "key" marks a JSON key; "by_name" a cell of a column whose
name tells what it holds.)";

constexpr auto kDrawEvery = 100ms;
constexpr std::size_t kBarColumns = 20;

struct ScanArguments {
  std::string input;
  std::string format;
  std::string separator = ",";
  std::vector<std::string> detect;
  std::optional<std::uint64_t> limit;
  bool header = false;
  bool spans = false;
  bool json = false;
};

// A progress line on a terminal; nothing elsewhere.
class Progress {
 public:
  Progress(std::string name, std::uint64_t total) : name_(std::move(name)), total_(total) {}

  // `done` of the total (bytes or rows; the total may be unknown) after so many records.
  void update(std::uint64_t done, std::uint64_t records) {
    if (!console_.interactive()) return;
    const auto now = steady_clock::now();
    if (now - drawn_at_ < kDrawEvery) return;
    drawn_at_ = now;
    pace_.update(done, now);
    std::string text = "scanning " + name_;
    if (total_ > 0) {
      const double fraction =
          std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
      text += fmt::format(" {} {:.0f} %", bar(fraction, kBarColumns), fraction * 100);
    }
    text += fmt::format("  {} records", human_count(records));
    if (total_ > done && pace_.per_second() > 0)
      text += fmt::format(", {} left", human_duration(pace_.left(done, total_)));
    console_.redraw(shorten(text, console_.width() - 1));
  }

  void finish() { console_.clear_drawn(); }

 private:
  Console console_{stderr};
  std::string name_;
  std::uint64_t total_;
  Pace pace_;
  steady_clock::time_point drawn_at_{};
};

// How the input is to be read; nothing for a table of the source.
std::optional<RecordFormat> format_of(const ScanArguments& arguments) {
  if (!arguments.format.empty()) {
    const auto format = record_format_of(arguments.format);
    if (!format)
      fail(ErrorKind::usage, "there is no input format {}; write csv, jsonl or text",
           arguments.format);
    return format;
  }
  if (arguments.input == "-") return RecordFormat::text;
  const std::string extension = std::filesystem::path(arguments.input).extension();
  if (extension == ".csv") return RecordFormat::csv;
  if (extension == ".jsonl" || extension == ".ndjson") return RecordFormat::json_lines;
  if (extension == ".txt" || extension == ".log" || arguments.input.contains('/') ||
      std::filesystem::exists(arguments.input))
    return RecordFormat::text;
  return std::nullopt;
}

TableName table_of(const std::string& input) {
  const std::size_t dot = input.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == input.size())
    fail(ErrorKind::usage, "\"{}\" is neither a file nor a table; write schema.table, a file, or -",
         input);
  return {input.substr(0, dot), input.substr(dot + 1)};
}

void scan_file(const ScanArguments& arguments, RecordFormat format, PiiScan& scan) {
  if (arguments.separator.size() != 1 || arguments.separator == "\"")
    fail(ErrorKind::usage, "--separator takes one character");
  LineInput input(arguments.input);
  const auto reader = make_record_reader(
      input,
      {.format = format, .header = arguments.header, .separator = arguments.separator.front()});
  Progress progress(input.name(), input.size());
  const std::uint64_t limit = arguments.limit.value_or(UINT64_MAX);
  while (scan.records() < limit && reader->next(scan))
    if (scan.records() % 256 == 0) progress.update(input.bytes_read(), scan.records());
  progress.finish();
}

void scan_table(const Config& config, const TableName& table, const ScanArguments& arguments,
                PiiScan& scan) {
  std::uint64_t rows = 0;
  {
    Connection connection = Connection::open(config.source.connection);
    rows = estimate_rows(connection, table);
  }
  Progress progress(table.qualified(), std::min(rows, arguments.limit.value_or(UINT64_MAX)));
  read_table_cells(config.source.connection, table, arguments.limit, scan,
                   [&](std::uint64_t done) { progress.update(done, done); });
  progress.finish();
}

// Prints spans as they are found.
void print_span(const FoundSpan& span) {
  const std::string key = span.cell.key ? R"(,"key":true)" : "";
  const std::string by_name = span.by_name ? R"(,"by_name":true)" : "";
  const std::string text =
      fmt::format(R"({{"record":{},"column":{}{},"begin":{},"end":{},"type":{},"confidence":{}{}}})"
                  "\n",
                  span.record, json_quote(printable(span.cell.place)), key, span.begin, span.end,
                  json_quote(span.type), span.confidence, by_name);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    fail(ErrorKind::unavailable, "cannot write the output: {}", std::strerror(errno));
}

bool is_whole(const ScannedColumn& column) {
  return column.policy.mode == ColumnPolicy::Mode::whole;
}

// What tells that a whole column is personal: "rule", a type by its name, or nothing.
std::string known_as(const ScannedColumn& column) {
  if (column.policy.by_rule) return "rule";
  return std::string(column.policy.prior.type);
}

// The actions on matches, by the types found: "redact", "redact or hash".
std::string actions_on_matches(const ScannedColumn& column, const SensitiveDataOptions& options) {
  std::set<std::string> names;
  for (const auto& count : column.types) {
    const auto own = options.actions.find(count.type);
    names.insert(name_of(own == options.actions.end() ? options.action : own->second));
  }
  return fmt::format("{}", fmt::join(names, " or "));
}

std::string plan_of(const ScannedColumn& column, const SensitiveDataOptions& options) {
  const std::string action = name_of(column.policy.rule);
  if (is_whole(column)) {
    const std::string reason = column.policy.by_rule ? "by rule" : "by name";
    return fmt::format("{} all cells, {}", action, reason);
  }
  if (column.policy.by_rule) return action + ", by rule";
  if (column.found == 0) return "-";
  return fmt::format("{} the {}", actions_on_matches(column, options),
                     options.whole_value ? "cell" : "match");
}

double rate(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double share = rate(part, whole) * 100;
  if (part > 0 && share < 0.01) return "< 0.01 %";
  return share < 10 ? fmt::format("{:.2f} %", share) : fmt::format("{:.1f} %", share);
}

std::string json_of(const ScannedColumn& column, const SensitiveDataOptions& options) {
  const std::string known = known_as(column);
  const bool by_matches = !is_whole(column) && !column.policy.by_rule && column.found > 0;
  const std::string plan =
      by_matches ? actions_on_matches(column, options) : name_of(column.policy.rule);
  std::string out = fmt::format(
      R"({{"column":{},"cells":{},"found":{},"known_as":{},"action":{},"whole_column":{},"types":[)",
      json_quote(printable(column.column)), column.cells, column.found,
      known.empty() ? "null" : json_quote(known), json_quote(plan), is_whole(column));
  for (const auto& count : column.types) {
    if (&count != column.types.data()) out += ',';
    out += fmt::format(R"({{"type":{},"cells":{},"rate":{:.6f}}})", json_quote(count.type),
                       count.cells, rate(count.cells, column.cells));
  }
  return out + "]}";
}

std::string json_of(const PiiScan& scan, const SensitiveDataOptions& options, double seconds) {
  std::string out =
      fmt::format(R"({{"records":{},"cells":{},"bytes":{},"seconds":{:.3f},"columns":[)",
                  scan.records(), scan.cells(), scan.bytes(), seconds);
  bool first = true;
  for (const ScannedColumn& column : scan.columns()) {
    out += first ? "\n" : ",\n";
    out += json_of(column, options);
    first = false;
  }
  return out + "]}";
}

void print(const Console& console, const PiiScan& scan, const SensitiveDataOptions& options,
           double seconds) {
  TextTable table({{"column"},
                   {"cells", TextTable::Align::right},
                   {"found in", TextTable::Align::right},
                   {"types"},
                   {"what would be done"}});
  for (const ScannedColumn& column : scan.columns()) {
    std::string types;
    for (const auto& count : column.types)
      types += fmt::format("{}{} {}", types.empty() ? "" : ", ", count.type,
                           percent(count.cells, column.cells));
    table.add({printable(column.column), human_count(column.cells),
               column.found == 0 ? "-" : console.paint(Colour::yellow, human_count(column.found)),
               types, plan_of(column, options)});
  }
  if (!table.empty()) console.write(table.render() + "\n");
  const double per_second = seconds > 0 ? static_cast<double>(scan.bytes()) / seconds : 0;
  console.line(fmt::format(
      "{} records, {} cells, {} in {} ({}/s)", human_count(scan.records()),
      human_count(scan.cells()), human_bytes(scan.bytes()),
      human_duration(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1'000))),
      human_bytes(static_cast<std::uint64_t>(per_second))));
}

int scan(const CommandLine& line, const ScanArguments& arguments) {
  const auto format = format_of(arguments);
  const TableName table = format ? TableName() : table_of(arguments.input);
  const Config config = load_pii_config(
      line, arguments.detect, format ? ConfigScope::without_source : ConfigScope::everything);
  const SensitiveDataOptions& options = config.transform.sensitive_data;
  PiiScan scan(options, table, arguments.spans ? SpanSink(print_span) : SpanSink());

  const auto started = steady_clock::now();
  if (format)
    scan_file(arguments, *format, scan);
  else
    scan_table(config, table, arguments, scan);
  const double seconds = std::chrono::duration<double>(steady_clock::now() - started).count();

  const Console console(stdout);
  if (arguments.spans)
    console.write("");  // flushes
  else if (arguments.json)
    console.line(json_of(scan, options, seconds));
  else
    print(console, scan, options, seconds);
  return 0;
}

}  // namespace

void add_pii_scan(CommandWords& pii, CommandLine& line) {
  CommandWords command =
      pii.command("scan", "Look for personal data in a table, a file or standard input");
  const auto arguments = std::make_shared<ScanArguments>();
  command.option("input", &arguments->input, "schema.table, a file, or - for standard input",
                 {.value = "INPUT", .required = true});
  command.option("--format", &arguments->format,
                 "csv, jsonl or text (by the file's name; standard input is text)",
                 {.value = "FORMAT"});
  command.flag("--header", arguments->header, "CSV: the first record names the columns");
  command.option("--separator", &arguments->separator, "CSV: between fields",
                 {.value = "CHARACTER", .shows_default = true});
  command.option("--detect", &arguments->detect,
                 "Kinds to look for instead of the configured ones: EMAIL,PHONE_NUMBER or all",
                 {.value = "TYPES", .repeats = true, .separator = ','});
  command.option("--limit", &arguments->limit, "Records at most", {.value = "N", .positive = true});
  command.flag("--spans", arguments->spans, "Print each place found as a JSON line");
  command.flag("--json", arguments->json, "Print the report as JSON");
  command.footer(kExamples);
  command.on_choice([&line, arguments] {
    if (arguments->spans && arguments->json) refuse_words("--json and --spans exclude each other");
    line.action = [&line, arguments] { return scan(line, *arguments); };
  });
}

}  // namespace freshet
