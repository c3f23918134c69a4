#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>

#include "app/command.h"
#include "app/console.h"
#include "base/error.h"
#include "base/json_text.h"
#include "lake/lake.h"
#include "pipeline/control.h"
#include "pipeline/stores.h"
#include "source/schema_reader.h"
#include "source/server_check.h"
#include "stream/embedded_stream.h"

namespace freshet {
namespace {

using Outcome = CheckResult::Outcome;
using Checks = std::vector<CheckResult>;

constexpr std::string_view kExamples = R"(Examples:
  freshet check                 a table: ✓ passed, ! warning, ✗ failed, each with its remedy
  freshet check --json          the same for scripts

Nothing is changed on the server, in the stream or in the lake. Exit status 1 if a check failed.)";

constexpr std::uint64_t kLeastSpace = 256ULL << 20;
constexpr std::uint64_t kGoodSpace = 2ULL << 30;

// The tables that are selected. A rule that selects none is a failed check.
std::vector<TableName> find_tables(const SourceConfig& source, Checks& checks) {
  Connection connection = Connection::open(source.connection);
  std::vector<TableName> existing = list_tables(connection);
  std::ranges::copy(list_versioned_tables(connection), std::back_inserter(existing));
  std::vector<TableName> chosen;
  for (const SelectionRule& rule : source.mapping.selection) {
    if (!rule.include) continue;
    const std::string pattern = rule.tables.schema.text() + "." + rule.tables.table.text();
    if (rule.tables.is_literal()) {
      chosen.push_back({rule.tables.schema.text(), rule.tables.table.text()});
      continue;
    }
    const std::size_t before = chosen.size();
    std::ranges::copy_if(existing, std::back_inserter(chosen),
                         [&](const TableName& table) { return rule.tables.matches(table); });
    if (chosen.size() == before)
      checks.push_back({"tables " + pattern, Outcome::failed, "no table of the server fits",
                        fmt::format("Mend {}, or grant SELECT on these tables.", rule.origin)});
  }
  std::ranges::sort(chosen);
  const auto repeated = std::ranges::unique(chosen);
  chosen.erase(repeated.begin(), repeated.end());
  std::erase_if(chosen, [&](const TableName& table) { return !source.mapping.selects(table); });
  return chosen;
}

Checks check_server(const SourceConfig& source) {
  Checks unmatched;
  std::vector<TableName> tables;
  try {
    tables = find_tables(source, unmatched);
  } catch (const Error&) {  // check_source() tells why the server cannot be read
  }
  Checks checks = check_source(source.connection, tables,
                               {.lock_non_transactional = source.snapshot.lock_non_transactional});
  checks.insert(checks.end(), unmatched.begin(), unmatched.end());
  return checks;
}

// The folder itself, or the nearest one above it that exists.
std::filesystem::path existing_part(std::filesystem::path path) {
  std::error_code ignored;
  while (!std::filesystem::exists(path, ignored) && path.has_relative_path())
    path = path.parent_path();
  return path;
}

CheckResult check_directory(const std::string& name, const std::filesystem::path& path) {
  const std::filesystem::path there = existing_part(path);
  if (!std::filesystem::is_directory(there))
    return {name, Outcome::failed, there.native() + " is not a directory",
            "Move it away, or choose another place in the configuration."};
  if (::access(there.c_str(), W_OK | X_OK) != 0)
    return {name, Outcome::failed, there.native() + " cannot be written by this user",
            "Give this user the right to write there, or choose another place."};
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(there, error);
  const std::string free = error ? "free space unknown" : human_bytes(space.available) + " free";
  const std::string detail = fmt::format("{}, {}", path.native(), free);
  if (error || space.available >= kGoodSpace) return {name, Outcome::passed, detail, {}};
  return {name, space.available < kLeastSpace ? Outcome::failed : Outcome::warning, detail,
          "Make room on this disk, or choose another place."};
}

// Opens what a run before has left, for reading only.
template <typename Open>
CheckResult check_store(const std::string& name, Open open) {
  try {
    return {name, Outcome::passed, open(), {}};
  } catch (const Error& error) {
    return {name, Outcome::failed, error.what(),
            "Restore it from a copy, or move it away: it is then made anew from the source."};
  }
}

std::string look_at_stream(const Config& config) {
  const auto stream = EmbeddedStream::open_reader(config.stream.path);
  const StreamOffset first = stream->first_offset();
  return fmt::format("{} records kept", human_count(stream->last_offset() + 1 - first));
}

std::string look_at_lake(const Config& config) {
  return fmt::format("{} tables", Lake::open_read_only(lake_options(config))->tables().size());
}

bool holds_files(const std::filesystem::path& directory) {
  std::error_code error;
  return std::filesystem::is_directory(directory, error) &&
         !std::filesystem::is_empty(directory, error);
}

Checks check_stores(const Config& config) {
  Checks checks{check_directory("state directory", config.state_directory()),
                check_directory("stream directory", config.stream.path),
                check_directory("lake directory", config.lake.location)};
  if (holds_files(config.stream.path))
    checks.push_back(check_store("stream", [&] { return look_at_stream(config); }));
  if (holds_files(config.lake.location))
    checks.push_back(check_store("lake", [&] { return look_at_lake(config); }));
  if (ControlClient::connect(control_socket(config.state_directory())))
    checks.push_back({"running", Outcome::warning, "a freshet runs on this configuration already",
                      "Only one can; stop it before you start another."});
  return checks;
}

std::string json_of(const Checks& checks, bool passed) {
  std::string out = fmt::format("{{\"passed\":{},\"checks\":[", passed);
  for (const CheckResult& check : checks) {
    if (&check != checks.data()) out += ',';
    out += fmt::format("\n{{\"name\":{},\"outcome\":{},\"detail\":{},\"remedy\":{}}}",
                       json_quote(check.name), json_quote(name_of(check.outcome)),
                       json_quote(check.detail), json_quote(check.remedy));
  }
  return out + "]}";
}

std::string sign_of(const Console& console, Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return console.paint(Colour::green, "✓");
    case Outcome::warning: return console.paint(Colour::yellow, "!");
    case Outcome::failed: break;
  }
  return console.paint(Colour::red, "✗");
}

void print(const Console& console, const Checks& checks) {
  std::size_t width = 0;
  for (const CheckResult& check : checks) width = std::max(width, painted_width(check.name));
  for (const CheckResult& check : checks) {
    const std::string space(width - painted_width(check.name), ' ');
    console.line(fmt::format("{} {}{}  {}", sign_of(console, check.outcome), check.name, space,
                             check.detail));
    if (!check.remedy.empty())
      console.line(fmt::format("  {}  → {}", std::string(width, ' '), check.remedy));
  }
}

std::string summary_of(const Checks& checks) {
  const auto count = [&](Outcome outcome) {
    return std::ranges::count(checks, outcome, &CheckResult::outcome);
  };
  const auto warnings = count(Outcome::warning);
  return fmt::format("{} passed, {} {}, {} failed", count(Outcome::passed), warnings,
                     warnings == 1 ? "warning" : "warnings", count(Outcome::failed));
}

int check(const CommandLine& line, bool json) {
  const Config config = line.load();
  Checks checks = check_server(config.source);
  const Checks local = check_stores(config);
  checks.insert(checks.end(), local.begin(), local.end());

  const bool passed = std::ranges::none_of(
      checks, [](Outcome outcome) { return outcome == Outcome::failed; }, &CheckResult::outcome);
  const Console console(stdout);
  if (json) {
    console.line(json_of(checks, passed));
  } else {
    print(console, checks);
    console.line(
        fmt::format("\n{}: {}", describe_source(config.source.connection), summary_of(checks)));
  }
  return passed ? 0 : 1;
}

}  // namespace

void add_check(CommandWords& app, CommandLine& line) {
  CommandWords command =
      app.command("check", "Try source, stream and lake before a run; says what to mend");
  const auto json = std::make_shared<bool>(false);
  command.flag("--json", *json, "Print JSON");
  command.footer(kExamples);
  command.on_choice([&line, json] { line.action = [&line, json] { return check(line, *json); }; });
}

}  // namespace freshet
