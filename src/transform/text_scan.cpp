#include "transform/text_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace freshet {
namespace {

// GCC and Clang vector extensions: SSE2 on x86-64, NEON on arm64, without intrinsics.
using Block = unsigned char __attribute__((vector_size(16)));
using Halves = std::uint64_t __attribute__((vector_size(16)));
constexpr std::size_t kBlock = sizeof(Block);

Block load(const char* from) noexcept {
  Block block;
  std::memcpy(&block, from, kBlock);
  return block;
}

bool any(Block block) noexcept {
  const auto halves = reinterpret_cast<const Halves&>(block);
  return (halves[0] | halves[1]) != 0;
}

struct BlockSums {
  Block digits{};  // per lane, at most 255 blocks
  Block marks{};   // '@' and '%'
  Block high{};

  void add(Block b) noexcept {
    digits -= reinterpret_cast<Block>(b - '0' < 10);
    marks |= reinterpret_cast<Block>(b == '@') | reinterpret_cast<Block>(b == '%');
    high |= b;
  }
  std::size_t take_digits() noexcept {
    std::size_t sum = 0;
    for (std::size_t lane = 0; lane < kBlock; ++lane) sum += digits[lane];
    digits = Block{};
    return sum;
  }
};

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

// Unicode 15, UnicodeData.txt: decimal digits (Nd) of scripts in wide use, compatibility forms of
// ASCII, dashes (Pd), spaces (Zs), and characters without width (Cf, variation selectors).
constexpr FoldRange kFolds[] = {
    {0x00a0, 0x00a0, ' ', false},     {0x00ad, 0x00ad, kFiller, false},
    {0x0660, 0x0669, '0', true},      {0x06f0, 0x06f9, '0', true},
    {0x0966, 0x096f, '0', true},      {0x09e6, 0x09ef, '0', true},
    {0x0e50, 0x0e59, '0', true},      {0x1680, 0x1680, ' ', false},
    {0x2000, 0x200a, ' ', false},     {0x200b, 0x200f, kFiller, false},
    {0x2010, 0x2015, '-', false},     {0x2024, 0x2024, '.', false},
    {0x202a, 0x202e, kFiller, false}, {0x202f, 0x202f, ' ', false},
    {0x2044, 0x2044, '/', false},     {0x205f, 0x205f, ' ', false},
    {0x2060, 0x2064, kFiller, false}, {0x2066, 0x2069, kFiller, false},
    {0x20e3, 0x20e3, kFiller, false}, {0x2212, 0x2212, '-', false},
    {0x3000, 0x3000, ' ', false},     {0x3002, 0x3002, '.', false},
    {0xfe00, 0xfe0f, kFiller, false}, {0xfe58, 0xfe58, '-', false},
    {0xfe62, 0xfe62, '+', false},     {0xfe63, 0xfe63, '-', false},
    {0xfe6b, 0xfe6b, '@', false},     {0xfeff, 0xfeff, kFiller, false},
    {0xff01, 0xff5e, '!', true},      {0xff61, 0xff61, '.', false},
    {0x1d7ce, 0x1d7d7, '0', true},    {0x1d7d8, 0x1d7e1, '0', true},
    {0x1d7e2, 0x1d7eb, '0', true},    {0x1d7ec, 0x1d7f5, '0', true},
    {0x1d7f6, 0x1d7ff, '0', true},
};

// The ASCII form of a character, or 0 where it has none.
char fold(std::uint32_t code) noexcept {
  for (const FoldRange& range : kFolds) {
    if (code < range.first) return 0;
    if (code <= range.last)
      return range.consecutive ? static_cast<char>(range.to + (code - range.first)) : range.to;
  }
  return 0;
}

// Codes that fold lie in few blocks; the lead bytes rule out the rest of UTF-8 at once.
constexpr bool may_fold(unsigned char lead) noexcept {
  return lead == 0xc2 || lead == 0xd9 || lead == 0xdb || lead == 0xe0 || lead == 0xe1 ||
         lead == 0xe2 || lead == 0xe3 || lead == 0xef || lead == 0xf0;
}

// Adds what only non-ASCII text can hold.
void scan_wide(std::string_view text, TextTraits& traits) noexcept {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {
    const auto lead = static_cast<unsigned char>(*at);
    if (lead < 0xc0 || !may_fold(lead) || lead == 0xe2 || lead == 0xe3) continue;
    const char ascii = fold(decode(at, end).code);
    traits.digits += is_digit(ascii);
    traits.at_sign |= ascii == '@';
  }
}

class Folder {
 public:
  Folder(std::string_view text, std::string& scratch) : text_(text), scratch_(scratch) {}

  std::string_view run() {
    const char* const end = text_.data() + text_.size();
    for (const char* at = text_.data(); at < end;) {
      if (*at == '%' && end - at >= 3 && at[1] == '4' && at[2] == '0') {
        put(at, 3, '@');
        at += 3;
      } else if (const auto lead = static_cast<unsigned char>(*at);
                 lead >= 0xc0 && may_fold(lead)) {
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

TextTraits scan_text(std::string_view text) noexcept {
  TextTraits traits;
  BlockSums sums;
  const char* at = text.data();
  std::size_t left = text.size();
  for (std::size_t blocks = 0; left >= kBlock; at += kBlock, left -= kBlock) {
    sums.add(load(at));
    if (++blocks % 255 == 0) traits.digits += sums.take_digits();
  }
  traits.digits += sums.take_digits();
  if (left > 0) {
    char last[kBlock] = {};
    std::memcpy(last, at, left);
    sums.add(load(last));
    traits.digits += sums.take_digits();
  }
  if (any(sums.marks)) {
    traits.percent_at = text.find("%40") != text.npos;
    traits.at_sign = traits.percent_at || text.find('@') != text.npos;
  }
  traits.ascii = !any(sums.high & 0x80);
  if (!traits.ascii) scan_wide(text, traits);
  return traits;
}

std::string_view fold_text(std::string_view text, std::string& scratch) {
  return Folder(text, scratch).run();
}

const char* find_digit(const char* from, const char* to) noexcept {
  for (; to - from >= static_cast<std::ptrdiff_t>(kBlock); from += kBlock) {
    const auto found = reinterpret_cast<Halves>(load(from) - '0' < 10);
    if (found[0] != 0) return from + std::countr_zero(found[0]) / 8;
    if (found[1] != 0) return from + 8 + std::countr_zero(found[1]) / 8;
  }
  while (from < to && !is_digit(*from)) ++from;
  return from;
}

}  // namespace freshet
