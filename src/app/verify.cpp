#include "pipeline/verify.h"

#include <simdjson.h>

#include <cstdio>
#include <memory>

#include "app/command.h"
#include "app/console.h"
#include "app/signals.h"
#include "base/error.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"
#include "pipeline/mask_key_source.h"
#include "pipeline/stores.h"

namespace freshet {
namespace {

using Json = simdjson::dom::element;

constexpr std::string_view kExamples = R"(Examples:
  freshet verify                     every table that is followed
  freshet verify shop.users 'shop.order*'
  freshet verify --json              one JSON object, for scripts

While `freshet run` is alive it compares, each table at one exact place of the log, while source and
lake go on. No table is locked on MariaDB, nor as a rule on MySQL from 8.0.30 on with GTIDs; elsewhere
for the milliseconds in which its read view is opened. With no pipeline running the committed lake is
compared, if the source has not moved on.

Every row of the source goes through flattening and masking as ingest does it, and is compared with
the row of the lake. Differences are named by key (as masked) and column, never by value. After a
change of masking rules or keys, rows from before differ until their table is loaded again.
Exit status: 0 equal; 1 a difference, or a table that could not be compared; 3 the source refuses.)";

constexpr std::size_t kBarColumns = 24;

std::uint64_t count(Json object, std::string_view key) { return std::uint64_t(object[key]); }

std::string text(Json object, std::string_view key) {
  return std::string(std::string_view(object[key]));
}

// Renders the lines of JSON that a verification tells (pipeline/verify.h).
class VerifyDisplay {
 public:
  explicit VerifyDisplay(bool json) : json_(json) {}

  // Takes bytes as they come; lines may be cut anywhere.
  void take(std::string_view bytes) {
    pending_ += bytes;
    std::size_t begin = 0;
    for (std::size_t end; (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1)
      line(pending_.substr(begin, end - begin));
    pending_.erase(0, begin);
  }

  // The exit status.
  int finish() {
    error_.clear_drawn();
    if (!equal_)
      fail(ErrorKind::corrupt, "the running freshet, maybe of another version, gave no result");
    if (json_) out_.line(fmt::format(R"({{"equal":{},"tables":[{}]}})", *equal_, tables_));
    return *equal_ ? 0 : 1;
  }

 private:
  void line(const std::string& json) {
    simdjson::dom::parser parser;
    try {
      const simdjson::dom::object root = parser.parse(json);
      if (Json part; root["progress"].get(part) == simdjson::SUCCESS) return show_progress(part);
      if (Json part; root["table"].get(part) == simdjson::SUCCESS) {
        if (!json_) return show_table(part);
        tables_ += (tables_.empty() ? "" : ",") + simdjson::minify(part);
        return;
      }
      equal_ = bool(root["equal"]);
    } catch (const simdjson::simdjson_error& error) {
      fail(ErrorKind::corrupt,
           "the running freshet, maybe of another version, gave a line without sense: {}",
           error.what());
    }
  }

  void show_progress(Json progress) {
    if (!error_.interactive()) return;
    const std::uint64_t rows = count(progress, "rows");
    const std::uint64_t expected = count(progress, "expected");
    const std::string shown =
        expected == 0
            ? ""
            : bar(std::min(1.0, static_cast<double>(rows) / static_cast<double>(expected)),
                  kBarColumns) +
                  " ";
    error_.redraw(shorten(fmt::format("{} ({} of {}), {}: {}{} rows", text(progress, "table"),
                                      count(progress, "number"), count(progress, "of"),
                                      text(progress, "side"), shown, human_count(rows)),
                          error_.width() - 1));
  }

  void show_table(Json table) {
    error_.clear_drawn();
    const std::string name = text(table, "table");
    const std::string result = text(table, "result");
    if (result == "equal")
      return out_.line(fmt::format("{} {}: equal, {} rows at {}{}", out_.paint(Colour::green, "✓"),
                                   name, human_count(count(table, "source_rows")),
                                   text(table, "position"), left_out_text(table)));
    if (result == "not compared")
      return out_.line(fmt::format("{} {}: not compared: {}", out_.paint(Colour::yellow, "!"), name,
                                   text(table, "problem")));
    out_.line(
        fmt::format(
            "{} {}: different at {}: {} rows in the source, {} in the lake; {} missing in the "
            "lake, {} "
            "extra in the lake, {} changed{}",
            out_.paint(Colour::red, "✗"), name, text(table, "position"),
            human_count(count(table, "source_rows")), human_count(count(table, "lake_rows")),
            human_count(count(table, "missing")), human_count(count(table, "extra")),
            human_count(count(table, "changed")),
            bool(table["complete"]) ? "" : "; more ranges of keys differ than were looked into") +
        left_out_text(table));
    for (const Json difference : table["differences"].get_array())
      out_.line("    " + difference_text(difference));
  }

  static std::string left_out_text(Json table) {
    std::string columns;
    for (const std::string_view column : table["columns_left_out"].get_array())
      columns += (columns.empty() ? "" : ", ") + std::string(column);
    return columns.empty() ? "" : "; not compared, masked as a whole since some row: " + columns;
  }

  static std::string difference_text(Json difference) {
    const std::string kind = text(difference, "kind");
    const std::string row = text(difference, "row");
    std::string words = row.empty() ? simdjson::minify(Json(difference["key"])) : "row " + row;
    if (const std::uint64_t times = count(difference, "times"); times > 1)
      words += fmt::format(", {} times", times);
    if (kind == "missing") return words + ": missing in the lake";
    if (kind == "extra") return words + ": extra in the lake";
    std::string columns;
    for (const std::string_view column : difference["columns"].get_array())
      columns += (columns.empty() ? "" : ", ") + std::string(column);
    return words + ": differs in " + columns;
  }

  bool json_;
  Console out_{stdout};
  Console error_{stderr};
  std::string pending_;
  std::string tables_;
  std::optional<bool> equal_;
};

int verify(const CommandLine& line, std::vector<std::string> tables, bool json) {
  Config config = line.load();
  VerifyDisplay display(json);
  if (auto running = ControlClient::connect(control_socket(config.state_directory()))) {
    const ControlRequest request{.command = "verify", .sql = {}, .tables = std::move(tables)};
    std::move(*running).call(to_json(request),
                             [&](std::string_view bytes) { display.take(bytes); });
    return display.finish();
  }
  load_mask_keys(config);
  const StopOnSignal signals;
  StoredMeetingPlace place(config);
  verify_tables({.tables = std::move(tables),
                 .mapping = config.source.mapping,
                 .sink = sink_options(config),
                 .stop = signals.token()},
                place, [&](std::string_view told) { display.take(std::string(told) + "\n"); });
  return display.finish();
}

}  // namespace

void add_verify(CommandWords& app, CommandLine& line) {
  CommandWords command = app.command("verify", "Compare source and lake row by row, as masked");
  const auto tables = std::make_shared<std::vector<std::string>>();
  const auto json = std::make_shared<bool>(false);
  command.option("table", tables.get(), "Tables as schema.table, * for any characters; none = all",
                 {.value = "TABLE"});
  command.flag("--json", *json, "Print JSON");
  command.footer(kExamples);
  command.on_choice([&line, tables, json] {
    line.action = [&line, tables, json] { return verify(line, *tables, *json); };
  });
}

}  // namespace freshet
