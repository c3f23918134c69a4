#include "transform/context_words.h"

#include <algorithm>

#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr std::size_t kReachBefore = 60;  // bytes
constexpr std::size_t kReachBehind = 24;

constexpr std::string_view kOtherWords =
    "order ord orders ref reference invoice inv ticket txn transaction tracking shipment parcel "
    "isbn "
    "issn sku serial version build commit timestamp ts epoch port pid item article ean upc product "
    "part batch case po sn row key amount total price hash doi rev revision session request trace "
    "release lot quantity qty count bestellung rechnung pedido factura commande facture offset lag "
    "size bytes seq sequence duration checksum crc nonce imei imsi iccid vin gtin barcode siret "
    "siren "
    "kundennummer";
// Between such a word and its number.
constexpr std::string_view kNumberWords = " no nr number num id ids nummer numero is was of ";

enum Part : std::uint8_t { kNone, kSmall, kCapital };

constexpr auto kParts = [] {
  std::array<Part, 256> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const char c = static_cast<char>(i);
    parts[i] = c >= 'A' && c <= 'Z' ? kCapital : is_letter(c) || is_wide(c) ? kSmall : kNone;
  }
  return parts;
}();

Part part_of(char c) noexcept { return kParts[static_cast<unsigned char>(c)]; }
bool is_word_byte(char c) noexcept { return part_of(c) != kNone; }

// Scripts that write words without spaces between them.
bool is_unspaced(std::string_view word) noexcept {
  return static_cast<unsigned char>(word.front()) >= 0xe3;
}

}  // namespace

ContextWords::ContextWords() { add(kOtherWords, kOther); }

void ContextWords::add(std::string_view words, std::size_t detector) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) add_word(words.substr(0, end), detector);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

void ContextWords::add_word(std::string_view word, std::size_t detector) {
  if (is_unspaced(word)) {
    auto at = std::ranges::lower_bound(wide_, word, {}, &Entry::word);
    if (at == wide_.end() || at->word != word) at = wide_.insert(at, {std::string(word), {}});
    at->detectors.set(detector);
    return;
  }
  if (entries_.size() * 4 >= slots_.size()) {  // mostly free, so that one look decides
    slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i)
      slots_[slot_of(entries_[i].word)] = static_cast<std::uint16_t>(i + 1);
  }
  std::uint16_t& slot = slots_[slot_of(word)];
  if (slot == 0) {
    entries_.push_back({std::string(word), {}});
    slot = static_cast<std::uint16_t>(entries_.size());
  }
  entries_[slot - 1].detectors.set(detector);
  if (word.size() <= kLongest)
    lengths_[static_cast<unsigned char>(word.front())] |= 1u << word.size();
}

std::size_t ContextWords::slot_of(std::string_view word) const noexcept {
  std::uint64_t hash = word.size();
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::size_t at = hash >> 8;
  for (;; ++at) {
    at %= slots_.size();
    if (slots_[at] == 0 || entries_[slots_[at] - 1].word == word) return at;
  }
}

const ContextWords::Entry* ContextWords::look_up(std::string_view word) const noexcept {
  if (!may_know(word.front(), word.size())) return nullptr;
  const std::uint16_t slot = slots_[slot_of(word)];
  return slot == 0 ? nullptr : &entries_[slot - 1];
}

DetectorBits ContextWords::of_name(std::string_view name) const {
  DetectorBits bits;
  Found found;
  Reader reader(*this, name, bits, found);
  reader.read(0, name.size());
  for (const auto& [at, entry] : found) bits |= entry->detectors;
  // "social_security_number" and "SocialSecurityNumber" speak as the words do; so does "ssnnumber".
  std::string plain;
  for (const char c : name)
    if (is_word_byte(c)) plain.push_back(lower(c));
  for (const Entry& entry : entries_)
    if (entry.word.size() >= 5 && plain.find(entry.word) != plain.npos) bits |= entry.detectors;
  for (const Entry& entry : wide_)
    if (name.find(entry.word) != name.npos) bits |= entry.detectors;
  set_numbered(name, bits);
  return bits;
}

void ContextWords::set_numbered(std::string_view name, DetectorBits& bits) const {
  std::string words;
  for (const char c : name) {
    const bool hump = c >= 'A' && c <= 'Z' && !words.empty() && words.back() >= 'a';
    if (hump) words.push_back(' ');
    words.push_back(is_word_byte(c) ? c : ' ');
  }
  const std::string last = lower_case(std::string_view(words).substr(words.rfind(' ') + 1));
  DetectorBits none;
  Found found;
  bits.set(kOther, Reader(*this, words, none, found).is_other(words.size()));
  bits.set(kIdentifier, last == "id" || last == "ids");
}

// Words break at what is no letter, and at humps: "passportNo". Reads those that begin in
// [first, limit), and what lies between them and what has been read.
void ContextWords::Reader::read(std::size_t first, std::size_t limit) {
  if (start_ == at_ || first < start_ || first > at_) {
    found_.clear();
    start_ = at_ = first;
    if (first > 0 && is_word_byte(text_[first - 1])) skip_part();
  }
  limit = std::min(limit, text_.size());
  for (;;) {
    while (at_ < limit && !is_word_byte(text_[at_])) ++at_;
    if (at_ >= limit) return;
    const std::size_t begin = at_++;
    skip_part();
    const std::size_t size = at_ - begin;
    if (!words_.may_know(lower(text_[begin]), size)) continue;
    char word[kLongest];
    std::transform(text_.begin() + begin, text_.begin() + at_, word, lower);
    if (const Entry* const entry = words_.look_up({word, size})) found_.emplace_back(begin, entry);
  }
}

// To the end of the word that the byte before belongs to.
void ContextWords::Reader::skip_part() noexcept {
  const std::string_view text = text_;
  std::size_t at = at_;
  Part before = part_of(text[at - 1]);
  for (; at < text.size(); ++at) {
    const Part part = part_of(text[at]);
    if (part == kNone || part > before) break;
    before = part;
  }
  at_ = at;
}

bool ContextWords::Reader::speaks_for(std::size_t detector, std::size_t begin, std::size_t end) {
  if (name_[detector]) return true;
  if (near_begin_ != begin || near_end_ != end) {
    near_begin_ = begin;
    near_end_ = end;
    near_.reset();
    for_each_near(begin, end, [&](const Entry& entry) { near_ |= entry.detectors; });
  }
  return near_[detector] || !unspaced_word_for(detector, begin, end).empty();
}

std::string_view ContextWords::Reader::word_for(std::size_t detector, std::size_t begin,
                                                std::size_t end) {
  std::string_view word;
  for_each_near(begin, end, [&](const Entry& entry) {
    if (word.empty() && entry.detectors[detector]) word = entry.word;
  });
  return word.empty() ? unspaced_word_for(detector, begin, end) : word;
}

template <typename Use>
void ContextWords::Reader::for_each_near(std::size_t begin, std::size_t end, const Use& use) {
  const std::size_t first = begin > kReachBefore ? begin - kReachBefore : 0;
  read(first, end + kReachBehind);
  auto at =
      std::lower_bound(found_.begin(), found_.end(), first,
                       [](const auto& entry, std::size_t place) { return entry.first < place; });
  for (; at != found_.end() && at->first < end + kReachBehind; ++at) use(*at->second);
}

std::string_view ContextWords::Reader::unspaced_word_for(std::size_t detector, std::size_t begin,
                                                         std::size_t end) const {
  if (ascii_) return {};
  const std::size_t first = begin > kReachBefore ? begin - kReachBefore : 0;
  for (const Entry& entry : words_.wide_)
    if (entry.detectors[detector] &&
        text_.substr(first, end + kReachBehind - first).find(entry.word) != text_.npos)
      return entry.word;
  return {};
}

bool ContextWords::Reader::is_other(std::size_t begin) const noexcept {
  std::size_t at = begin;
  for (int words = 0; words < 3; ++words) {
    std::size_t gap = 0;
    while (at > 0 && !is_letter(text_[at - 1])) {
      if (is_digit(text_[at - 1]) || is_wide(text_[at - 1]) || ++gap > 4) return false;
      --at;
    }
    char word[kLongest + 2];
    std::size_t size = 0;
    while (at > 0 && is_letter(text_[at - 1]) && size < kLongest) word[size++] = lower(text_[--at]);
    if (size == 0) return false;
    std::reverse(word, word + size);
    const Entry* const entry = words_.look_up({word, size});
    if (entry && entry->detectors[kOther]) return true;
    word[size] = ' ';
    const std::size_t known = kNumberWords.find(std::string_view(word, size + 1));
    if (known == kNumberWords.npos || kNumberWords[known - 1] != ' ') return false;
  }
  return false;
}

}  // namespace freshet
