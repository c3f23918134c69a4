#include <cstdio>
#include <memory>

#include "app/console.h"
#include "app/pii.h"
#include "app/pii_report_html.h"
#include "base/error.h"
#include "base/file.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"
#include "pipeline/stores.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet pii report                       columns with personal data, and what becomes of it
  freshet pii report --all                 the clean columns too
  freshet pii report --html report.html    a page for auditors
  freshet pii report --json                for scripts

Asks the running pipeline; where none runs, what the last one left in the state directory. Counts are
of all runs. Values are never shown.)";

struct ReportArguments {
  std::filesystem::path html;
  bool json = false;
  bool all = false;
};

std::string fetch(const Config& config) {
  if (auto running = ControlClient::connect(control_socket(config.state_directory())))
    return std::move(*running).call(to_json(ControlRequest{.command = "pii"}));
  if (auto stored = read_file_if_present(pii_report_file(config))) return *stored;
  fail(ErrorKind::failed, "nothing was looked at yet; `freshet run` does");
}

std::string types_of(const PiiColumn& column) {
  std::string types = column.found.contains(column.known_as) ? "" : column.known_as;
  for (const auto& [type, cells] : column.found)
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", type, human_count(cells));
  return types;
}

std::string render(const PiiReport& report, bool all) {
  using Align = TextTable::Align;
  TextTable rows({{"table"},
                  {"column"},
                  {"holds (cells)"},
                  {"action"},
                  {"why"},
                  {"looked at", Align::right},
                  {"masked", Align::right}});
  for (const PiiTable& table : report.tables)
    for (const PiiColumn& column : table.columns)
      if (all || column.personal())
        rows.add({table.table, column.column, types_of(column), column.action, reason_text(column),
                  human_count(column.cells), human_count(column.masked)});
  return rows.empty() ? "Nothing personal was found.\n" : rows.render();
}

int report(const CommandLine& line, const ReportArguments& arguments) {
  const Config config = line.load(ConfigScope::without_source);
  const std::string json = fetch(config);
  const PiiReport report = PiiReport::from_json(json);
  const Console console(stdout);
  if (!arguments.html.empty()) replace_file(arguments.html, render_html(report));
  if (arguments.json)
    console.line(json);
  else if (arguments.html.empty())
    console.write(render(report, arguments.all));
  return 0;
}

}  // namespace

void add_pii_report(CommandWords& pii, CommandLine& line) {
  CommandWords command =
      pii.command("report", "Which columns hold personal data, and what becomes of it");
  const auto arguments = std::make_shared<ReportArguments>();
  command.flag("--json", arguments->json, "Print JSON");
  command.option("--html", &arguments->html, "Write a page to this file", {.value = "FILE"});
  command.flag("--all", arguments->all, "Clean columns, too");
  command.footer(kExamples);
  command.on_choice([&line, arguments] {
    line.action = [&line, arguments] { return report(line, *arguments); };
  });
}

}  // namespace freshet
