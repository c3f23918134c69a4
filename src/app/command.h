#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/command_words.h"
#include "base/log.h"
#include "pipeline/config.h"

namespace freshet {

// What all commands share: where the configuration comes from, and what the command line chose.
struct CommandLine {
  std::filesystem::path config_file = "freshet.yaml";
  std::vector<std::string> overrides;
  std::string log_level;  // as given; empty = the command's default
  LogLevel default_log_level = LogLevel::warn;
  std::function<int()> action;  // of the chosen command; gives the exit status

  [[nodiscard]] Config load(ConfigScope scope = ConfigScope::everything) const {
    return load_config(config_file, overrides, scope);
  }
};

// One per command: describes it to the parser and sets `line.action` when it is chosen.
void add_init(CommandWords& app, CommandLine& line);
void add_check(CommandWords& app, CommandLine& line);
void add_demo(CommandWords& app, CommandLine& line);
void add_run(CommandWords& app, CommandLine& line);
void add_status(CommandWords& app, CommandLine& line);
void add_snapshot(CommandWords& app, CommandLine& line);
void add_query(CommandWords& app, CommandLine& line);
void add_tail(CommandWords& app, CommandLine& line);
void add_pii(CommandWords& app, CommandLine& line);
void add_verify(CommandWords& app, CommandLine& line);

}  // namespace freshet
