#include "model/gtid_set.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/ascii.h"

namespace freshet {

namespace {

constexpr std::uint64_t kTaggedFormat = 1;
constexpr std::uint64_t kMaxNumber = INT64_MAX;  // the servers' own limit
constexpr std::size_t kMaxTag = 32;

template <typename T = std::uint64_t>
T parse_number(std::string_view text, std::string_view all) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    fail(ErrorKind::corrupt, "\"{}\" in the GTIDs \"{}\" is not a number that stands there", text,
         all);
  return number;
}

// Cuts the part before the separator off the front.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return part;
}

std::string without_blanks(std::string_view text) {
  std::string dense;
  std::ranges::copy_if(text, std::back_inserter(dense),
                       [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
  return dense;
}

bool is_tag(std::string_view part) {
  return !part.empty() && (part[0] == '_' || (part[0] >= 'a' && part[0] <= 'z') ||
                           (part[0] >= 'A' && part[0] <= 'Z'));
}

// [a-z_][a-z0-9_]{0,31}, or nothing.
void check_tag(std::string_view tag) {
  const auto allowed = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  const bool begins = tag.empty() || tag[0] < '0' || tag[0] > '9';
  if (tag.size() > kMaxTag || !begins || !std::ranges::all_of(tag, allowed))
    fail(ErrorKind::corrupt, "a GTID has a tag that no server allows");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string format_uuid(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

Bytes parse_uuid(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = hex_digit(c);
    if (digit < 0) fail(ErrorKind::corrupt, "\"{}\" is not a UUID", text);
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  if (bytes.size() != 16 || high >= 0) fail(ErrorKind::corrupt, "\"{}\" is not a UUID", text);
  return bytes;
}

GtidSet GtidSet::parse(std::string_view text) {
  GtidSet set;
  const std::string dense = without_blanks(text);
  std::string_view rest = dense;
  while (!rest.empty()) {
    std::string_view group = cut(rest, ',');
    if (group.empty()) continue;
    Source source{format_uuid(parse_uuid(cut(group, ':'))), ""};
    while (!group.empty()) {
      std::string_view part = cut(group, ':');
      if (is_tag(part)) {
        source.tag = lower_case(part);
        check_tag(source.tag);
        continue;
      }
      const bool range = part.find('-') != std::string_view::npos;
      const std::uint64_t first = parse_number(cut(part, '-'), text);
      const std::uint64_t last = range ? parse_number(part, text) : first;
      if (first == 0 || last < first || last > kMaxNumber)
        fail(ErrorKind::corrupt, "the GTIDs \"{}\" have an interval that cannot be", text);
      set.add(source, {first, last});
    }
  }
  return set;
}

GtidSet GtidSet::decode(std::string_view bytes) {
  GtidSet set;
  ByteReader in(bytes);
  const std::uint64_t head = in.le(8);
  const bool tagged = head >> 56 == kTaggedFormat;
  const std::uint64_t count = tagged ? head >> 8 & 0xffff'ffff'ffff : head;
  for (std::uint64_t i = 0; i < count; ++i) {
    Source source{format_uuid(in.take(16)), ""};
    // A tag's length is a "varlen" of one byte: the length shifted by its empty mark.
    if (tagged) source.tag = in.take(in.u8() >> 1);
    check_tag(source.tag);
    for (std::uint64_t n = in.le(8); n > 0; --n) {
      const std::uint64_t first = in.le(8);
      const std::uint64_t past = in.le(8);
      if (first == 0 || past <= first || past - 1 > kMaxNumber)
        fail(ErrorKind::corrupt, "a GTID set has an interval that cannot be");
      set.add(source, {first, past - 1});
    }
  }
  return set;
}

void GtidSet::add(std::string_view uuid, std::string_view tag, std::uint64_t first,
                  std::uint64_t last) {
  add(Source{std::string(uuid), std::string(tag)}, {first, last});
}

void GtidSet::add(const Source& source, Interval added) {
  std::vector<Interval>& all = sources_[source];
  // The usual case: the next number.
  if (!all.empty() && added.first == all.back().last + 1) {
    all.back().last = added.last;
    return;
  }
  // The first interval that touches or follows the new one, and the first past it.
  const auto from =
      std::ranges::find_if(all, [&](const Interval& i) { return i.last + 1 >= added.first; });
  auto to = from;
  while (to != all.end() && to->first <= added.last + 1) {
    added.first = std::min(added.first, to->first);
    added.last = std::max(added.last, to->last);
    ++to;
  }
  all.insert(all.erase(from, to), added);
}

bool GtidSet::contains(std::string_view uuid, std::string_view tag, std::uint64_t number) const {
  const auto found = sources_.find(Source{std::string(uuid), std::string(tag)});
  if (found == sources_.end()) return false;
  return std::ranges::any_of(
      found->second, [&](const Interval& i) { return i.first <= number && number <= i.last; });
}

bool GtidSet::contains(const GtidSet& other) const {
  return std::ranges::all_of(other.sources_, [&](const auto& entry) {
    const auto mine = sources_.find(entry.first);
    if (mine == sources_.end()) return false;
    return std::ranges::all_of(entry.second, [&](const Interval& want) {
      return std::ranges::any_of(mine->second, [&](const Interval& have) {
        return have.first <= want.first && want.last <= have.last;
      });
    });
  });
}

std::string GtidSet::text() const {
  std::string text;
  const std::string* uuid = nullptr;
  for (const auto& [source, intervals] : sources_) {
    if (uuid == nullptr || *uuid != source.uuid) {
      if (uuid != nullptr) text += ',';
      text += source.uuid;
      uuid = &source.uuid;
    }
    if (!source.tag.empty()) text += ":" + source.tag;
    for (const Interval& i : intervals) {
      text += ":" + std::to_string(i.first);
      if (i.last != i.first) text += "-" + std::to_string(i.last);
    }
  }
  return text;
}

Bytes GtidSet::encode() const {
  const bool tagged =
      std::ranges::any_of(sources_, [](const auto& entry) { return !entry.first.tag.empty(); });
  const std::uint64_t count = sources_.size();
  Bytes out;
  put_fixed(out, tagged ? kTaggedFormat << 56 | count << 8 | kTaggedFormat : count);
  for (const auto& [source, intervals] : sources_) {
    out += parse_uuid(source.uuid);
    if (tagged) {
      put_u8(out, static_cast<std::uint8_t>(source.tag.size() << 1));
      out += source.tag;
    }
    put_fixed<std::uint64_t>(out, intervals.size());
    for (const Interval& i : intervals) {
      put_fixed(out, i.first);
      put_fixed(out, i.last + 1);
    }
  }
  return out;
}

GtidState GtidState::parse(std::string_view text) {
  GtidState state;
  const std::string dense = without_blanks(text);
  std::string_view rest = dense;
  while (!rest.empty()) {
    std::string_view gtid = cut(rest, ',');
    if (gtid.empty()) continue;
    const auto domain = parse_number<std::uint32_t>(cut(gtid, '-'), text);
    const auto server = parse_number<std::uint32_t>(cut(gtid, '-'), text);
    state.set(domain, server, parse_number(gtid, text));
  }
  return state;
}

bool GtidState::has_domains_of(const GtidState& other) const {
  return std::ranges::all_of(other.last_,
                             [&](const auto& entry) { return last_.contains(entry.first); });
}

std::string GtidState::text() const {
  std::string text;
  for (const auto& [domain, last] : last_) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}-{}-{}", domain, last.server, last.sequence);
  }
  return text;
}

}  // namespace freshet
