#include <cstdio>

#include "app/command.h"
#include "app/console.h"
#include "base/error.h"
#include "base/file.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet init 'mysql://cdc@db.example.com:3306/shop'             all tables of the schema shop
  freshet init 'mysql://cdc@db.example.com' --table shop.users    one table; repeat for more
  freshet init 'mysql://cdc@localhost?socket=/run/mysqld.sock' --table 'shop.*' -c shop.yaml

A password in the URL is not written down: the file reads it from the variable FRESHET_PASSWORD.)";

struct InitArguments {
  std::string url;
  std::vector<std::string> tables;
  bool force = false;
};

std::vector<std::string> chosen_tables(const InitArguments& arguments) {
  if (!arguments.tables.empty()) return arguments.tables;
  std::vector<std::string> tables = parse_source_url(arguments.url).tables;
  if (tables.empty())
    fail(ErrorKind::usage,
         "which tables? End the URL with a schema (.../shop), or name them: --table shop.users");
  return tables;
}

int init(const CommandLine& line, const InitArguments& arguments) {
  const std::filesystem::path& file = line.config_file;
  const std::string yaml = render_config_template(arguments.url, chosen_tables(arguments));
  if (!arguments.force && std::filesystem::exists(file))
    fail(ErrorKind::usage, "{} exists already; --force overwrites it, -c names another file",
         file.native());
  replace_file(file, yaml);
  const Console console(stdout);
  console.line(fmt::format("{} is written.", file.native()));
  if (yaml.contains("${FRESHET_PASSWORD"))
    console.line("Next: export FRESHET_PASSWORD=..., then `freshet check`.");
  else
    console.line("Next: `freshet check`.");
  return 0;
}

}  // namespace

void add_init(CommandWords& app, CommandLine& line) {
  CommandWords command = app.command("init", "Write a commented freshet.yaml for a source server");
  const auto arguments = std::make_shared<InitArguments>();
  command.option("url", &arguments->url, "mysql://user:password@host:port/schema",
                 {.value = "URL", .required = true});
  command.option("--table", &arguments->tables, "A table to follow, schema.table; * is a wildcard",
                 {.value = "TABLE", .repeats = true});
  command.flag("--force", arguments->force, "Overwrite the file if it exists");
  command.footer(kExamples);
  command.on_choice(
      [&line, arguments] { line.action = [&line, arguments] { return init(line, *arguments); }; });
}

}  // namespace freshet
