#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"

namespace freshet {

// The subcommands of `freshet pii`, each in a file of its own: as add_...() of command.h.
void add_pii_remask(CommandWords& pii, CommandLine& line);
void add_pii_report(CommandWords& pii, CommandLine& line);
void add_pii_reveal(CommandWords& pii, CommandLine& line);
void add_pii_scan(CommandWords& pii, CommandLine& line);
void add_pii_test(CommandWords& pii, CommandLine& line);

// The configuration for commands that judge text. None is needed: where the file of the command
// line's default name is not there, every setting has its default. `detect` (empty = as
// configured) replaces transform.sensitive_data.detect.
[[nodiscard]] Config load_pii_config(const CommandLine& line,
                                     const std::vector<std::string>& detect, ConfigScope scope);

// The installation's secret, if there is one already; else zeros, for hashes that are only shown.
struct ShownKey {
  std::string key;  // 32 bytes
  bool of_installation = false;
};
[[nodiscard]] ShownKey read_key_for_showing(const Config& config);

// "redact", "partial, 4 right".
[[nodiscard]] std::string name_of(const ColumnRule& rule);

// Valid UTF-8 without control characters, as terminals and JSON want it: what is neither becomes
// U+FFFD.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace freshet
