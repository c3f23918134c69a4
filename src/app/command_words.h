#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace CLI {
class App;
}

namespace freshet {

// Where the words of an option, or of an operand, go. A vector takes several.
using WordTarget = std::variant<std::string*, std::filesystem::path*, std::vector<std::string>*,
                                std::uint32_t*, std::optional<std::uint64_t>*>;

struct WordForm {
  const char* value;      // as help names it: "FILE"
  bool required = false;  // without it the command line is refused
  bool repeats = false;   // the option is given once for each word: --table a --table b
  bool shows_default = false;
  char separator = 0;     // between several in one word: "a,b"
  bool positive = false;  // a number from 1 on
  std::optional<std::pair<std::int64_t, std::int64_t>> between;  // of a number, both included
};

// What one command understands. A handle on CLI11, which only its own source file and main.cpp
// include, since it takes seconds to compile. Targets outlive the parser.
class CommandWords {
 public:
  explicit CommandWords(CLI::App& app) noexcept : app_(&app) {}

  // A command below this one, which takes the options of those above it, too.
  CommandWords command(const std::string& name, const std::string& about);
  void flag(const std::string& names, bool& target, const std::string& about);
  // Names that begin with a dash make an option, others an operand.
  void option(const std::string& names, const WordTarget& target, const std::string& about,
              const WordForm& form);
  // Behind the options in --help.
  void footer(std::string_view text);
  void demand_command();
  // Called when the command was chosen, with all targets filled in, and not one below it.
  void on_choice(const std::function<void()>& choice);

 private:
  CLI::App* app_;
};

// Ends parsing: the words make no sense together. `problem` reads on behind "usage: ".
[[noreturn]] void refuse_words(const std::string& problem);

}  // namespace freshet
