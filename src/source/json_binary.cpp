#include "source/json_binary.h"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "model/value.h"

namespace freshet {

namespace {

// First byte of a value (MySQL sql-common/json_binary.cc).
enum Type : std::uint8_t {
  kSmallObject = 0,
  kLargeObject = 1,
  kSmallArray = 2,
  kLargeArray = 3,
  kLiteral = 4,
  kInt16 = 5,
  kUint16 = 6,
  kInt32 = 7,
  kUint32 = 8,
  kInt64 = 9,
  kUint64 = 10,
  kDouble = 11,
  kString = 12,
  kOpaque = 15,
};

// Field types that an opaque value may have.
enum Field : std::uint8_t {
  kTimestamp = 7,
  kDate = 10,
  kTime = 11,
  kDatetime = 12,
  kDecimal = 246
};

template <typename T>
void append_number(Bytes& out, T number) {
  char buffer[24];
  const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), number);
  out.append(buffer, end);
}

// Seven bits per byte, low group first.
std::string_view read_text(ByteReader& in) { return in.take(in.varint()); }

void append_literal(Bytes& out, std::uint64_t literal) {
  switch (literal) {
    case 0: out += "null"; return;
    case 1: out += "true"; return;
    case 2: out += "false"; return;
    default: fail(ErrorKind::corrupt, "a JSON document has literal {}", literal);
  }
}

// MySQL packs times in JSON as a signed word: 40 bits of parts, 24 of microseconds.
void append_temporal(Bytes& out, std::uint8_t field, ByteReader& in) {
  const auto packed = in.fixed<std::int64_t>();
  if (field == kTime) {
    const std::uint64_t size =
        packed < 0 ? 0 - static_cast<std::uint64_t>(packed) : static_cast<std::uint64_t>(packed);
    const std::uint64_t parts = size >> 24;
    const std::uint64_t seconds =
        (parts >> 12 & 0x3ff) * 3600 + (parts >> 6 & 63) * 60 + (parts & 63);
    const auto micros = static_cast<std::int64_t>(seconds * 1'000'000 + (size & 0xffffff));
    out += format_time(packed < 0 ? -micros : micros, 6);
    return;
  }
  if (packed < 0) fail(ErrorKind::corrupt, "a JSON document has a negative date");
  const CivilTime t = unpack_datetime(packed);
  out +=
      field == kDate ? format_date(pack_date(t.year, t.month, t.day)) : format_datetime(packed, 6);
}

// The server breaks base64 into lines, and the breaks, like all in a JSON string, are escaped.
void append_base64(Bytes& out, std::uint8_t field, std::string_view data) {
  constexpr std::size_t kLine = 76 / 4 * 3;  // bytes that fill one
  out += fmt::format("\"base64:type{}:", field);
  for (std::size_t at = 0; at < data.size(); at += kLine) {
    const std::string_view line = data.substr(at, kLine);
    unsigned char text[76 + 1];
    const int size = EVP_EncodeBlock(text, reinterpret_cast<const unsigned char*>(line.data()),
                                     static_cast<int>(line.size()));
    if (at > 0) out += "\\n";
    out.append(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  }
  out += '"';
}

struct Walk {
  Bytes& out;
  JsonBudget& budget;

  void pay(std::size_t bytes) { budget.pay(bytes); }
};

void append_opaque(Walk& walk, ByteReader& in) {
  Bytes& out = walk.out;
  const std::uint8_t field = in.u8();
  const std::string_view data = read_text(in);
  walk.pay(data.size());
  ByteReader value(data);
  switch (field) {
    case kDecimal: {
      const std::uint8_t precision = value.u8();
      const std::uint8_t scale = value.u8();
      append_decimal(out, value, precision, scale);
      return;
    }
    case kTimestamp:
    case kDate:
    case kTime:
    case kDatetime:
      out += '"';
      append_temporal(out, field, value);
      out += '"';
      return;
    default: append_base64(out, field, data);
  }
}

void append_value(Walk& walk, std::uint8_t type, std::string_view bytes, int depth);

// Objects and arrays. `bytes` begins at the count field, from which all offsets count.
class Container {
 public:
  Container(std::string_view bytes, bool large, bool object)
      : word_(large ? 4 : 2), object_(object) {
    ByteReader head(bytes);
    count_ = head.le(word_);
    const std::uint64_t size = head.le(word_);
    if (size > bytes.size())
      fail(ErrorKind::corrupt, "a JSON container of {} bytes has only {}", size, bytes.size());
    bytes_ = bytes.substr(0, size);
    keys_ = 2 * word_;
    values_ = keys_ + (object ? count_ * (word_ + 2) : 0);
    // One check for all entries: afterwards only what they point to can be wrong.
    if (count_ > size || values_ + count_ * (1 + word_) > size)
      fail(ErrorKind::corrupt, "a JSON container of {} bytes cannot have {} members", size, count_);
  }

  void append(Walk& walk, int depth) const {
    Bytes& out = walk.out;
    out += object_ ? '{' : '[';
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (i > 0) out += ", ";
      const BinaryJson::Member member = at_index(i);
      if (object_) {
        walk.pay(member.key.size());
        append_json_string(out, member.key);
        out += ": ";
      }
      append_value(walk, member.type, member.bytes, depth + 1);
    }
    out += object_ ? '}' : ']';
  }

  [[nodiscard]] std::vector<BinaryJson::Member> members() const {
    std::vector<BinaryJson::Member> all;
    all.reserve(count_);
    for (std::uint64_t i = 0; i < count_; ++i) all.push_back(at_index(i));
    return all;
  }

 private:
  [[nodiscard]] std::string_view at(std::uint64_t offset) const {
    if (offset > bytes_.size())
      fail(ErrorKind::corrupt, "a JSON offset {} leaves its container", offset);
    return bytes_.substr(offset);
  }

  [[nodiscard]] BinaryJson::Member at_index(std::uint64_t i) const {
    BinaryJson::Member member;
    if (object_) {
      ByteReader entry(at(keys_ + i * (word_ + 2)));
      const std::uint64_t offset = entry.le(word_);
      const std::uint64_t length = entry.le(2);
      member.key = ByteReader(at(offset)).take(length);
    }
    ByteReader entry(at(values_ + i * (1 + word_)));
    member.type = entry.u8();
    const bool wide = word_ == 4 && (member.type == kInt32 || member.type == kUint32);
    const bool in_place =
        member.type == kLiteral || member.type == kInt16 || member.type == kUint16 || wide;
    member.bytes = in_place ? entry.take(word_) : at(entry.le(word_));
    return member;
  }

  std::string_view bytes_;
  std::uint64_t count_ = 0;
  std::size_t word_;
  std::size_t keys_ = 0, values_ = 0;
  bool object_;
};

void append_value(Walk& walk, std::uint8_t type, std::string_view bytes, int depth) {
  if (depth > kMaxJsonDepth)
    fail(ErrorKind::corrupt, "a JSON document has more than {} levels", kMaxJsonDepth);
  walk.pay(1);
  ByteReader in(bytes);
  switch (type) {
    case kSmallObject: return Container(bytes, false, true).append(walk, depth);
    case kLargeObject: return Container(bytes, true, true).append(walk, depth);
    case kSmallArray: return Container(bytes, false, false).append(walk, depth);
    case kLargeArray: return Container(bytes, true, false).append(walk, depth);
    case kLiteral: return append_literal(walk.out, in.u8());
    case kInt16: return append_number(walk.out, in.fixed<std::int16_t>());
    case kUint16: return append_number(walk.out, in.fixed<std::uint16_t>());
    case kInt32: return append_number(walk.out, in.fixed<std::int32_t>());
    case kUint32: return append_number(walk.out, in.fixed<std::uint32_t>());
    case kInt64: return append_number(walk.out, in.fixed<std::int64_t>());
    case kUint64: return append_number(walk.out, in.fixed<std::uint64_t>());
    case kDouble: return append_json_double(walk.out, in.fixed<double>());
    case kString: {
      const std::string_view text = read_text(in);
      walk.pay(text.size());
      return append_json_string(walk.out, text);
    }
    case kOpaque: return append_opaque(walk, in);
    default: fail(ErrorKind::corrupt, "a JSON document has a value of unknown type {}", type);
  }
}

// Digits that a group of n decimal digits is stored in.
constexpr std::size_t kBytesOfDigits[10] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
constexpr unsigned kGroup = 9;
constexpr std::uint32_t kPowersOfTen[10] = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
constexpr unsigned kMaxPrecision = 65, kMaxScale = 38;
constexpr std::size_t kMostBytes = 32;  // of kMaxPrecision digits, however they are divided

// "00" to "99".
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Writes a group as exactly `digits` digits.
char* write_group(char* at, std::uint32_t group, unsigned digits) {
  unsigned left = digits;
  for (; left >= 2; left -= 2, group /= 100)
    std::memcpy(at + left - 2, &kPairs[2 * (group % 100)], 2);
  if (left == 1) at[0] = static_cast<char>('0' + group % 10);
  return at + digits;
}

// The groups of a DECIMAL as stored, from the first on.
class DecimalGroups {
 public:
  explicit DecimalGroups(std::string_view stored) noexcept
      // The first bit is the sign, set when positive; a negative number has all its bits inverted.
      : negative_((stored[0] & 0x80) == 0), inverted_(negative_ ? 0xffffffff : 0) {
    std::memcpy(bytes_.data(), stored.data(), stored.size());
    bytes_[0] ^= 0x80;
  }

  [[nodiscard]] bool negative() const noexcept { return negative_; }

  [[nodiscard]] std::uint32_t next(unsigned digits) {
    std::uint32_t four = 0;
    std::memcpy(&four, &bytes_[at_], sizeof(four));
    at_ += kBytesOfDigits[digits];
    const std::uint32_t group =
        (std::byteswap(four) ^ inverted_) >> (32 - 8 * kBytesOfDigits[digits]);
    if (group >= kPowersOfTen[digits])
      fail(ErrorKind::corrupt, "a DECIMAL has a group of more than {} digits", digits);
    return group;
  }

 private:
  std::array<char, kMostBytes + sizeof(std::uint32_t)> bytes_{};
  std::size_t at_ = 0;
  bool negative_;
  std::uint32_t inverted_;
};

}  // namespace

std::size_t decimal_size(unsigned precision, unsigned scale) noexcept {
  const unsigned whole = precision - scale;
  return whole / kGroup * 4 + kBytesOfDigits[whole % kGroup] + scale / kGroup * 4 +
         kBytesOfDigits[scale % kGroup];
}

void append_decimal(Bytes& out, ByteReader& in, unsigned precision, unsigned scale) {
  if (precision == 0 || precision > kMaxPrecision || scale > precision || scale > kMaxScale)
    fail(ErrorKind::corrupt, "DECIMAL({},{}) does not exist", precision, scale);
  const unsigned whole = precision - scale;
  DecimalGroups groups(in.take(decimal_size(precision, scale)));
  std::array<char, kMaxPrecision + 3> text;  // with sign, a zero and the point
  char* at = text.data();
  if (groups.negative()) *at++ = '-';
  const char* const start = at;
  const auto put_whole = [&](unsigned digits) {
    const std::uint32_t group = groups.next(digits);
    if (at != start)
      at = write_group(at, group, digits);
    else if (group != 0)
      at = std::to_chars(at, at + digits, group).ptr;
  };
  if (whole % kGroup != 0) put_whole(whole % kGroup);
  for (unsigned i = 0; i < whole / kGroup; ++i) put_whole(kGroup);
  if (at == start) *at++ = '0';
  if (scale > 0) *at++ = '.';
  for (unsigned i = 0; i < scale / kGroup; ++i) at = write_group(at, groups.next(kGroup), kGroup);
  if (scale % kGroup != 0) at = write_group(at, groups.next(scale % kGroup), scale % kGroup);
  out.append(text.data(), static_cast<std::size_t>(at - text.data()));
}

void append_json_double(Bytes& out, double number) {
  if (!std::isfinite(number))
    fail(ErrorKind::corrupt, "a JSON document has a number that is not finite");
  constexpr int kMaxPointForm = 15;  // DBL_DIG; MySQL strings/dtoa.cc, my_gcvt
  char buffer[32];
  const auto [end, error] =
      std::to_chars(std::begin(buffer), std::end(buffer), number, std::chars_format::scientific);
  std::string_view text(buffer, end);
  if (text.starts_with('-')) {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::string_view tail = text.substr(e + 1);
  if (tail.starts_with('+')) tail.remove_prefix(1);
  std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
  char digits[20];
  std::size_t count = 0;
  for (const char c : text.substr(0, e))
    if (c != '.') digits[count++] = c;
  const int point = exponent + 1;  // digits before the point

  if (point > kMaxPointForm || point < -kMaxPointForm + 1) {
    out += digits[0];
    if (count > 1) out.append(".").append(digits + 1, count - 1);
    out += 'e';
    append_number(out, exponent);
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits, count);
  } else if (static_cast<std::size_t>(point) >= count) {
    out.append(digits, count).append(static_cast<std::size_t>(point) - count, '0').append(".0");
  } else {
    const auto whole = static_cast<std::size_t>(point);
    out.append(digits, whole).append(".").append(digits + whole, count - whole);
  }
}

void append_json_string(Bytes& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<std::uint8_t>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    out += '\\';
    switch (c) {
      case '"':
      case '\\': out += static_cast<char>(c); break;
      case '\b': out += 'b'; break;
      case '\f': out += 'f'; break;
      case '\n': out += 'n'; break;
      case '\r': out += 'r'; break;
      case '\t': out += 't'; break;
      default: out.append("u00").append(1, kHex[c >> 4]).append(1, kHex[c & 15]);
    }
  }
  out.append(text.substr(plain));
  out += '"';
}

void append_json(Bytes& out, std::string_view document) {
  if (document.empty()) {
    out += "null";
    return;
  }
  JsonBudget budget(document.size());
  append_json_value(out, json_root(document), budget, 1);
}

void append_json_value(Bytes& out, const BinaryJson& value, JsonBudget& budget, int depth) {
  Walk walk{out, budget};
  append_value(walk, value.type, value.bytes, depth);
}

BinaryJson json_root(std::string_view document) {
  if (document.empty()) fail(ErrorKind::corrupt, "a JSON document has no bytes");
  return {static_cast<std::uint8_t>(document[0]), document.substr(1)};
}

bool BinaryJson::is_object() const noexcept { return type == kSmallObject || type == kLargeObject; }
bool BinaryJson::is_array() const noexcept { return type == kSmallArray || type == kLargeArray; }

std::vector<BinaryJson::Member> BinaryJson::members() const {
  if (!is_object() && !is_array())
    fail(ErrorKind::corrupt, "a JSON value of type {} has no members", type);
  return Container(bytes, type == kLargeObject || type == kLargeArray, is_object()).members();
}

}  // namespace freshet
