// Addresses of machines: IPv4, IPv6 (RFC 4291 text forms), MAC (EUI-48, EUI-64); and credentials in
// URLs (RFC 3986 user information).

#include <algorithm>
#include <iterator>

#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

// "Chrome/120.0.0.0": the version of a program, whose name begins with a capital.
bool is_product(std::string_view before) noexcept {
  if (before.empty() || before.back() != '/') return false;
  std::size_t at = before.size() - 1;
  while (at > 0 && is_letter(before[at - 1])) --at;
  return before[at] >= 'A' && before[at] <= 'Z';
}

bool is_version(std::string_view before) noexcept {
  constexpr std::string_view kWords[] = {"version", "ver", "release", "build", "firmware", "v"};
  while (!before.empty() && (before.back() == ' ' || before.back() == ':' || before.back() == '='))
    before.remove_suffix(1);
  return std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view word) {
    if (before.size() < word.size()) return false;
    const std::string_view tail = before.substr(before.size() - word.size());
    return std::equal(tail.begin(), tail.end(), word.begin(),
                      [](char a, char b) { return lower(a) == b; }) &&
           (before.size() == word.size() || !is_letter(before[before.size() - word.size() - 1]));
  });
}

bool ipv4(const ShapeMatch& match) {
  int value = 0;
  for (const char c : match.text) {
    if (is_digit(c)) value = value * 10 + (c - '0');
    if (c == '.') value = 0;
    if (value > 255) return false;
  }
  return !is_product(match.before) && !is_version(match.before);
}

// One kind of separator, and not part of a longer chain.
bool mac(const ShapeMatch& match) {
  const std::string_view before = match.before;
  if (before.size() > 1 && before.back() == ':' && is_hex(before[before.size() - 2])) return false;
  return !all_same(match.id);
}

bool bare_mac(std::string_view id) noexcept {
  return std::any_of(id.begin(), id.end(), is_digit) &&
         std::any_of(id.begin(), id.end(), is_letter);
}

// Reads IPv6 addresses around colons.
class Ipv6Detector final : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kColons; }

  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    std::size_t floor = 0;
    for (const std::size_t colon : text.marks.colons) {
      if (colon < floor) continue;
      std::size_t begin = colon;
      std::size_t end = colon;
      while (begin > floor && is_part(text.folded[begin - 1])) --begin;
      while (end < text.folded.size() && is_part(text.folded[end])) ++end;
      floor = end;
      if (!may_be_address(text.folded.substr(begin, end - begin))) continue;
      const bool glued =
          (begin > 0 && is_word(text.folded[begin - 1])) ||
          (end < text.folded.size() && is_word(text.folded[end]) && text.folded[end] != '%');
      if (end - begin > kLongest) continue;
      const std::string_view whole = text.folded.substr(begin, end - begin);
      const std::string_view found = address_in(whole, glued);
      if (found.empty()) continue;
      const auto at = static_cast<std::size_t>(found.data() - text.folded.data());
      hits.push_back({at, at + found.size(), index, 90});
    }
  }

 private:
  static constexpr std::size_t kLongest = 96;  // 45, fillers, and a name before

  static bool is_part(char c) noexcept { return is_hex(c) || c == ':' || c == '.' || c == kFiller; }
  static bool is_word(char c) noexcept { return is_alnum(c) || c == '_'; }

  // Two colons side by side, or colons enough.
  static bool may_be_address(std::string_view run) noexcept {
    std::size_t colons = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (run[i] == kFiller || (run[i] == ':' && i > 0 && run[i - 1] == ':')) return true;
      colons += run[i] == ':';
    }
    return colons >= TextMarks::kColonsOfAddress;
  }

  // The address in a run of its characters. What is glued on the left must end with a colon:
  // "addr:fe80::1".
  static std::string_view address_in(std::string_view run, bool glued) {
    while (!run.empty() && (run.back() == '.' || run.back() == kFiller)) run.remove_suffix(1);
    if (run.size() > 1 && run.back() == ':' && run[run.size() - 2] != ':') run.remove_suffix(1);
    const bool single = run.starts_with(':') && !run.starts_with("::");
    if (glued && !single) return {};
    if (single) run.remove_prefix(1);
    if (is_address(run)) return run;
    const std::size_t first = run.find(':');  // "dead:2001:db8:0:0:0:0:0:1"
    if (first == run.npos || first + 1 >= run.size() || run[first + 1] == ':') return {};
    run.remove_prefix(first + 1);
    return is_address(run) ? run : std::string_view{};
  }

  static bool is_address(std::string_view run) {
    std::string without_fillers;
    if (run.contains(kFiller)) {
      std::ranges::copy_if(run, std::back_inserter(without_fillers),
                           [](char c) { return c != kFiller; });
      run = without_fillers;
    }
    const std::string_view plain = run;
    int groups = 0;
    bool gap = false;
    bool digit = false;
    std::size_t at = 0;
    if (plain.starts_with("::")) {
      gap = true;
      at = 2;
    }
    while (at < plain.size()) {
      const std::size_t end = std::min(plain.find(':', at), plain.size());
      const std::string_view group = plain.substr(at, end - at);
      digit = digit || std::any_of(group.begin(), group.end(), is_digit);
      if (group.contains('.')) {
        if (end != plain.size() || !is_dotted(group)) return false;
        groups += 2;
        break;
      }
      if (group.empty() || group.size() > 4) return false;
      ++groups;
      at = end + 1;
      if (end + 1 == plain.size()) return false;
      if (end < plain.size() && plain[end + 1] == ':') {
        if (gap) return false;
        gap = true;
        at = end + 2;
      }
    }
    if (groups == 0 || (!digit && groups < 4)) return false;
    return gap ? groups < 8 : groups == 8;
  }

  static bool is_dotted(std::string_view text) noexcept {
    int parts = 1;
    int value = 0;
    for (const char c : text) {
      if (c == '.') {
        ++parts;
        value = 0;
      } else {
        value = value * 10 + (c - '0');
        if (!is_digit(c) || value > 255) return false;
      }
    }
    return parts == 4 && is_digit(text.back()) && is_digit(text.front());
  }
};

// The user information of a URL where it holds a password: "://user:password@".
class CredentialsDetector final : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kAtSigns; }

  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    if (!text.folded.contains(':')) return;
    for (const std::size_t at : text.marks.at_signs) {
      const std::size_t limit = at > kLongest ? at - kLongest : 0;
      std::size_t begin = at;
      bool password = false;
      while (begin > limit && is_user_character(text.folded[begin - 1])) {
        --begin;
        password |= text.folded[begin] == ':' && begin + 1 < at;
      }
      if (password && begin < at && text.folded.substr(0, begin).ends_with("://"))
        hits.push_back({begin, at, index, 99});
    }
  }

 private:
  static constexpr std::size_t kLongest = 256;

  static bool is_user_character(char c) noexcept {
    return (c > ' ' || c == kFiller) && c != '/' && c != '"' && c != '\'' && c != '<' && c != '>' &&
           c != '\\';
  }
};

const DetectorType kTypes[] = {
    {.name = "IP_ADDRESS",
     .aliases = "IP IPV4 IPV6 IP_V4 IP_V6",
     .validator = "four numbers up to 255 that are no version; IPv6 by RFC 4291",
     .context = "ip ipv host address server client remote",
     .shapes = "#{1,3}.#{1,3}.#{1,3}.#{1,3}=85",
     .valid = ipv4,
     .confidence = 90,
     .make = [](const SensitiveDataOptions&) -> std::unique_ptr<Detector> {
       return std::make_unique<Ipv6Detector>();
     },
     .example = "203.0.113.7"},
    {.name = "MAC_ADDRESS",
     .aliases = "MAC",
     .validator = "six or eight pairs of hexadecimal digits",
     .context = "mac ethernet wifi bssid hwaddr",
     .shapes = "%%:%%:%%:%%:%%:%%=90|%%-%%-%%-%%-%%-%%=90|%%%%.%%%%.%%%%=85|"
               "%%:%%:%%:%%:%%:%%:%%:%%=90|%%-%%-%%-%%-%%-%%-%%-%%=90|%{12}=15",
     .valid =
         [](const ShapeMatch& match) {
           return mac(match) && (match.text.size() > 12 || bare_mac(match.id));
         },
     .example = "00:1a:2b:3c:4d:5e"},
    {.name = "URL_CREDENTIALS",
     .aliases = "URL_WITH_CREDENTIALS CONNECTION_STRING",
     .validator = "user and password before the host",
     .context = "",
     .confidence = 99,
     .make = [](const SensitiveDataOptions&) -> std::unique_ptr<Detector> {
       return std::make_unique<CredentialsDetector>();
     },
     .example = "https://ann:secret@example.com/"},
};

}  // namespace

std::span<const DetectorType> network_types() { return kTypes; }

}  // namespace freshet
