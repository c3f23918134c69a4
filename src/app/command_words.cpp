#include "app/command_words.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace freshet {

CommandWords CommandWords::command(const std::string& name, const std::string& about) {
  CLI::App* command = app_->add_subcommand(name, about);
  command->fallthrough();
  return CommandWords(*command);
}

void CommandWords::flag(const std::string& names, bool& target, const std::string& about) {
  app_->add_flag(names, target, about);
}

void CommandWords::option(const std::string& names, const WordTarget& target,
                          const std::string& about, const WordForm& form) {
  CLI::Option* option =
      std::visit([&](auto* value) { return app_->add_option(names, *value, about); }, target);
  option->type_name(form.value)->required(form.required);
  if (form.repeats) option->allow_extra_args(false);
  if (form.shows_default) option->capture_default_str();
  if (form.separator != 0) option->delimiter(form.separator);
  if (form.positive) option->check(CLI::PositiveNumber);
  if (form.between) option->check(CLI::Range(form.between->first, form.between->second));
}

void CommandWords::footer(std::string_view text) { app_->footer(std::string(text)); }

void CommandWords::demand_command() { app_->require_subcommand(1); }

void CommandWords::on_choice(const std::function<void()>& choice) {
  app_->callback([app = app_, choice] {
    if (app->get_subcommands().empty()) choice();
  });
}

void refuse_words(const std::string& problem) {
  throw CLI::ValidationError(problem, CLI::ExitCodes::ValidationError);
}

}  // namespace freshet
