#include "transform/email_detector.h"

#include <algorithm>
#include <array>

namespace freshet {
namespace {

constexpr std::string_view kAtomMarks = "!#$%&'*+-/=?^_`{|}~.";  // RFC 5322 atext, and the dot

constexpr auto kAtom = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 128; ++c) table[c] = is_alnum(static_cast<char>(c));
  for (const char c : kAtomMarks) table[static_cast<unsigned char>(c)] = true;
  table[static_cast<unsigned char>(kFiller)] = true;
  return table;
}();

template <std::size_t N>
constexpr std::array<bool, 256> table_of(const char (&characters)[N]) {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i + 1 < N; ++i) table[static_cast<unsigned char>(characters[i])] = true;
  return table;
}
constexpr auto kLabel = [] {  // what a label of a domain consists of, as far as it is ASCII
  std::array<bool, 256> table{};
  for (int c = 0; c < 128; ++c) table[c] = is_alnum(static_cast<char>(c));
  table['-'] = table['_'] = table[static_cast<unsigned char>(kFiller)] = true;
  return table;
}();
constexpr auto kCuts = table_of("/?|{}`");        // a local part begins behind them
constexpr auto kLoose = table_of("'*.^!#$%&=~");  // and with none of these

bool is_cut(char c) noexcept { return kCuts[static_cast<unsigned char>(c)]; }
bool is_loose(char c) noexcept { return kLoose[static_cast<unsigned char>(c)]; }
bool is_atom(char c) noexcept { return kAtom[static_cast<unsigned char>(c)]; }
bool is_of_label(char c) noexcept { return kLabel[static_cast<unsigned char>(c)]; }

enum class Script { letters, ideographs, marks };

// What a UTF-8 lead byte begins. Ideographs run on without spaces, so that an address may stand
// right beside them; letters belong to the address that they touch.
Script script_of(unsigned char lead) noexcept {
  if (lead == 0xc2 || lead == 0xe2) return Script::marks;
  if ((lead >= 0xe3 && lead <= 0xed) || lead == 0xef) return Script::ideographs;
  return Script::letters;
}

bool is_continuation(char c) noexcept { return (c & 0xc0) == 0x80; }

class AddressScan {
 public:
  explicit AddressScan(std::string_view text) : text_(text) {}

  // The address around the '@' at `at`, none of it before `floor`. Empty if there is none.
  Hit around(std::size_t at, std::size_t floor) {
    const std::size_t end = domain_end(at + 1);
    if (end == 0) return {};
    const std::size_t begin = local_begin(at, floor);
    return begin == at || is_repository(begin, at, end) ? Hit{} : Hit{begin, end, 0};
  }

 private:
  // "git@example.com:path" and "ssh://git@example.com/path" name no person.
  bool is_repository(std::size_t begin, std::size_t at, std::size_t end) const {
    if (text_.substr(begin, at - begin) != "git" || end + 1 >= text_.size()) return false;
    return (text_[end] == ':' || text_[end] == '/') && text_[end + 1] > ' ';
  }

  std::size_t local_begin(std::size_t at, std::size_t floor) const {
    if (at > floor && text_[at - 1] == '"') return quoted_begin(at, floor);
    std::size_t begin = at;
    while (begin > floor) {
      while (begin > floor && is_atom(text_[begin - 1])) --begin;
      if (begin == floor) break;
      const std::size_t previous = step_back(begin, at, floor);
      if (previous == begin) break;
      begin = previous;
    }
    return trim_local(begin, at);
  }

  // RFC 5321 allows 64 octets; twice that bounds the search.
  std::size_t quoted_begin(std::size_t at, std::size_t floor) const {
    const std::size_t limit = std::max(floor, at > 130 ? at - 130 : 0);
    for (std::size_t i = at - 1; i-- > limit;)
      if (text_[i] == '"' && (i == 0 || text_[i - 1] != '\\')) return i;
    return at;
  }

  // One character back if it can belong to a local part that ends at `at`, else `from` itself.
  std::size_t step_back(std::size_t from, std::size_t at, std::size_t floor) const {
    std::size_t i = from - 1;
    if (!is_wide(text_[i])) return is_atom(text_[i]) ? i : from;
    while (i > floor && is_continuation(text_[i])) --i;
    const Script script = script_of(static_cast<unsigned char>(text_[i]));
    if (script == Script::marks) return from;
    if (script == Script::ideographs && from != at && !is_wide(text_[at - 1])) return from;
    return i;
  }

  // Cuts what belongs to the text around: quotes, URL paths and parameters, "key=".
  std::size_t trim_local(std::size_t begin, std::size_t at) const {
    std::string_view local = text_.substr(begin, at - begin);
    const auto last = std::find_if(local.rbegin(), local.rend(), is_cut);
    local.remove_prefix(static_cast<std::size_t>(local.rend() - last));
    if (const auto cut = local.rfind('&'); cut != local.npos && local.find('=', cut) != local.npos)
      local.remove_prefix(cut + 1);
    if (const auto cut = local.find('='); cut != local.npos && is_key(local.substr(0, cut)))
      local.remove_prefix(cut + 1);
    while (!local.empty() && is_loose(local.front())) local.remove_prefix(1);
    const bool named = std::any_of(local.begin(), local.end(),
                                   [](char c) { return is_alnum(c) || is_wide(c) || c == '_'; });
    return named ? at - local.size() : at;
  }

  static bool is_key(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '_'; });
  }

  // End of the domain that begins at `from`, 0 if there is none.
  std::size_t domain_end(std::size_t from) const {
    while (from < text_.size() && text_[from] == kFiller) ++from;
    if (from < text_.size() && text_[from] == '[') return literal_end(from);
    std::size_t end = 0;
    std::size_t labels = 0;
    bool numeric = true;  // all labels so far
    std::string_view previous;
    for (std::size_t at = from; at < text_.size();) {
      const std::size_t stop = label_end(at);
      if (stop == at) break;
      const std::string_view label = text_.substr(at, stop - at);
      ++labels;
      if (const std::size_t top = top_level_size(label);
          top > 0 && labels > 1 && !(numeric && labels > 2) && !is_scale_factor(previous))
        end = at + top;
      numeric = numeric && std::all_of(label.begin(), label.end(), is_digit);
      if (numeric && labels == 4) end = stop;  // user@192.0.2.1
      previous = label;
      if (stop >= text_.size() || text_[stop] != '.') break;
      at = stop + 1;
      while (at < text_.size() && text_[at] == kFiller) ++at;
    }
    return end;
  }

  // user@[192.0.2.1], user@[IPv6:2001:db8::1]
  std::size_t literal_end(std::size_t from) const {
    const std::size_t close = text_.substr(0, std::min(text_.size(), from + 64)).find(']', from);
    if (close == text_.npos || close < from + 4) return 0;
    const std::string_view inner = text_.substr(from + 1, close - from - 1);
    const bool fits = std::all_of(inner.begin(), inner.end(),
                                  [](char c) { return is_alnum(c) || c == '.' || c == ':'; });
    return fits ? close + 1 : 0;
  }

  std::size_t label_end(std::size_t at) const {
    const std::size_t start = at;
    for (;;) {
      while (at < text_.size() && is_of_label(text_[at])) ++at;
      if (at == text_.size() || !is_wide(text_[at])) return at;
      const Script script = script_of(static_cast<unsigned char>(text_[at]));
      if (script == Script::marks) return at;
      if (script == Script::ideographs && at > start && !is_wide(text_[at - 1])) return at;
      while (++at < text_.size() && is_continuation(text_[at])) {
      }
    }
  }

  // How much of a label can be a top-level domain: two letters or more, then perhaps digits; what
  // follows a hyphen is text ("ann@example.com-old"), except in xn-- names.
  static std::size_t top_level_size(std::string_view label) noexcept {
    if (label.starts_with("xn--") || label.starts_with("XN--")) return label.size();
    const auto end = std::ranges::find_if(label, [](char c) { return c == '-' || c == '_'; });
    const std::string_view top(label.begin(), end);
    const std::size_t size = top.size();
    const auto is_some = [](char c) { return is_letter(c) || c == kFiller; };
    const bool letters = size >= 2 && is_some(top[0]) && is_some(top[1]);
    return letters || std::ranges::any_of(top, is_wide) ? size : 0;
  }

  // "icon@2x.png": a picture for dense screens.
  static bool is_scale_factor(std::string_view label) noexcept {
    return label.size() >= 2 && label.back() == 'x' &&
           std::all_of(label.begin(), label.end() - 1, is_digit);
  }

  std::string_view text_;
};

}  // namespace

void EmailDetector::find(const DetectorText& text, std::size_t index, Hits& hits) const {
  const std::string_view folded = text.folded;
  AddressScan scan(folded);
  std::size_t floor = 0;  // no part of an address twice: the work stays linear
  for (const std::size_t at : text.marks.at_signs) {
    if (at < floor) continue;
    Hit hit = scan.around(at, floor);
    floor = at + 1;
    if (hit.end == 0) continue;
    hit.detector = index;
    hit.confidence = 95;
    while (hit.end < folded.size() && folded[hit.end] == kFiller) ++hit.end;
    hits.push_back(hit);
    floor = hit.end;
  }
}

}  // namespace freshet
