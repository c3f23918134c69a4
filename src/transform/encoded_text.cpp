#include "transform/encoded_text.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr int kMostPasses = 3;
constexpr std::size_t kShortestBase64 = 16;
constexpr std::size_t kLongestReference = 10;

std::optional<unsigned> hex_digit(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char l = lower(c);
  if (l >= 'a' && l <= 'f') return static_cast<unsigned>(l - 'a' + 10);
  return std::nullopt;
}

// The number that `digits` hex digits at the front are.
std::optional<unsigned> hex_number(std::string_view text, std::size_t digits) noexcept {
  if (text.size() < digits) return std::nullopt;
  unsigned number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const auto digit = hex_digit(text[i]);
    if (!digit) return std::nullopt;
    number = number << 4 | *digit;
  }
  return number;
}

// Nothing for what is no character.
std::string utf8_of(unsigned code) {
  std::string out;
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return out;
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else {
    if (code < 0x10000) {
      out.push_back(static_cast<char>(0xe0 | code >> 12));
    } else {
      out.push_back(static_cast<char>(0xf0 | code >> 18));
      out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3f)));
    }
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  }
  return out;
}

// What an escape at the front of the text is made of, and stands for.
struct Escape {
  std::size_t length = 0;  // 0 = there is none
  std::string text;
};

// HTML Living Standard, section "Named character references": those that stand in addresses and
// numbers.
struct Reference {
  std::string_view name;
  char character;
};
constexpr Reference kReferences[] = {
    {"amp", '&'},    {"lt", '<'},     {"gt", '>'},     {"quot", '"'},   {"apos", '\''},
    {"nbsp", ' '},   {"commat", '@'}, {"period", '.'}, {"comma", ','},  {"plus", '+'},
    {"hyphen", '-'}, {"dash", '-'},   {"lpar", '('},   {"rpar", ')'},   {"sol", '/'},
    {"lowbar", '_'}, {"colon", ':'},  {"num", '#'},    {"percnt", '%'}, {"equals", '='},
};

Escape html_escape(std::string_view text) {
  const std::size_t end = text.substr(0, kLongestReference).find(';');
  if (end == text.npos || end < 2) return {};
  const std::string_view name = text.substr(1, end - 1);
  if (name[0] != '#') {
    const auto* const found = std::ranges::find(kReferences, name, &Reference::name);
    if (found == std::end(kReferences)) return {};
    return {end + 1, std::string(1, found->character)};
  }
  unsigned code = 0;
  if (name.size() > 2 && lower(name[1]) == 'x') {
    code = hex_number(name.substr(2), name.size() - 2).value_or(0);
  } else {
    for (const char c : name.substr(1)) {
      if (!is_digit(c)) return {};
      code = code * 10 + static_cast<unsigned>(c - '0');
    }
  }
  std::string character = utf8_of(code);
  return character.empty() ? Escape{} : Escape{end + 1, std::move(character)};
}

// A run of %XX, as far as it is UTF-8.
Escape percent_escape(std::string_view text) {
  Escape run;
  while (run.length + 2 < text.size() && text[run.length] == '%') {
    const auto byte = hex_number(text.substr(run.length + 1), 2);
    if (!byte || *byte == 0) break;
    run.text.push_back(static_cast<char>(*byte));
    run.length += 3;
  }
  return simdjson::validate_utf8(run.text.data(), run.text.size()) ? run : Escape{};
}

// \u0040, and the single letters: "\t5551234567" begins with a tab, not with a t.
Escape json_escape(std::string_view text) {
  constexpr std::string_view kLetters = "nrtbf\"/\\";
  constexpr std::string_view kCharacters = "\n\r\t\b\f\"/\\";
  if (text.size() < 2) return {};
  if (const std::size_t at = kLetters.find(text[1]); at != kLetters.npos)
    return {2, std::string(1, kCharacters[at])};
  if (text.size() < 6 || text[1] != 'u') return {};
  std::string character = utf8_of(hex_number(text.substr(2), 4).value_or(0));
  return character.empty() ? Escape{} : Escape{6, std::move(character)};
}

bool may_hold_escapes(std::string_view text, const LookInto& kinds) noexcept {
  return (kinds.url && text.find('%') != text.npos) ||
         (kinds.html && text.find('&') != text.npos) ||
         (kinds.json && text.find('\\') != text.npos);
}

Escape escape_at(std::string_view text, const LookInto& kinds) {
  switch (text[0]) {
    case '%': return kinds.url ? percent_escape(text) : Escape{};
    case '&': return kinds.html ? html_escape(text) : Escape{};
    case '\\': return kinds.json ? json_escape(text) : Escape{};
    default: return {};
  }
}

// One pass over `text`, whose bytes come from `origins`; a hit within an escape is all of it.
bool decode_once(std::string_view text, const std::vector<std::size_t>& origins,
                 const LookInto& kinds, DecodedText& out) {
  out.text.clear();
  out.origins.clear();
  bool any = false;
  for (std::size_t at = 0; at < text.size();) {
    const Escape escape = escape_at(text.substr(at), kinds);
    if (escape.length == 0) {
      out.origins.push_back(origins[at]);
      out.text.push_back(text[at++]);
      continue;
    }
    any = true;
    const bool run = escape.length == 3 * escape.text.size();  // %XX: one for each byte
    for (std::size_t i = 0; i < escape.text.size(); ++i)
      out.origins.push_back(origins[run ? at + 3 * i : at]);
    out.text += escape.text;
    at += escape.length;
  }
  out.origins.push_back(origins[text.size()]);
  return any;
}

bool is_base64(char c) noexcept {
  return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

unsigned base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a' + 26);
  if (is_digit(c)) return static_cast<unsigned>(c - '0' + 52);
  return c == '+' || c == '-' ? 62 : 63;
}

void decode_base64(std::string_view run, std::string& out) {
  out.clear();
  unsigned bits = 0;
  int held = 0;
  for (const char c : run) {
    bits = bits << 6 | base64_digit(c);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>(bits >> held & 255));
  }
}

bool is_plain_text(std::string_view text) noexcept {
  const auto odd = [](char c) {
    return static_cast<unsigned char>(c) < ' ' && (c < '\t' || c > '\r');
  };
  return std::ranges::none_of(text, odd) && simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace

bool decode_text(std::string_view text, const LookInto& kinds, DecodedText& out) {
  if (!may_hold_escapes(text, kinds)) return false;
  std::vector<std::size_t> origins(text.size() + 1);
  for (std::size_t i = 0; i < origins.size(); ++i) origins[i] = i;
  if (!decode_once(text, origins, kinds, out)) return false;
  for (int pass = 1; pass < kMostPasses && may_hold_escapes(out.text, kinds); ++pass) {
    const DecodedText before = std::move(out);
    if (!decode_once(before.text, before.origins, kinds, out)) break;
  }
  return true;
}

std::string_view find_base64(std::string_view text, std::size_t from, std::string& decoded) {
  while (from < text.size()) {
    if (!is_base64(text[from])) {
      ++from;
      continue;
    }
    std::size_t end = from;
    while (end < text.size() && is_base64(text[end])) ++end;
    const std::string_view run = text.substr(from, end - from);
    if (run.size() >= kShortestBase64) {
      decode_base64(run, decoded);
      if (is_plain_text(decoded)) return run;
    }
    from = end;
  }
  return {};
}

}  // namespace freshet
