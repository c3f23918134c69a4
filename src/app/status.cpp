#include <simdjson.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>

#include "app/command.h"
#include "app/console.h"
#include "app/signals.h"
#include "base/error.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"

namespace freshet {
namespace {

using Json = simdjson::dom::element;
using Align = TextTable::Align;

constexpr std::string_view kExamples = R"(Examples:
  freshet status                  of the pipeline that runs on ./freshet.yaml
  freshet status --watch          again every second, until Ctrl-C
  freshet status --json           one JSON object, for scripts; with --watch one a line

Exit status 1 where no pipeline runs.)";

constexpr auto kWatchEvery = std::chrono::seconds(1);
constexpr std::int64_t kMicrosPerMilli = 1'000;

std::string ask(const Config& config) {
  auto running = ControlClient::connect(control_socket(config.state_directory()));
  if (!running)
    fail(ErrorKind::failed, "no freshet runs on {}; `freshet run` starts one",
         config.directory.native());
  return std::move(*running).call(to_json(ControlRequest{.command = "status"}));
}

std::uint64_t count(Json object, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::int64_t(object[key])));
}

std::string text(Json object, std::string_view key) {
  return std::string(std::string_view(object[key]));
}

std::string source_line(const Console& console, Json root) {
  const Json source = root["source"];
  if (!bool(source["connected"]))
    return console.paint(Colour::red, "not connected") + ": " + text(source, "problem");
  return fmt::format("{} {}, log read to {}", console.paint(Colour::green, "connected to"),
                     text(source, "version"), text(source, "log_end"));
}

// How long the server keeps what is still to be read; nothing where it does not delete it.
std::string retention_line(const Console& console, Json root) {
  Json retention;
  Json left;
  if (root["source"]["retention"].get(retention) != simdjson::SUCCESS || retention.is_null() ||
      retention["seconds_left"].get(left) != simdjson::SUCCESS || left.is_null())
    return "";
  const std::uint64_t seconds = count(retention, "seconds_left");
  return fmt::format("log     {} still to be read, which the server may delete in {}\n",
                     human_bytes(count(retention, "bytes_ahead")),
                     console.paint(Colour::yellow, human_duration(std::chrono::seconds(seconds))));
}

// What holds the loading of tables back; nothing where nothing does.
std::string throttle_line(const Console& console, Json root) {
  const Json source = root["source"];
  if (source["throttled"].is_null()) return "";
  const bool by_log = text(source, "throttled") == "log_behind";
  return fmt::format(
      "loads   {}: {}\n", console.paint(Colour::yellow, "throttled"),
      by_log ? fmt::format("the log is {} behind and goes first (source.snapshot.pause_behind)",
                           human_duration(std::chrono::seconds(count(source, "behind_seconds"))))
             : "by source.snapshot.rows_per_second");
}

std::string stream_line(Json root) {
  const Json stream = root["stream"];
  return fmt::format("records {} to {}, {}", human_count(count(stream, "first")),
                     human_count(count(stream, "last")), human_bytes(count(stream, "bytes")));
}

std::string lake_line(const Console& console, Json root) {
  const Json lake = root["lake"];
  const std::uint64_t backlog = count(lake, "backlog");
  std::string state = console.paint(Colour::green, "up to date");
  if (backlog > 0) {
    const auto behind = static_cast<std::int64_t>(count(root, "now_micros")) -
                        static_cast<std::int64_t>(count(lake, "applied_micros"));
    state = console.paint(Colour::yellow, human_count(backlog) + " changes behind");
    if (count(lake, "applied_micros") > 0)
      state += ", " + human_duration(std::chrono::milliseconds(behind / kMicrosPerMilli));
  }
  return fmt::format("{}; readable to record {}, committed to {}", state,
                     human_count(count(lake, "applied")), human_count(count(lake, "committed")));
}

std::string ledger_line(const Console& console, Json root) {
  const Json ledger = root["ledger"];
  const bool balanced = bool(ledger["balanced"]);
  return fmt::format("{}: {} read = {} emitted + {} filtered + {} repeated; {} loaded",
                     balanced ? console.paint(Colour::green, "balanced")
                              : console.paint(Colour::red, "not balanced"),
                     human_count(count(ledger, "read")), human_count(count(ledger, "emitted")),
                     human_count(count(ledger, "filtered")), human_count(count(ledger, "repeated")),
                     human_count(count(ledger, "loaded")));
}

std::string load_state(Json row) {
  std::string state = text(row, "state");
  if (bool(row["chosen"])) state += " chosen rows";
  if (text(row, "phase") == "cancelled") state += ", incomplete";
  return state;
}

std::string source_tables(Json root) {
  TextTable table({{"source table"},
                   {"load"},
                   {"rows", Align::right},
                   {"estimate", Align::right},
                   {"rate", Align::right},
                   {"left", Align::right}});
  for (const Json row : simdjson::dom::array(root["source"]["tables"])) {
    const std::uint64_t rate = count(row, "rows_per_second");
    table.add({text(row, "table"), load_state(row), human_count(count(row, "loaded")),
               human_count(count(row, "estimate")),
               rate > 0 ? human_rate(static_cast<double>(rate)) : "",
               row["seconds_left"].is_null()
                   ? ""
                   : human_duration(std::chrono::seconds(count(row, "seconds_left")))});
  }
  return table.empty() ? "" : "\n" + table.render();
}

std::string lake_tables(Json root) {
  TextTable table({{"lake table"},
                   {"rows", Align::right},
                   {"changes", Align::right},
                   {"not committed", Align::right}});
  for (const Json row : simdjson::dom::array(root["lake"]["tables"]))
    table.add({text(row, "table"), human_count(count(row, "rows")),
               human_count(count(row, "changes")), human_count(count(row, "pending"))});
  return table.empty() ? "" : "\n" + table.render();
}

std::string render(const Console& console, const std::string& json) {
  simdjson::dom::parser parser;
  try {
    const Json root = parser.parse(json);
    const auto up =
        static_cast<std::int64_t>(count(root, "now_micros") - count(root, "started_micros"));
    return fmt::format("up      {}\nsource  {}\n{}{}stream  {}\nlake    {}\nledger  {}\n{}{}",
                       human_duration(std::chrono::milliseconds(up / kMicrosPerMilli)),
                       source_line(console, root), retention_line(console, root),
                       throttle_line(console, root), stream_line(root), lake_line(console, root),
                       ledger_line(console, root), source_tables(root), lake_tables(root));
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::corrupt,
         "the running freshet, maybe of another version, gave a status without sense: {}",
         error.what());
  }
}

void show(const Console& console, const std::string& status, bool json, bool again) {
  if (json) return console.line(status);
  if (again && console.interactive()) console.write("\033[H\033[2J");
  console.write(render(console, status));
}

// Until `length` has passed or a stop is requested.
void sleep(std::chrono::milliseconds length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, length, [] { return false; });
}

int status(const CommandLine& line, bool json, bool watch) {
  const Config config = line.load(ConfigScope::without_source);
  const Console console(stdout);
  show(console, ask(config), json, watch);
  if (!watch) return 0;
  const StopOnSignal signals;
  while (true) {
    sleep(kWatchEvery, signals.token());
    if (signals.token().stop_requested()) return 0;
    show(console, ask(config), json, true);
  }
}

}  // namespace

void add_status(CommandWords& app, CommandLine& line) {
  CommandWords command =
      app.command("status", "Show what a running pipeline has done and how far behind it is");
  const auto json = std::make_shared<bool>(false);
  const auto watch = std::make_shared<bool>(false);
  command.flag("--json", *json, "Print JSON");
  command.flag("--watch", *watch, "Again every second");
  command.footer(kExamples);
  command.on_choice([&line, json, watch] {
    line.action = [&line, json, watch] { return status(line, *json, *watch); };
  });
}

}  // namespace freshet
