#include "transform/text_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "transform/byte_classes.h"

namespace freshet {
namespace {

static_assert(kFiller == ByteClasses::kFiller);

// Two neighbouring stretches, one bit per byte.
__extension__ typedef unsigned __int128 Bits;

constexpr std::size_t kStretch = ByteClasses::kStretch;

Bits join(std::uint64_t here, std::uint64_t behind) noexcept { return Bits{behind} << 64 | here; }

std::uint64_t low(Bits bits) noexcept { return static_cast<std::uint64_t>(bits); }

// Number of set bits; the baseline of x86-64 has no instruction for it.
unsigned count_bits(std::uint64_t bits) noexcept {
  bits -= bits >> 1 & 0x5555555555555555;
  bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return static_cast<unsigned>(bits * 0x0101010101010101 >> 56);
}

// Marks the places of a text, a stretch at a time, by the classes that Reader reads.
template <typename Reader>
class MarkScan {
 public:
  MarkScan(std::string_view text, TextMarks& marks, const MarksWanted& wanted)
      : text_(text), marks_(marks), wanted_(wanted) {}

  void run() {
    for_each_stretch<false>([this](auto at, const auto& here, const auto& behind) {
      mark_common(at, here, behind);
      mark(at, here, behind);
    });
    if (marks_.colons.size() >= TextMarks::kColonsOfAddress) kinds_ |= TextMarks::kColons;
    marks_.kinds = kinds_;
  }

  // Digits, '@' and what is to be folded alone.
  void run_lean() {
    for_each_stretch<true>(
        [this](auto at, const auto& here, const auto& behind) { mark_common(at, here, behind); });
    marks_.kinds = kinds_;
  }

 private:
  // Most texts are one stretch: compiled apart, with nothing behind.
  template <bool kLean, typename Use>
  void for_each_stretch(const Use& use) const {
    ByteClasses here = first_classes<kLean>();
    if (text_.size() <= kStretch) return use(std::size_t{0}, here, ByteClasses{});
    for (std::size_t at = 0; at < text_.size(); at += kStretch) {
      const ByteClasses behind = classes<kLean>(at + kStretch);
      use(at, here, behind);
      here = behind;
    }
  }

  template <bool kLean, typename From = Reader, std::size_t kSize = From::kBlock>
  static ByteClasses read(const char* from) noexcept {
    return kLean ? From::template read_lean<kSize>(from) : From::template read<kSize>(from);
  }

  // Of what may be shorter than a block.
  template <bool kLean>
  ByteClasses first_classes() const noexcept {
    using Small = PortableReader;
    const std::size_t size = text_.size();
    if (size >= Reader::kBlock) return classes<kLean>(0);
    if (size < Small::kBlock) {
      char bytes[Small::kBlock] = {};
      std::memcpy(bytes, text_.data(), size);
      return read<kLean, Small>(bytes);
    }
    ByteClasses c = read<kLean, Small>(text_.data());
    c.add(read<kLean, Small>(text_.data() + size - Small::kBlock), size - Small::kBlock);
    return c;
  }

  // Of the stretch at `at`.
  template <bool kLean>
  ByteClasses classes(std::size_t at) const noexcept {
    if (at + kStretch <= text_.size()) return read<kLean, Reader, kStretch>(text_.data() + at);
    ByteClasses c;
    if (at < text_.size()) add_part<kLean>(text_.data() + at, text_.size() - at, c);
    return c;
  }

  // Of the last stretch. Its last block overlaps with the one before.
  template <bool kLean>
  static void add_part(const char* from, std::size_t size, ByteClasses& c) noexcept {
    std::size_t i = 0;
    for (; i + Reader::kBlock <= size; i += Reader::kBlock) c.add(read<kLean>(from + i), i);
    if (i == size) return;
    const std::size_t over = i + Reader::kBlock - size;
    ByteClasses last = read<kLean>(from + i - over);
    last.cut(over);
    c.add(last, i);
  }

  void mark_common(std::size_t at, const ByteClasses& here, const ByteClasses& behind) {
    if (here.high) marks_.ascii = false;
    if (here.digit) count_digits(here.digit, behind.digit);
    if (here.at) {
      marks_.at_signs.add(at, here.at);
      kinds_ |= TextMarks::kAtSigns;
    }
    if (here.percent & (here.digit >> 1 | behind.digit << 63)) marks_.percent = true;
    if (here.filler) marks_.filler = true;
  }

  // A phone number, or another run of seven digits with few marks between, lies in one stretch, or
  // in the halves of two.
  void count_digits(std::uint64_t here, std::uint64_t behind) noexcept {
    const unsigned count = count_bits(here);
    marks_.digits += count;
    if (count >= 7 || count_bits(here >> 32 | behind << 32) >= 7) kinds_ |= TextMarks::kDense;
  }

  void mark(std::size_t at, const ByteClasses& here, const ByteClasses& behind) {
    if (here.digit | here.dot) mark_digits(here, behind);
    const std::uint64_t word = here.word();
    const std::uint64_t starts = word & ~(word << 1 | word_before_);
    word_before_ = word >> 63;
    const std::uint64_t next = word >> 1 | behind.word() << 63;  // a word goes on behind the byte
    if (starts) {
      if (wanted_.kinds & TextMarks::kWords) mark_words(at, here, behind, starts, next);
      if (starts & here.digit && wanted_.kinds & TextMarks::kNumbers) {
        marks_.numbers.add(at, starts & here.digit);
        kinds_ |= TextMarks::kNumbers;
      }
      if (starts & here.capital && wanted_.kinds & TextMarks::kNames)
        mark_names(at, here, behind, starts);
    }
    if (wanted_.kinds & TextMarks::kRuns) mark_runs(at, here.run(), behind.run());
    if (here.colon) {
      const std::uint64_t colons = here.colon >> 1 | behind.colon << 63;
      marks_.colons.add(at, here.colon & (next | colons));
      if (here.colon & colons) kinds_ |= TextMarks::kColons;
    }
  }

  void mark_digits(const ByteClasses& here, const ByteClasses& behind) noexcept {
    const Bits digits = join(here.digit, behind.digit);
    const Bits two = digits & digits >> 1;
    if (low(two & two >> 2)) kinds_ |= TextMarks::kYear;
    if (here.dot & low(digits >> 1 & two >> 2)) kinds_ |= TextMarks::kDecimal;
  }

  void mark_words(std::size_t at, const ByteClasses& here, const ByteClasses& behind,
                  std::uint64_t starts, std::uint64_t next) {
    std::uint64_t found = 0;
    if (here.digit | behind.digit) {  // within eight bytes
      const Bits one = join(here.digit, behind.digit);
      const Bits two = one | one >> 1;
      const Bits four = two | two >> 2;
      found = low(four | four >> 4 | one >> 8);
    }
    if (here.hyphen | here.colon | behind.hyphen | behind.colon)
      found |= low(join(here.hyphen | here.colon, behind.hyphen | behind.colon) >> 2) & next;
    if (here.dot | behind.dot) {
      const Bits words = join(next, behind.word() >> 1);
      found |= low(join(here.dot, behind.dot) >> 4 & words & words >> 1 & words >> 2);
    }
    if (starts & here.capital) {
      const Bits capitals = join(here.capital, behind.capital);
      const Bits two = capitals & capitals >> 1;
      found |= low(two & two >> 2 & two >> 4);
    }
    found &= starts;
    if (found == 0) return;
    if (wanted_.words) found = of_wanted_form(here, behind, found);
    marks_.words.add(at, found);
  }

  std::uint64_t of_wanted_form(const ByteClasses& here, const ByteClasses& behind,
                               std::uint64_t words) const noexcept {
    const Bits letters = join(here.letter, behind.letter);
    const Bits digits = join(here.digit, behind.digit);
    std::uint64_t found = 0;
    for (; words != 0; words &= words - 1) {
      const int i = std::countr_zero(words);
      if (wanted_.words->contains(static_cast<std::uint8_t>(letters >> i),
                                  static_cast<std::uint8_t>(digits >> i)))
        found |= words & -words;
    }
    return found;
  }

  void mark_names(std::size_t at, const ByteClasses& here, const ByteClasses& behind,
                  std::uint64_t starts) {
    const std::uint64_t second = here.capital >> 1 | behind.capital << 63;
    const std::uint64_t letters = here.letter >> 1 | behind.letter << 63;
    std::uint64_t names = starts & here.capital & ~second & letters;
    std::uint64_t found = 0;
    for (; names != 0; names &= names - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(names));
      const std::uint64_t word = low(join(here.letter, behind.letter) >> i);
      if (may_go_on(at + i + static_cast<std::size_t>(std::countr_one(word))))
        found |= names & -names;
    }
    if (found == 0) return;
    marks_.names.add(at, found);
    kinds_ |= TextMarks::kNames;
  }

  // True if a capital or a particle ("van") may follow the word whose letters end at `end`.
  bool may_go_on(std::size_t end) const noexcept {
    const auto byte = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
    const char after = byte(end);
    if (is_wide(after) || after == kFiller || is_letter(after)) return true;
    const std::size_t space = after == '.' ? end + 1 : end;
    if (byte(space) != ' ') return false;
    const char next = byte(space + 1);
    return is_wide(next) || (is_letter(next) && (next <= 'Z' || kParticles.contains(next)));
  }
  static constexpr std::string_view kParticles = "abdelv";  // first letters

  void mark_runs(std::size_t at, std::uint64_t here, std::uint64_t behind) {
    const std::uint64_t before = run_before_;
    run_before_ = here >> 63;
    // One of sixteen has eight in this stretch, or eight at the begin of the next.
    std::uint64_t eight = here & here >> 1;
    eight &= eight >> 2;
    eight &= eight >> 4;
    if (eight == 0 && (here >> 63 == 0 || (behind & 0xff) != 0xff)) return;
    Bits all = join(here, behind);
    all &= all >> 1;
    all &= all >> 2;
    all &= all >> 4;
    all &= all >> 8;
    const std::uint64_t longs = low(all) & ~(here << 1 | before);
    if (longs == 0) return;
    marks_.runs.add(at, longs);
    kinds_ |= TextMarks::kRuns;
  }

  std::string_view text_;
  TextMarks& marks_;
  const MarksWanted& wanted_;
  unsigned kinds_ = TextMarks::kAny;
  std::uint64_t word_before_ = 0;
  std::uint64_t run_before_ = 0;
};

template <typename Reader>
void run_scan(std::string_view text, TextMarks& marks, const MarksWanted& wanted) {
  const bool lean =
      (wanted.kinds & ~(TextMarks::kAny | TextMarks::kDense | TextMarks::kAtSigns)) == 0;
  if (lean)
    MarkScan<Reader>(text, marks, wanted).run_lean();
  else
    MarkScan<Reader>(text, marks, wanted).run();
}

#if defined(__x86_64__)
// What the loop calls is inlined, and so compiled for AVX2.
FRESHET_AVX2 __attribute__((flatten)) void scan_with_avx2(std::string_view text, TextMarks& marks,
                                                          const MarksWanted& wanted) {
  run_scan<Avx2Reader>(text, marks, wanted);
}
#endif

// One decoded character of valid UTF-8 (the caller has checked).
struct Character {
  std::uint32_t code = 0;
  std::size_t length = 1;
};

Character decode(const char* at, const char* end) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(at[i]) & 0x3f; };
  const auto lead = static_cast<unsigned char>(*at);
  const auto left = static_cast<std::size_t>(end - at);
  if (lead >= 0xf0 && left >= 4)
    return {(lead & 0x07u) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3), 4};
  if (lead >= 0xe0 && left >= 3) return {(lead & 0x0fu) << 12 | byte(1) << 6 | byte(2), 3};
  if (lead >= 0xc0 && left >= 2) return {(lead & 0x1fu) << 6 | byte(1), 2};
  return {lead, 1};
}

struct FoldRange {
  std::uint32_t first;
  std::uint32_t last;
  char to;           // ASCII form of `first`
  bool consecutive;  // the next code is the next ASCII character
};

// Unicode 14, UnicodeData.txt: decimal digits (Nd) of all scripts, digits and letters in circles or
// raised, mathematical alphabets, compatibility forms of ASCII, dashes (Pd), spaces (Zs), and
// characters without width (Cf, variation selectors). In order.
constexpr FoldRange kFolds[] = {
    {0x00a0, 0x00a0, ' ', false},       {0x00ad, 0x00ad, kFiller, false},
    {0x00b2, 0x00b3, '2', true},        {0x00b7, 0x00b7, '.', false},
    {0x00b9, 0x00b9, '1', false},       {0x034f, 0x034f, kFiller, false},
    {0x061c, 0x061c, kFiller, false},   {0x0660, 0x0669, '0', true},
    {0x06f0, 0x06f9, '0', true},        {0x07c0, 0x07c9, '0', true},
    {0x0966, 0x096f, '0', true},        {0x09e6, 0x09ef, '0', true},
    {0x0a66, 0x0a6f, '0', true},        {0x0ae6, 0x0aef, '0', true},
    {0x0b66, 0x0b6f, '0', true},        {0x0be6, 0x0bef, '0', true},
    {0x0c66, 0x0c6f, '0', true},        {0x0ce6, 0x0cef, '0', true},
    {0x0d66, 0x0d6f, '0', true},        {0x0de6, 0x0def, '0', true},
    {0x0e50, 0x0e59, '0', true},        {0x0ed0, 0x0ed9, '0', true},
    {0x0f20, 0x0f29, '0', true},        {0x1040, 0x1049, '0', true},
    {0x1090, 0x1099, '0', true},        {0x115f, 0x1160, kFiller, false},
    {0x1680, 0x1680, ' ', false},       {0x17b4, 0x17b5, kFiller, false},
    {0x17e0, 0x17e9, '0', true},        {0x180b, 0x180e, kFiller, false},
    {0x1810, 0x1819, '0', true},        {0x1946, 0x194f, '0', true},
    {0x19d0, 0x19d9, '0', true},        {0x1a80, 0x1a89, '0', true},
    {0x1a90, 0x1a99, '0', true},        {0x1b50, 0x1b59, '0', true},
    {0x1bb0, 0x1bb9, '0', true},        {0x1c40, 0x1c49, '0', true},
    {0x1c50, 0x1c59, '0', true},        {0x2000, 0x200a, ' ', false},
    {0x200b, 0x200f, kFiller, false},   {0x2010, 0x2015, '-', false},
    {0x2024, 0x2024, '.', false},       {0x202a, 0x202e, kFiller, false},
    {0x202f, 0x202f, ' ', false},       {0x2043, 0x2043, '-', false},
    {0x2044, 0x2044, '/', false},       {0x205f, 0x205f, ' ', false},
    {0x2060, 0x2064, kFiller, false},   {0x2066, 0x206f, kFiller, false},
    {0x2070, 0x2070, '0', false},       {0x2074, 0x2079, '4', true},
    {0x2080, 0x2089, '0', true},        {0x20e3, 0x20e3, kFiller, false},
    {0x2212, 0x2212, '-', false},       {0x2215, 0x2215, '/', false},
    {0x2219, 0x2219, '.', false},       {0x2236, 0x2236, ':', false},
    {0x2460, 0x2468, '1', true},        {0x24b6, 0x24cf, 'A', true},
    {0x24d0, 0x24e9, 'a', true},        {0x24ea, 0x24ea, '0', false},
    {0x2776, 0x277e, '1', true},        {0x3000, 0x3000, ' ', false},
    {0x3002, 0x3002, '.', false},       {0x3164, 0x3164, kFiller, false},
    {0xa620, 0xa629, '0', true},        {0xa789, 0xa789, ':', false},
    {0xa8d0, 0xa8d9, '0', true},        {0xa900, 0xa909, '0', true},
    {0xa9d0, 0xa9d9, '0', true},        {0xa9f0, 0xa9f9, '0', true},
    {0xaa50, 0xaa59, '0', true},        {0xabf0, 0xabf9, '0', true},
    {0xfe00, 0xfe0f, kFiller, false},   {0xfe55, 0xfe55, ':', false},
    {0xfe58, 0xfe58, '-', false},       {0xfe62, 0xfe62, '+', false},
    {0xfe63, 0xfe63, '-', false},       {0xfe6b, 0xfe6b, '@', false},
    {0xfeff, 0xfeff, kFiller, false},   {0xff01, 0xff5e, '!', true},
    {0xff61, 0xff61, '.', false},       {0xffa0, 0xffa0, kFiller, false},
    {0x104a0, 0x104a9, '0', true},      {0x10d30, 0x10d39, '0', true},
    {0x11066, 0x1106f, '0', true},      {0x110f0, 0x110f9, '0', true},
    {0x11136, 0x1113f, '0', true},      {0x111d0, 0x111d9, '0', true},
    {0x112f0, 0x112f9, '0', true},      {0x11450, 0x11459, '0', true},
    {0x114d0, 0x114d9, '0', true},      {0x11650, 0x11659, '0', true},
    {0x116c0, 0x116c9, '0', true},      {0x11730, 0x11739, '0', true},
    {0x118e0, 0x118e9, '0', true},      {0x11950, 0x11959, '0', true},
    {0x11c50, 0x11c59, '0', true},      {0x11d50, 0x11d59, '0', true},
    {0x11da0, 0x11da9, '0', true},      {0x16a60, 0x16a69, '0', true},
    {0x16ac0, 0x16ac9, '0', true},      {0x16b50, 0x16b59, '0', true},
    {0x1d400, 0x1d419, 'A', true},      {0x1d41a, 0x1d433, 'a', true},
    {0x1d434, 0x1d44d, 'A', true},      {0x1d44e, 0x1d467, 'a', true},
    {0x1d468, 0x1d481, 'A', true},      {0x1d482, 0x1d49b, 'a', true},
    {0x1d49c, 0x1d4b5, 'A', true},      {0x1d4b6, 0x1d4cf, 'a', true},
    {0x1d4d0, 0x1d4e9, 'A', true},      {0x1d4ea, 0x1d503, 'a', true},
    {0x1d504, 0x1d51d, 'A', true},      {0x1d51e, 0x1d537, 'a', true},
    {0x1d538, 0x1d551, 'A', true},      {0x1d552, 0x1d56b, 'a', true},
    {0x1d56c, 0x1d585, 'A', true},      {0x1d586, 0x1d59f, 'a', true},
    {0x1d5a0, 0x1d5b9, 'A', true},      {0x1d5ba, 0x1d5d3, 'a', true},
    {0x1d5d4, 0x1d5ed, 'A', true},      {0x1d5ee, 0x1d607, 'a', true},
    {0x1d608, 0x1d621, 'A', true},      {0x1d622, 0x1d63b, 'a', true},
    {0x1d63c, 0x1d655, 'A', true},      {0x1d656, 0x1d66f, 'a', true},
    {0x1d670, 0x1d689, 'A', true},      {0x1d68a, 0x1d6a3, 'a', true},
    {0x1d7ce, 0x1d7d7, '0', true},      {0x1d7d8, 0x1d7e1, '0', true},
    {0x1d7e2, 0x1d7eb, '0', true},      {0x1d7ec, 0x1d7f5, '0', true},
    {0x1d7f6, 0x1d7ff, '0', true},      {0x1e140, 0x1e149, '0', true},
    {0x1e2f0, 0x1e2f9, '0', true},      {0x1e950, 0x1e959, '0', true},
    {0x1fbf0, 0x1fbf9, '0', true},      {0xe0001, 0xe0001, kFiller, false},
    {0xe0020, 0xe007f, kFiller, false}, {0xe0100, 0xe01ef, kFiller, false}};

// The ASCII form of a character, or 0 where it has none.
char fold(std::uint32_t code) noexcept {
  const FoldRange* const range = std::lower_bound(
      std::begin(kFolds), std::end(kFolds), code,
      [](const FoldRange& candidate, std::uint32_t wanted) { return candidate.last < wanted; });
  if (range == std::end(kFolds) || code < range->first) return 0;
  return range->consecutive ? static_cast<char>(range->to + (code - range->first)) : range->to;
}

// Lead bytes of UTF-8 that begin characters that fold: most letters are ruled out at once.
constexpr auto kFoldLeads = [] {
  std::array<bool, 256> leads{};
  const auto lead = [](std::uint32_t code) {
    return code < 0x800 ? 0xc0 | code >> 6 : code < 0x10000 ? 0xe0 | code >> 12 : 0xf0 | code >> 18;
  };
  for (const FoldRange& range : kFolds)
    for (std::uint32_t i = lead(range.first); i <= lead(range.last); ++i) leads[i] = true;
  return leads;
}();

class Folder {
 public:
  Folder(std::string_view text, std::string& scratch) : text_(text), scratch_(scratch) {}

  std::string_view run() {
    const char* const end = text_.data() + text_.size();
    for (const char* at = text_.data(); at < end;) {
      if (*at == '%' && end - at >= 3 && is_escape(at)) {
        put(at, 3, static_cast<char>(hex(at[1]) << 4 | hex(at[2])));
        at += 3;
      } else if (const auto lead = static_cast<unsigned char>(*at); kFoldLeads[lead]) {
        const Character c = decode(at, end);
        if (const char ascii = fold(c.code)) put(at, c.length, ascii);
        at += c.length;
      } else {
        ++at;
      }
    }
    return folded_ ? std::string_view(scratch_) : text_;
  }

 private:
  // %20 to %7E.
  static bool is_escape(const char* at) noexcept {
    return at[1] >= '2' && at[1] <= '7' && is_hex(at[2]) && !(at[1] == '7' && lower(at[2]) == 'f');
  }
  static int hex(char c) noexcept { return is_digit(c) ? c - '0' : lower(c) - 'a' + 10; }

  void put(const char* at, std::size_t length, char ascii) {
    if (!folded_) scratch_.assign(text_);
    folded_ = true;
    char* to = scratch_.data() + (at - text_.data());
    to[0] = ascii;
    std::memset(to + 1, kFiller, length - 1);
  }

  std::string_view text_;
  std::string& scratch_;
  bool folded_ = false;
};

}  // namespace

void scan_text_portably(std::string_view text, TextMarks& marks, const MarksWanted& wanted) {
  marks.clear();
  run_scan<PortableReader>(text, marks, wanted);
}

void scan_text(std::string_view text, TextMarks& marks, const MarksWanted& wanted) {
#if defined(__x86_64__)
  if (has_avx2()) {
    marks.clear();
    return scan_with_avx2(text, marks, wanted);
  }
#endif
  scan_text_portably(text, marks, wanted);
}

void scan_folded(std::string_view folded, TextMarks& marks) {
  scan_text(folded, marks);
  if (marks.digits >= 7) marks.kinds |= TextMarks::kDense;
  if (marks.digits >= 4) marks.kinds |= TextMarks::kYear;
  if (marks.digits >= 6) marks.kinds |= TextMarks::kDecimal;
  if (!marks.colons.empty()) marks.kinds |= TextMarks::kColons;
  marks.words.clear();
  for (std::size_t i = 0; i < folded.size(); ++i)
    if (is_alnum(folded[i]) && (i == 0 || !is_alnum(folded[i - 1]))) marks.words.add(i, 1);
}

std::string_view fold_text(std::string_view text, std::string& scratch) {
  return Folder(text, scratch).run();
}

const char* find_digit(const char* from, const char* to) noexcept {
  using Reader = PortableReader;
  using Halves = std::uint64_t __attribute__((vector_size(Reader::kBlock)));
  for (; to - from >= static_cast<std::ptrdiff_t>(Reader::kBlock); from += Reader::kBlock) {
    const auto found = reinterpret_cast<Halves>(Reader::load(from) - '0' < 10);
    if (found[0] != 0) return from + std::countr_zero(found[0]) / 8;
    if (found[1] != 0) return from + 8 + std::countr_zero(found[1]) / 8;
  }
  while (from < to && !is_digit(*from)) ++from;
  return from;
}

}  // namespace freshet
