#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "app/console.h"
#include "app/pii.h"
#include "base/error.h"
#include "pipeline/mask_key_source.h"
#include "pipeline/remask.h"
#include "pipeline/stores.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet pii remask shop.users        after rules or kinds of data were added to the configuration

Masks the rows that the lake has of a table, the present ones and the history, as the configuration
now has new rows masked, and removes the files that had them clear, with all earlier snapshots of
the table. What was masked before stays masked; nothing becomes clear. The pipeline must not run. The
stream is left alone: it keeps rows as they entered it until its retention has passed.)";

TableName table_of(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
    fail(ErrorKind::usage, "\"{}\" is no table; write schema.table", text);
  return {text.substr(0, dot), text.substr(dot + 1)};
}

int remask_table(const CommandLine& line, const std::string& text) {
  const TableName table = table_of(text);
  Config config = line.load(ConfigScope::without_source);
  load_mask_keys(config);
  const SinkOptions sink = sink_options(config);
  const std::string name = lake_table_of(sink, table);
  const std::unique_ptr<Lake> lake = Lake::open(lake_options(config));
  const std::vector<std::string> tables = lake->tables();
  if (std::ranges::find(tables, name) == tables.end())
    fail(ErrorKind::usage, "the lake has no table {}; it has {}", name, fmt::join(tables, ", "));
  finish_remask(*lake, name);
  const std::vector<std::string> columns =
      remask(*lake, name, table, sink.transform, sink.key, committed_verdicts(*lake, name),
             RemaskScope::all, {});
  const Console console(stdout);
  if (columns.empty())
    console.line(fmt::format("Nothing of {} is masked by the configuration.", table.qualified()));
  else
    console.line(fmt::format("{} is written anew; masked or looked through: {}.", table.qualified(),
                             fmt::join(columns, ", ")));
  return 0;
}

}  // namespace

void add_pii_remask(CommandWords& pii, CommandLine& line) {
  CommandWords command =
      pii.command("remask", "Mask the rows that the lake has already by today's configuration");
  const auto table = std::make_shared<std::string>();
  command.option("table", table.get(), "schema.table of the source",
                 {.value = "TABLE", .required = true});
  command.footer(kExamples);
  command.on_choice(
      [&line, table] { line.action = [&line, table] { return remask_table(line, *table); }; });
}

}  // namespace freshet
