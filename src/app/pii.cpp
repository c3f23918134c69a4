#include "app/pii.h"

#include <fmt/ranges.h>
#include <simdjson.h>

#include "base/error.h"
#include "base/file.h"
#include "pipeline/mask_key_source.h"

namespace freshet {

Config load_pii_config(const CommandLine& line, const std::vector<std::string>& detect,
                       ConfigScope scope) {
  std::vector<std::string> overrides = line.overrides;
  if (!detect.empty())
    overrides.push_back(
        fmt::format("transform.sensitive_data.detect=[{}]", fmt::join(detect, ", ")));
  const bool by_default = line.config_file == CommandLine().config_file;
  if (by_default && scope == ConfigScope::without_source &&
      !std::filesystem::exists(line.config_file))
    return parse_config("", line.config_file.native(), std::filesystem::current_path(), overrides,
                        scope);
  Config config = load_config(line.config_file, overrides, scope);
  load_mask_keys(config);
  return config;
}

ShownKey read_key_for_showing(const Config& config) {
  if (auto key = read_file_if_present(config.state_directory() / "key"))
    return {.key = std::move(*key), .of_installation = true};
  return {.key = std::string(32, '\0')};
}

std::string name_of(const ColumnRule& rule) {
  switch (rule.action) {
    case MaskAction::redact: return "redact";
    case MaskAction::partial: {
      std::string name = "partial";
      if (rule.keep_left > 0) name += fmt::format(", {} left", rule.keep_left);
      if (rule.keep_right > 0) name += fmt::format(", {} right", rule.keep_right);
      return name;
    }
    case MaskAction::hash: return rule.domain.empty() ? "hash" : "hash, " + rule.domain;
    case MaskAction::tokenise: return rule.domain.empty() ? "tokenise" : "tokenise, " + rule.domain;
    case MaskAction::null: return "null";
    case MaskAction::drop: return "drop";
    case MaskAction::keep: break;
  }
  return "keep";
}

std::string printable(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  const bool utf8 = simdjson::validate_utf8(text.data(), text.size());
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (!utf8 && byte >= 0x80))
      out += kReplacement;
    else
      out += c;
  }
  return out;
}

void add_pii(CommandWords& app, CommandLine& line) {
  CommandWords command = app.command("pii", "Personal data: find it, and see why it was found");
  command.demand_command();
  command.footer("`freshet pii COMMAND --help` tells more.");
  for (const auto add :
       {add_pii_scan, add_pii_test, add_pii_report, add_pii_remask, add_pii_reveal})
    add(command, line);
}

}  // namespace freshet
