#include <cstdio>
#include <memory>
#include <utility>

#include "app/command.h"
#include "app/console.h"
#include "base/error.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet snapshot shop.users                          load all rows again, beside the stream
  freshet snapshot shop.users --where "city = 'Bonn'"  only the rows that fit; the others stay
  freshet snapshot pause shop.users                    and resume, cancel
  freshet status                                       shows rows, rate and time left

A `freshet run` must be running on the same configuration. The request survives its restarts.
A table named pause, resume or cancel is written with its schema. docs/snapshots.md tells more.)";

int ask(const CommandLine& line, const SnapshotRequest& request) {
  const Config config = line.load(ConfigScope::without_source);
  auto running = ControlClient::connect(control_socket(config.state_directory()));
  if (!running)
    fail(ErrorKind::usage,
         "no freshet runs on {}: tables are loaded by a running `freshet run`, start one first",
         config.directory.native());
  const std::string said =
      std::move(*running).call(to_json(ControlRequest{.command = "snapshot", .snapshot = request}));
  Console(stdout).write(said);
  return 0;
}

void add_tables(CommandWords& command, SnapshotRequest& request) {
  command.option("table", &request.tables, "As schema.table, or table alone where that is clear",
                 {.value = "TABLE"});
}

void demand_tables(const SnapshotRequest& request) {
  if (request.tables.empty()) refuse_words("a table is missing: freshet snapshot shop.users");
}

void add_action(CommandWords& parent, CommandLine& line, SnapshotRequest::Action action,
                const char* about) {
  CommandWords command = parent.command(std::string(name_of(action)), about);
  const auto request = std::make_shared<SnapshotRequest>();
  request->action = action;
  add_tables(command, *request);
  command.on_choice([&line, request] {
    demand_tables(*request);
    line.action = [&line, request] { return ask(line, *request); };
  });
}

}  // namespace

void add_snapshot(CommandWords& app, CommandLine& line) {
  CommandWords command =
      app.command("snapshot", "Load tables again while the pipeline runs; pause or cancel");
  const auto request = std::make_shared<SnapshotRequest>();
  add_tables(command, *request);
  command.option("--where", &request->where,
                 "An SQL condition: only rows that fit take the place of those in the lake",
                 {.value = "SQL"});
  command.flag("--empty-first", request->empty_first,
               "Empty the mirror first: rows that only the lake has go, too");
  add_action(command, line, SnapshotRequest::Action::pause, "Read nothing more until resume");
  add_action(command, line, SnapshotRequest::Action::resume, "Go on where pause found it");
  add_action(command, line, SnapshotRequest::Action::cancel, "End the load");
  command.footer(kExamples);
  command.on_choice([&line, request] {
    demand_tables(*request);
    if (request->empty_first && !request->where.empty())
      refuse_words("--where and --empty-first exclude each other");
    line.action = [&line, request] { return ask(line, *request); };
  });
}

}  // namespace freshet
