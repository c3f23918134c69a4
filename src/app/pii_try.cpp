#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "app/console.h"
#include "app/pii.h"
#include "app/standard_input.h"
#include "base/error.h"
#include "base/json_text.h"
#include "transform/cell_masker.h"
#include "transform/column_policy.h"
#include "transform/detector.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet pii test "call 030 901820 or mail ann@example.org"
  freshet pii test --column mobile 0170123456
  freshet pii test --detect all --json - < letter.txt

Shows what is found in the text and why, and what would be written for it by each action. Positions
are bytes of the text, from 0; the end is the first byte behind. Works without a configuration file;
with one, its detectors and rules are used. Nothing is stored.)";

constexpr std::size_t kShownColumns = 60;

struct TestArguments {
  std::string text;
  std::string column;
  std::vector<std::string> detect;
  bool json = false;
};

std::string read_text(const TestArguments& arguments) {
  if (!arguments.text.empty() && arguments.text != "-") return arguments.text;
  if (arguments.text.empty() && ::isatty(STDIN_FILENO) == 1)
    fail(ErrorKind::usage, "a text is missing, such as freshet pii test \"call 030 901820\"");
  std::string text = read_standard_input("`freshet pii scan` takes it line by line");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

// What stands in the lake for the text; nothing for null.
struct Written {
  std::string action;  // "redact", "partial, 4 right"
  std::optional<std::string> text;
};

struct Found {
  Hit hit;
  HitReason reason;
};

struct Answer {
  std::vector<Found> found;
  std::string known_as;    // what the column's name or rule says; empty if nothing
  std::string configured;  // the action in force
  std::vector<Written> written;
  bool own_key = false;
};

ColumnPolicy policy_of(const CellMasker& masker, const SensitiveDataOptions& options,
                       const std::string& column) {
  if (column.empty()) return {.rule = options.action};
  return masker.policy(ColumnRules(options, TableName()), column, column, {}, false);
}

// The actions that a cell can meet, the configured one first.
std::vector<ColumnRule> actions_from(const ColumnRule& configured) {
  std::vector<ColumnRule> actions{configured};
  for (const ColumnRule& rule :
       {ColumnRule{MaskAction::redact}, ColumnRule{MaskAction::partial, 0, 4},
        ColumnRule{MaskAction::hash}, ColumnRule{MaskAction::tokenise},
        ColumnRule{MaskAction::null}, ColumnRule{MaskAction::keep}})
    if (rule.action != configured.action) actions.push_back(rule);
  return actions;
}

// The options with one action for everything.
SensitiveDataOptions with_action(SensitiveDataOptions options, const ColumnRule& rule) {
  options.action = rule;
  options.actions.clear();
  options.columns.clear();
  return options;
}

Written write_with(const ColumnRule& rule, const SensitiveDataOptions& options, bool whole,
                   const TestArguments& arguments, std::string_view text, const std::string& key) {
  if (rule.action == MaskAction::drop) return {name_of(rule), std::nullopt};
  CellMasker masker(options, key);
  ColumnPolicy policy = policy_of(masker, options, arguments.column);
  if (whole && rule.action != MaskAction::keep) policy.mode = ColumnPolicy::Mode::whole;
  ColumnCounts counts = masker.no_counts();
  Arena arena;
  const Value value = masker.mask_text(text, policy, counts, arena);
  return {name_of(rule), value.is_null() ? std::nullopt : std::optional<std::string>(value.text)};
}

Answer answer_of(const Config& config, const TestArguments& arguments, std::string_view text) {
  const SensitiveDataOptions& options = config.transform.sensitive_data;
  const auto [key, own_key] = read_key_for_showing(config);
  CellMasker masker(options, key);
  Answer answer{.own_key = own_key};
  const ColumnPolicy policy = policy_of(masker, options, arguments.column);
  for (const Hit& hit : Hits(masker.look(text, policy.context)))
    answer.found.push_back({hit, masker.detectors().reason(text, hit, policy.context)});
  answer.known_as = policy.by_rule ? "rule" : std::string(policy.prior.type);
  answer.configured = name_of(policy.rule);
  for (const ColumnRule& rule : actions_from(policy.rule))
    answer.written.push_back(
        write_with(rule, answer.written.empty() ? options : with_action(options, rule),
                   policy.by_rule, arguments, text, key));
  return answer;
}

std::string words_of(const HitReason& reason) {
  std::string words(reason.validator.empty() ? "an expression of the configuration"
                                             : reason.validator);
  if (reason.by_name) words += "; the column's name";
  if (!reason.word.empty()) words += fmt::format("; \"{}\" beside it", reason.word);
  return words;
}

std::string json_of(const Answer& answer, const DetectorSet& detectors) {
  std::string out = "{\"found\":[";
  for (const Found& found : answer.found) {
    const auto& [hit, reason] = found;
    if (&found != answer.found.data()) out += ',';
    out += fmt::format(
        R"({{"type":{},"begin":{},"end":{},"confidence":{},"validator":{},"context_word":{},"by_name":{}}})",
        json_quote(detectors.type(hit.detector)), hit.begin, hit.end, hit.confidence,
        reason.validator.empty() ? "null" : json_quote(reason.validator),
        reason.word.empty() ? "null" : json_quote(reason.word), reason.by_name);
  }
  out += fmt::format(R"(],"column_known_as":{},"configured":{},"written":[)",
                     answer.known_as.empty() ? "null" : json_quote(answer.known_as),
                     json_quote(answer.configured));
  for (const Written& written : answer.written) {
    if (&written != answer.written.data()) out += ',';
    out += fmt::format(R"({{"action":{},"text":{}}})", json_quote(written.action),
                       written.text ? json_quote(printable(*written.text)) : "null");
  }
  return out + "]}";
}

void print(const Console& console, const Answer& answer, const DetectorSet& detectors,
           std::string_view text) {
  TextTable found({{"found"}, {"bytes"}, {"text"}, {"sure", TextTable::Align::right}, {"why"}});
  for (const auto& [hit, reason] : answer.found)
    found.add({console.paint(Colour::bold, detectors.type(hit.detector)),
               fmt::format("{}-{}", hit.begin, hit.end),
               shorten(printable(text.substr(hit.begin, hit.end - hit.begin)), kShownColumns),
               fmt::format("{} %", hit.confidence), words_of(reason)});
  console.write(found.empty() ? "Nothing is found in the text.\n" : found.render());
  if (answer.known_as == "rule")
    console.line("The column has a rule in the configuration: all of its cells are masked by it.");
  else if (!answer.known_as.empty())
    console.line(fmt::format("The name of the column tells {}: all of its cells are masked.",
                             answer.known_as));

  TextTable written({{"\naction"}, {"written"}});
  for (const Written& row : answer.written) {
    const bool first = &row == answer.written.data();
    written.add({first ? console.paint(Colour::green, row.action + " (configured)") : row.action,
                 row.text ? shorten(printable(*row.text), console.width() - 24) : "NULL"});
  }
  console.write(written.render());
  if (!answer.own_key)
    console.line("There is no installation's key yet: hashes will be others once there is.");
}

int test(const CommandLine& line, const TestArguments& arguments) {
  const Config config = load_pii_config(line, arguments.detect, ConfigScope::without_source);
  const std::string text = read_text(arguments);
  const DetectorSet detectors(config.transform.sensitive_data);
  const Answer answer = answer_of(config, arguments, text);
  const Console console(stdout);
  if (arguments.json)
    console.line(json_of(answer, detectors));
  else
    print(console, answer, detectors, text);
  return 0;
}

}  // namespace

void add_pii_test(CommandWords& pii, CommandLine& line) {
  CommandWords command =
      pii.command("test", "Try one text: what is found, and what would be written");
  const auto arguments = std::make_shared<TestArguments>();
  command.option("text", &arguments->text, "The text; - or nothing reads standard input",
                 {.value = "TEXT"});
  command.option("--column", &arguments->column, "Judge it as a cell of a column of this name",
                 {.value = "NAME"});
  command.option("--detect", &arguments->detect,
                 "Kinds to look for instead of the configured ones: EMAIL,PHONE_NUMBER or all",
                 {.value = "TYPES", .repeats = true, .separator = ','});
  command.flag("--json", arguments->json, "Print JSON");
  command.footer(kExamples);
  command.on_choice(
      [&line, arguments] { line.action = [&line, arguments] { return test(line, *arguments); }; });
}

}  // namespace freshet
