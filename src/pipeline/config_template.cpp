#include <algorithm>

#include "pipeline/config.h"
#include "pipeline/settings.h"

namespace freshet {
namespace {

constexpr std::string_view kHead =
    "# Freshet: what to follow, what to mask, where the lake stands.\n"
    "# All settings are here; those behind a # show their default. Variables of the environment "
    "may\n"
    "# stand in any value: ${NAME} or ${NAME:-default}. `freshet check` tries the whole of it.\n";

// A YAML text in quotes.
std::string yaml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

std::string list_of(std::span<const std::string> items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + yaml_text(item);
  return "[" + out + "]";
}

// The URL with its password replaced by a variable: a template is a file that gets copied around.
// A URL without a password gets the variable too, which then need not be set.
std::string with_password_variable(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  const std::size_t at = url.substr(0, url.find_first_of("/?", begin)).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const std::size_t colon = url.find(':', begin);
  if (colon >= at)
    return fmt::format("{}:${{FRESHET_PASSWORD:-}}{}", url.substr(0, at), url.substr(at));
  if (url.substr(colon + 1).starts_with("${")) return std::string(url);
  return fmt::format("{}:${{FRESHET_PASSWORD}}{}", url.substr(0, colon), url.substr(at));
}

class Template {
 public:
  Template(std::string_view url, std::span<const std::string> tables)
      : url_(yaml_text(with_password_variable(url))), tables_(list_of(tables)), text_(kHead) {}

  std::string render() && {
    for (const Setting& setting : settings()) add(setting);
    return std::move(text_);
  }

 private:
  void add(const Setting& setting) {
    const std::size_t dot = setting.path.rfind('.');
    open_section(dot == std::string_view::npos ? "" : setting.path.substr(0, dot));
    add_help(setting.help);
    const std::string_view name = setting.path.substr(dot + 1);
    const std::string_view given = value_of(setting.path);
    const std::string_view value = given.empty() ? setting.fallback : given;
    text_ += fmt::format("{}{}{}:{}{}\n", indent_, given.empty() ? "#" : "", name,
                         value.empty() ? "" : " ", value);
  }

  // Writes the headings that the section before does not share.
  void open_section(std::string_view section) {
    if (section == section_) return;
    indent_.clear();
    for (std::size_t end = 0; end < section.size();) {
      const std::size_t begin = end == 0 ? 0 : end + 1;
      end = std::min(section.find('.', begin), section.size());
      const std::string_view path = section.substr(0, end);
      const bool shared = section_ == path || section_.starts_with(std::string(path) + ".");
      if (!shared) text_ += fmt::format("\n{}{}:\n", indent_, section.substr(begin, end - begin));
      indent_ += "  ";
    }
    section_ = section;
  }

  void add_help(std::string_view help) {
    if (section_.empty()) text_ += '\n';
    while (!help.empty()) {
      const std::size_t end = help.find('\n');
      text_ += fmt::format("{}# {}\n", indent_, help.substr(0, end));
      help = end == std::string_view::npos ? "" : help.substr(end + 1);
    }
  }

  [[nodiscard]] std::string_view value_of(std::string_view path) const noexcept {
    if (path == "source.url") return url_;
    if (path == "source.tables") return tables_;
    return {};
  }

  std::string url_;
  std::string tables_;
  std::string text_;
  std::string section_;
  std::string indent_;
};

}  // namespace

std::string render_config_template(std::string_view url, std::span<const std::string> tables) {
  // Refuses what cannot work; variables need not be set yet.
  if (!url.contains("${")) (void)parse_source_url(url);
  return Template(url, tables).render();
}

}  // namespace freshet
