#include "source/charset.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace freshet {

namespace {

using Form = Charset::Form;

constexpr Charset kConvertedByRule[] = {
    {"utf8mb4", Form::utf8, 4},  {"utf8mb3", Form::utf8, 3},    {"latin1", Form::latin1, 1},
    {"binary", Form::binary, 1}, {"ascii", Form::ascii, 1},     {"ucs2", Form::ucs2, 2},
    {"utf16", Form::utf16, 4},   {"utf16le", Form::utf16le, 4}, {"utf32", Form::utf32, 4},
};

std::uint8_t max_bytes(const CharsetTable& table) noexcept {
  if (!table.quads.empty()) return 4;
  if (table.triples != nullptr) return 3;
  return table.pairs != nullptr ? 2 : 1;
}

const std::vector<Charset>& all_charsets() {
  static const std::vector<Charset> all = [] {
    std::vector<Charset> list(std::begin(kConvertedByRule), std::end(kConvertedByRule));
    for (const CharsetTable& table : charset_tables())
      list.push_back({table.name, Form::table, max_bytes(table), &table});
    return list;
  }();
  return all;
}

struct Range {
  std::uint16_t first, last;
  std::string_view charset;
};

// Collation ids (information_schema.COLLATIONS of MySQL 9.7 and MariaDB 10.11).
constexpr Range kCollations[] = {
    {1, 1, "big5"},        {2, 2, "latin2"},      {3, 3, "dec8"},        {4, 4, "cp850"},
    {5, 5, "latin1"},      {6, 6, "hp8"},         {7, 7, "koi8r"},       {8, 8, "latin1"},
    {9, 9, "latin2"},      {10, 10, "swe7"},      {11, 11, "ascii"},     {12, 12, "ujis"},
    {13, 13, "sjis"},      {14, 14, "cp1251"},    {15, 15, "latin1"},    {16, 16, "hebrew"},
    {18, 18, "tis620"},    {19, 19, "euckr"},     {20, 20, "latin7"},    {21, 21, "latin2"},
    {22, 22, "koi8u"},     {23, 23, "cp1251"},    {24, 24, "gb2312"},    {25, 25, "greek"},
    {26, 26, "cp1250"},    {27, 27, "latin2"},    {28, 28, "gbk"},       {29, 29, "cp1257"},
    {30, 30, "latin5"},    {31, 31, "latin1"},    {32, 32, "armscii8"},  {33, 33, "utf8mb3"},
    {34, 34, "cp1250"},    {35, 35, "ucs2"},      {36, 36, "cp866"},     {37, 37, "keybcs2"},
    {38, 38, "macce"},     {39, 39, "macroman"},  {40, 40, "cp852"},     {41, 42, "latin7"},
    {43, 43, "macce"},     {44, 44, "cp1250"},    {45, 46, "utf8mb4"},   {47, 49, "latin1"},
    {50, 52, "cp1251"},    {53, 53, "macroman"},  {54, 55, "utf16"},     {56, 56, "utf16le"},
    {57, 57, "cp1256"},    {58, 59, "cp1257"},    {60, 61, "utf32"},     {62, 62, "utf16le"},
    {63, 63, "binary"},    {64, 64, "armscii8"},  {65, 65, "ascii"},     {66, 66, "cp1250"},
    {67, 67, "cp1256"},    {68, 68, "cp866"},     {69, 69, "dec8"},      {70, 70, "greek"},
    {71, 71, "hebrew"},    {72, 72, "hp8"},       {73, 73, "keybcs2"},   {74, 74, "koi8r"},
    {75, 75, "koi8u"},     {76, 76, "utf8mb3"},   {77, 77, "latin2"},    {78, 78, "latin5"},
    {79, 79, "latin7"},    {80, 80, "cp850"},     {81, 81, "cp852"},     {82, 82, "swe7"},
    {83, 83, "utf8mb3"},   {84, 84, "big5"},      {85, 85, "euckr"},     {86, 86, "gb2312"},
    {87, 87, "gbk"},       {88, 88, "sjis"},      {89, 89, "tis620"},    {90, 90, "ucs2"},
    {91, 91, "ujis"},      {92, 93, "geostd8"},   {94, 94, "latin1"},    {95, 96, "cp932"},
    {97, 98, "eucjpms"},   {99, 99, "cp1250"},    {101, 124, "utf16"},   {128, 151, "ucs2"},
    {159, 159, "ucs2"},    {160, 183, "utf32"},   {192, 215, "utf8mb3"}, {223, 223, "utf8mb3"},
    {224, 247, "utf8mb4"}, {248, 250, "gb18030"},
};
constexpr Range kMysqlCollations[] = {{255, 767, "utf8mb4"}};
constexpr Range kMariadbCollations[] = {
    {576, 607, "utf8mb3"},
    {608, 639, "utf8mb4"},
    {640, 671, "ucs2"},
    {672, 703, "utf16"},
    {736, 767, "utf32"},
    // From 2048: UCA 14, 256 per character set (MariaDB ctype-uca1400.h).
    {2048, 2303, "utf8mb3"},
    {2304, 2559, "utf8mb4"},
    {2560, 2815, "ucs2"},
    {2816, 3071, "utf16"},
    {3072, 3327, "utf32"},
};
constexpr std::uint64_t kNoPad = 1024;  // MariaDB: a collation's NOPAD variant is its id plus this

template <std::size_t N>
const Charset* find_in(const Range (&ranges)[N], std::uint64_t id) noexcept {
  for (const Range& range : ranges)
    if (range.first <= id && id <= range.last) return charset_of_name(range.charset);
  return nullptr;
}

void append_code_point(Bytes& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

bool is_surrogate(std::uint32_t c) noexcept { return c >= 0xd800 && c < 0xe000; }

// Bytes of the UTF-8 character at the front (RFC 3629), 0 where there is none.
std::size_t utf8_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    if (!follows(1) || !follows(2)) return 0;
    const std::uint32_t c = (first & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
    return c >= 0x800 && !is_surrogate(c) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    const std::uint32_t c = (first & 7) << 18 | (byte(1) & 63) << 12;
    return c >= 0x10000 && c < 0x110000 ? 4 : 0;
  }
  return 0;
}

std::size_t append_checked_utf8(Bytes& out, std::string_view text) {
  if (is_utf8(text)) {
    out += text;
    return 0;
  }
  std::size_t replaced = 0;
  while (!text.empty()) {
    const std::size_t size = utf8_character(text);
    if (size == 0) {
      append_code_point(out, 0xfffd);
      ++replaced;
      text.remove_prefix(1);
    } else {
      out += text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  return replaced;
}

std::size_t append_ascii(Bytes& out, std::string_view text) {
  std::size_t replaced = 0;
  for (const char c : text) {
    const bool ascii = static_cast<std::uint8_t>(c) < 0x80;
    out.push_back(ascii ? c : '?');
    replaced += ascii ? 0 : 1;
  }
  return replaced;
}

// MySQL's latin1 is Windows-1252, whose five holes stand for the control characters of that number.
std::size_t append_latin1(Bytes& out, std::string_view text) {
  constexpr std::array<std::uint16_t, 32> kWindows = {
      0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
      0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
      0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    append_code_point(out, byte >= 0x80 && byte < 0xa0 ? kWindows[byte - 0x80] : byte);
  }
  return 0;
}

// UTF-16 or UCS-2, either byte order. Unpaired surrogates and a last odd byte are not characters.
std::size_t append_wide(Bytes& out, std::string_view text, bool little, bool surrogates) {
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    const auto a = static_cast<std::uint8_t>(text[i]);
    const auto b = static_cast<std::uint8_t>(text[i + 1]);
    return little ? static_cast<std::uint32_t>(b << 8 | a) : static_cast<std::uint32_t>(a << 8 | b);
  };
  std::size_t replaced = 0;
  std::size_t i = 0;
  for (; i + 1 < text.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (is_surrogate(c)) {
      const std::uint32_t low = i + 3 < text.size() ? unit(i + 2) : 0;
      const bool pair = surrogates && c < 0xdc00 && low >= 0xdc00 && low < 0xe000;
      c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : '?';
      pair ? i += 2 : ++replaced;
    }
    append_code_point(out, c);
  }
  if (i < text.size()) {
    out.push_back('?');
    ++replaced;
  }
  return replaced;
}

std::size_t append_utf32(Bytes& out, std::string_view text) {
  std::size_t replaced = 0;
  ByteReader in(text);
  while (!in.empty()) {
    const bool whole = in.left() >= 4;
    const std::uint64_t c = whole ? in.be(4) : in.be(in.left());
    const bool character = whole && c < 0x110000 && !is_surrogate(static_cast<std::uint32_t>(c));
    append_code_point(out, character ? static_cast<std::uint32_t>(c) : '?');
    if (!character) ++replaced;
  }
  return replaced;
}

char16_t unit_at(std::u16string_view cells, std::size_t i) noexcept {
  return i < cells.size() ? cells[i] : u'\0';
}

// The character of a code that ends with `last`, 0 where the row has no such code.
char16_t unit_in(const CharsetRow* rows, std::uint8_t lead, std::uint8_t last) noexcept {
  if (rows == nullptr || lead < 0x80) return 0;
  const CharsetRow& row = rows[lead - 0x80];
  return last < row.first ? u'\0' : unit_at(row.cells, static_cast<std::size_t>(last - row.first));
}

struct Decoded {
  std::uint32_t character = '?';
  std::size_t size = 1;
  bool defined = false;
};

// GB 18030's codes of four bytes.
std::optional<Decoded> decode_quad(std::string_view text, std::span<const CharsetRun> runs) {
  constexpr std::uint8_t kFirst[] = {0x81, 0x30, 0x81, 0x30}, kLast[] = {0xfe, 0x39, 0xfe, 0x39};
  if (runs.empty() || text.size() < 4) return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < kFirst[i] || byte > kLast[i]) return std::nullopt;
    number = number * (kLast[i] - kFirst[i] + 1U) + byte - kFirst[i];
  }
  const auto behind = std::ranges::upper_bound(runs, number, {}, &CharsetRun::first);
  if (behind == runs.begin()) return Decoded{'?', 4, false};
  const CharsetRun& run = *std::prev(behind);
  const bool defined = number - run.first < run.count;
  return Decoded{defined ? run.to + number - run.first : '?', 4, defined};
}

// The first character of a text that is not empty.
Decoded decode_front(std::string_view text, const CharsetTable& table) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto found = [](char16_t unit, std::size_t size) {
    return Decoded{unit, size, unit != u'?'};
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    if (table.low.empty()) return {first, 1, true};
    return {table.low[first], 1, first == '?' || table.low[first] != u'?'};
  }
  if (const char16_t unit = unit_at(table.high, first - 0x80U)) return found(unit, 1);
  if (const char16_t unit = unit_in(table.pairs, first, byte(1))) return found(unit, 2);
  if (first == 0x8f)
    if (const char16_t unit = unit_in(table.triples, byte(1), byte(2))) return found(unit, 3);
  return decode_quad(text, table.quads).value_or(Decoded{});
}

std::size_t append_by_table(Bytes& out, std::string_view text, const CharsetTable& table) {
  std::size_t replaced = 0;
  while (!text.empty()) {
    const Decoded decoded = decode_front(text, table);
    append_code_point(out, decoded.character);
    replaced += decoded.defined ? 0 : 1;
    text.remove_prefix(decoded.size);
  }
  return replaced;
}

}  // namespace

const Charset* charset_of_name(std::string_view name) noexcept {
  if (name == "utf8") name = "utf8mb3";
  const std::vector<Charset>& all = all_charsets();
  const auto found = std::ranges::find(all, name, &Charset::name);
  return found == all.end() ? nullptr : &*found;
}

const Charset* charset_of_collation(std::uint64_t id, bool mariadb) noexcept {
  if (!mariadb) {
    const Charset* common = find_in(kCollations, id);
    return common != nullptr ? common : find_in(kMysqlCollations, id);
  }
  if (id >= kNoPad && id < 2 * kNoPad) id -= kNoPad;
  const Charset* common = find_in(kCollations, id);
  return common != nullptr ? common : find_in(kMariadbCollations, id);
}

std::size_t ascii_prefix(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & kHighBits) != 0) break;
  }
  while (i < text.size() && static_cast<std::uint8_t>(text[i]) < 0x80) ++i;
  return i;
}

bool is_utf8(std::string_view text) noexcept { return simdjson::validate_utf8(text); }

std::size_t append_utf8(Bytes& out, std::string_view text, const Charset& charset) {
  if (charset.ascii_based()) {
    // A leading byte of a double-byte character is never ASCII, so that the prefix ends before it.
    const std::size_t ascii = ascii_prefix(text);
    out += text.substr(0, ascii);
    text.remove_prefix(ascii);
    if (text.empty()) return 0;
  }
  switch (charset.form) {
    case Form::utf8: return append_checked_utf8(out, text);
    case Form::ascii: return append_ascii(out, text);
    case Form::latin1: return append_latin1(out, text);
    case Form::ucs2: return append_wide(out, text, false, false);
    case Form::utf16: return append_wide(out, text, false, true);
    case Form::utf16le: return append_wide(out, text, true, true);
    case Form::utf32: return append_utf32(out, text);
    case Form::table: return append_by_table(out, text, *charset.table);
    case Form::binary: break;
  }
  fail(ErrorKind::internal, "binary text was to be converted");
}

}  // namespace freshet
