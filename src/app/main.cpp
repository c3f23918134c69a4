#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "base/error.h"
#include "base/log.h"
#include "pipeline/config_text.h"

namespace freshet {
namespace {

constexpr std::string_view kAbout =
    "Freshet follows a MySQL or MariaDB server and keeps a masked Apache Iceberg lake of its "
    "tables,\n"
    "readable with SQL within moments of each commit.";

constexpr std::string_view kFooter = R"(A first run:
  freshet init 'mysql://cdc@db.example.com:3306/shop'   write freshet.yaml, commented
  freshet check                                         try server, stream and lake; says what to mend
  freshet run                                           load the tables, then follow; Ctrl-C ends cleanly
  freshet query 'SELECT * FROM "AwsDataCatalog"."default"."users" limit 10'

Exit status: 0 done; 1 the work failed or a check did; 2 bad usage or configuration; 3 the source
refuses (position lost, another server). Each failure is one line that says what to do.
`freshet COMMAND --help` tells more.)";

void add_common_options(CLI::App& app, CommandLine& line) {
  app.add_option("-c,--config", line.config_file, "Configuration file (./freshet.yaml)")
      ->type_name("FILE");
  app.add_option("--set", line.overrides, "Override one setting: --set lake.flush_interval=1s")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--log-level", line.log_level, "debug, info, warn, error or off")
      ->type_name("LEVEL");
}

void describe(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", std::string("freshet ") + FRESHET_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Subcommands", "Commands");
  app.footer(std::string(kFooter));
  add_common_options(app, line);
  CommandWords words(app);
  for (const auto add : {add_demo, add_init, add_check, add_run, add_status, add_snapshot,
                         add_query, add_tail, add_pii, add_verify})
    add(words, line);
}

std::vector<std::string_view> command_names(const CLI::App& app) {
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

// The commands that were chosen, outermost first: "pii", "scan".
std::vector<const CLI::App*> chosen_commands(const CLI::App& app) {
  std::vector<const CLI::App*> chosen;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();)
    chosen.push_back(at = at->get_subcommands().back());
  return chosen;
}

// The word that stands where a command should and is none, below `depth` commands.
std::optional<std::string_view> unknown_command(std::size_t depth, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "-c" || word == "--config" || word == "--set" || word == "--log-level")
      ++i;
    else if (!word.starts_with('-') && depth-- == 0)
      return word;
  }
  return std::nullopt;
}

int refuse_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::string problem = error.what();
  std::string words;
  const CLI::App* last = &app;
  const auto chosen = chosen_commands(app);
  for (const CLI::App* command : chosen) words += (last = command)->get_name() + " ";
  if (last->get_require_subcommand_min() > 0) {
    const std::vector<std::string_view> names = command_names(*last);
    const auto word = unknown_command(chosen.size(), argc, argv);
    const auto nearest = word ? nearest_name(*word, names) : std::nullopt;
    if (word)
      problem = fmt::format("there is no command {}{}{}", words, *word,
                            nearest ? fmt::format("; did you mean {}{}?", words, *nearest) : "");
    else if (argc <= static_cast<int>(chosen.size()) + 1)
      problem = "a command is missing";
  }
  std::ranges::replace(problem, '\n', ' ');
  problem[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(problem[0])));
  fmt::print(stderr, "freshet: usage: {}; see `freshet {}--help`\n", problem, words);
  return exit_code(ErrorKind::usage);
}

int run_action(const CommandLine& line) {
  // Commands that answer a question speak through their output; a service tells what it does.
  set_log_level(line.log_level.empty() ? line.default_log_level : log_level_from(line.log_level));
  return line.action();
}

int run(int argc, char** argv) {
  CLI::App app{std::string(kAbout), "freshet"};
  CommandLine line;
  describe(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answer) {  // --help, --version
    return app.exit(answer);
  } catch (const CLI::ParseError& error) {
    return refuse_usage(app, error, argc, argv);
  }
  try {
    return run_action(line);
  } catch (const Error& error) {
    fmt::print(stderr, "freshet: {}: {}\n", name_of(error.kind()), error.what());
    return exit_code(error.kind());
  }
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  try {
    return freshet::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "freshet: internal: {}\n", error.what());
    return 1;
  }
}
