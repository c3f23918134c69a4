#include "pipeline/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "pipeline/config_text.h"
#include "pipeline/settings.h"

namespace freshet {
namespace {

using Values = std::map<std::string_view, SettingValue>;  // by path, which the table owns

std::string joined(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

const Setting* find_setting(std::string_view path) noexcept {
  const auto found = std::ranges::find(settings(), path, &Setting::path);
  return found == settings().end() ? nullptr : &*found;
}

bool lies_in(std::string_view path, std::string_view section) noexcept {
  return section.empty() ||
         (path.size() > section.size() && path.starts_with(section) && path[section.size()] == '.');
}

bool is_section(std::string_view path) noexcept {
  return std::ranges::any_of(settings(), [&](const Setting& s) { return lies_in(s.path, path); });
}

// Names that may stand directly under a section.
std::set<std::string_view> names_in(std::string_view section) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings()) {
    if (!lies_in(setting.path, section)) continue;
    const std::string_view rest = setting.path.substr(section.empty() ? 0 : section.size() + 1);
    names.insert(rest.substr(0, rest.find('.')));
  }
  return names;
}

// A setting of this very name in another section, if there is just one.
std::optional<std::string_view> named_elsewhere(std::string_view key) {
  std::optional<std::string_view> found;
  for (const Setting& setting : settings()) {
    if (setting.path.substr(setting.path.rfind('.') + 1) != key) continue;
    if (found) return std::nullopt;
    found = setting.path;
  }
  return found;
}

std::string suggestion(std::string_view section, std::string_view key) {
  const std::set<std::string_view> known = names_in(section);
  const std::vector<std::string_view> names(known.begin(), known.end());
  if (const auto nearest = nearest_name(key, names))
    return fmt::format("did you mean {}?", joined(section, *nearest));
  if (const auto elsewhere = named_elsewhere(key))
    return fmt::format("did you mean {}?", *elsewhere);
  return fmt::format("known here are {}", fmt::join(names, ", "));
}

[[noreturn]] void refuse_unknown(const SettingOrigin& origin, std::string_view section,
                                 std::string_view key) {
  const std::string path = joined(section, key);
  for (const PlannedSetting& planned : planned_settings())
    if (planned.path == path)
      fail(ErrorKind::config, "{}: {}: {}", to_string(origin), path, planned.advice);
  fail(ErrorKind::config, "{}: unknown setting {}: {}", to_string(origin), path,
       suggestion(section, key));
}

// Gathers the values of a section and of those within it.
class Walk {
 public:
  Walk(std::string_view name, std::filesystem::path base, Values& values)
      : file_{std::string(name), 1}, base_(std::move(base)), values_(values) {}

  void section(std::string_view section, const YAML::Node& node) {
    std::set<std::string> seen;
    for (const auto& member : node) {
      const std::string key = member.first.IsScalar() ? member.first.Scalar() : "";
      const SettingOrigin origin = file_.at(member.first.Mark().line);
      if (!seen.insert(key).second)
        fail(ErrorKind::config, "{}: {} stands here a second time; remove one", to_string(origin),
             joined(section, key));
      take(origin, section, key, member.second);
    }
  }

 private:
  void take(const SettingOrigin& origin, std::string_view parent, const std::string& key,
            const YAML::Node& node) {
    const std::string path = joined(parent, key);
    if (const Setting* setting = find_setting(path)) {
      values_.insert_or_assign(setting->path, SettingValue(setting->path, origin, base_, node));
    } else if (!is_section(path)) {
      refuse_unknown(origin, parent, key);
    } else if (node.IsMap()) {
      section(path, node);
    } else if (!node.IsNull()) {  // all of a section may be commented out
      fail(ErrorKind::config, "{}: {} is a section; write its settings below it, indented",
           to_string(origin), path);
    }
  }

  SettingOrigin file_;
  std::filesystem::path base_;
  Values& values_;
};

YAML::Node parse_yaml(std::string_view yaml, std::string_view name) {
  try {
    return YAML::Load(std::string(yaml));
  } catch (const YAML::Exception& error) {
    fail(ErrorKind::config, "{}:{}: this is not YAML: {}", name, error.mark.line + 1, error.msg);
  }
}

void read_document(std::string_view yaml, std::string_view name,
                   const std::filesystem::path& base_directory, Values& values) {
  const YAML::Node root = parse_yaml(yaml, name);
  if (root.IsNull()) return;
  if (!root.IsMap())
    fail(ErrorKind::config, "{}:1: a configuration is a map of settings, such as `source:`", name);
  Walk(name, base_directory, values).section("", root);
}

// Lists and maps are YAML; any other value is taken as it stands, so that shells need no quotes.
YAML::Node parse_override(const std::string& path, const std::string& text) {
  if (!text.starts_with('[') && !text.starts_with('{') && text != "null") return YAML::Node(text);
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    fail(ErrorKind::config, "--set: {}: this is not YAML: {}", path, error.msg);
  }
}

void read_override(const std::string& override, Values& values) {
  const std::size_t equals = override.find('=');
  if (equals == std::string::npos)
    fail(ErrorKind::config, "--set: \"{}\" is not setting=value, such as lake.flush_interval=1s",
         override);
  const std::string path = override.substr(0, equals);
  const Setting* setting = find_setting(path);
  if (setting == nullptr) {
    const std::size_t dot = path.rfind('.');
    const std::string section = dot == std::string::npos ? "" : path.substr(0, dot);
    const bool known = section.empty() || is_section(section);
    refuse_unknown({"--set"}, known ? section : "", known ? path.substr(dot + 1) : path);
  }
  values.insert_or_assign(setting->path,
                          SettingValue(setting->path, {"--set"}, std::filesystem::current_path(),
                                       parse_override(path, override.substr(equals + 1))));
}

void require_source(const Config& config, const Values& values, std::string_view name) {
  if (values.contains("source.password") && values.contains("source.password_file"))
    fail(ErrorKind::config, "{}: source.password and source.password_file exclude each other",
         name);
  if (config.source.connection.user.empty())
    fail(ErrorKind::config,
         "{}: source.url: no source server and user are given; write "
         "mysql://user:password@host:3306",
         name);
  if (config.source.mapping.selection.empty())
    fail(ErrorKind::config,
         "{}: source.tables: no table is given; write one, as in [\"shop.users\"]", name);
}

// source.tables and source.exclude as rules, beside those of a table mapping.
void add_selection(SourceConfig& source) {
  for (const std::string& table : source.tables)
    source.mapping.selection.push_back(
        {.origin = "source.tables", .tables = TablePattern::glob(table), .filter = {}});
  for (const std::string& table : source.exclude)
    source.mapping.selection.push_back({.origin = "source.exclude",
                                        .tables = TablePattern::glob(table),
                                        .include = false,
                                        .filter = {}});
}

// What depends on several settings.
void complete(Config& config, std::string_view name, const std::filesystem::path& base_directory) {
  if (config.directory.empty())
    config.directory = (base_directory / "freshet-data").lexically_normal();
  if (config.stream.path.empty()) config.stream.path = config.directory / "stream";
  if (config.lake.location.empty()) config.lake.location = config.directory / "lake";
  if (!config.lake.mirror && !config.lake.history)
    fail(ErrorKind::config,
         "{}: lake.mirror and lake.history are both off: nothing would be written", name);
}

}  // namespace

Config parse_config(std::string_view yaml, std::string_view name,
                    const std::filesystem::path& base_directory,
                    std::span<const std::string> overrides, ConfigScope scope) {
  Values values;
  read_document(yaml, name, base_directory, values);
  for (const std::string& override : overrides) read_override(override, values);

  Config config;
  const bool with_source = scope == ConfigScope::everything;
  for (const Setting& setting : settings()) {
    const auto value = values.find(setting.path);
    if (value == values.end() || (!with_source && lies_in(setting.path, "source"))) continue;
    setting.apply(config, value->second);
  }
  add_selection(config.source);
  if (with_source) require_source(config, values, name);
  complete(config, name, base_directory);
  return config;
}

Config load_config(const std::filesystem::path& file, std::span<const std::string> overrides,
                   ConfigScope scope) {
  const std::optional<Bytes> yaml = read_file_if_present(file);
  if (!yaml)
    fail(ErrorKind::config,
         "{} is not there; `freshet init mysql://user:password@host:3306` writes one, -c names "
         "another",
         file.native());
  return parse_config(*yaml, file.native(), std::filesystem::absolute(file).parent_path(),
                      overrides, scope);
}

bool matches_table(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last one met, and the text it has taken so far
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace freshet
