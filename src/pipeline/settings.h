#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pipeline/config.h"

namespace freshet {

// Where a value was written: a line of a file, or the command line, which has no lines.
struct SettingOrigin {
  std::string name;
  int line = 0;  // from 1; 0 = none

  // The same file at another mark of YAML, which counts from 0.
  [[nodiscard]] SettingOrigin at(int mark) const { return {name, line == 0 ? 0 : mark + 1}; }
};
[[nodiscard]] std::string to_string(const SettingOrigin& origin);

// A value as the user wrote it, and where. Conversions throw Error{config} that names the place,
// the setting, and what would be right.
class SettingValue {
 public:
  SettingValue(std::string_view path, SettingOrigin origin, std::filesystem::path base,
               const YAML::Node& node)
      : path_(path), origin_(std::move(origin)), base_(std::move(base)), node_(node) {}

  [[nodiscard]] std::string text() const;  // variables replaced; not empty
  [[nodiscard]] std::string url() const;   // variables of a URL stand for one part each
  [[nodiscard]] bool flag() const;
  [[nodiscard]] std::int64_t integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] std::chrono::milliseconds duration(std::chrono::milliseconds least,
                                                   std::chrono::milliseconds most) const;
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::filesystem::path file() const;     // absolute
  [[nodiscard]] std::vector<std::string> list() const;  // a single text is a list of one
  // The members of a map, in order.
  [[nodiscard]] std::vector<std::pair<std::string, SettingValue>> members() const;
  [[nodiscard]] bool is_map() const { return node_.IsMap(); }
  [[nodiscard]] bool is_null() const { return node_.IsNull(); }

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    refuse_text(fmt::format(format, std::forward<Args>(args)...));
  }
  // Runs a check that throws, and puts the place before its message.
  template <typename Check>
  auto guard(Check&& check) const {
    try {
      return check();
    } catch (const Error& error) {
      refuse_text(error.what());
    }
  }

 private:
  [[noreturn]] void refuse_text(const std::string& problem) const;
  [[nodiscard]] std::string scalar() const;

  std::string_view path_;
  SettingOrigin origin_;
  std::filesystem::path base_;
  YAML::Node node_;
};

// One setting: the parser, the messages and the template of `freshet init` all read this.
struct Setting {
  std::string_view path;      // "lake.flush_interval"
  std::string_view fallback;  // the default, as YAML; empty = none
  std::string_view help;      // one or more lines
  void (*apply)(Config& config, const SettingValue& value);
};

// All settings, in the order of the template, which is also the order in which they are applied.
[[nodiscard]] std::span<const Setting> settings() noexcept;

// Names that later versions will carry: refused with a line of their own.
struct PlannedSetting {
  std::string_view path;
  std::string_view advice;
};
[[nodiscard]] std::span<const PlannedSetting> planned_settings() noexcept;

}  // namespace freshet
