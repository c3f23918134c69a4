#include "source/column_decoder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "source/compression.h"
#include "source/json_binary.h"

namespace freshet {

namespace {

constexpr std::array<std::int64_t, 7> kTen = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// ---- numbers

template <typename T>
void decode_int(ByteReader& in, const CellPlan&, CellWriter& out) {
  out.put_zigzag(ValueKind::int64, in.fixed<T>());
}

template <typename T>
void decode_uint(ByteReader& in, const CellPlan&, CellWriter& out) {
  out.put_varint(ValueKind::uint64, in.fixed<T>());
}

void decode_int24(ByteReader& in, const CellPlan&, CellWriter& out) {
  const auto raw = static_cast<std::int64_t>(in.le(3));
  out.put_zigzag(ValueKind::int64, raw >= 1 << 23 ? raw - (1 << 24) : raw);
}

void decode_uint24(ByteReader& in, const CellPlan&, CellWriter& out) {
  out.put_varint(ValueKind::uint64, in.le(3));
}

void decode_float(ByteReader& in, const CellPlan&, CellWriter& out) {
  out.put_fixed(ValueKind::float32, in.fixed<float>());
}

void decode_double(ByteReader& in, const CellPlan&, CellWriter& out) {
  out.put_fixed(ValueKind::float64, in.fixed<double>());
}

void decode_decimal(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  Bytes& digits = scratch_text();
  append_decimal(digits, in, plan.length, plan.scale);
  out.put_text(ValueKind::decimal, digits);
}

void decode_bit(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  out.put_varint(ValueKind::uint64, in.be(plan.width));
}

void decode_year(ByteReader& in, const CellPlan&, CellWriter& out) {
  const std::int64_t year = in.u8();
  out.put_zigzag(ValueKind::int64, year == 0 ? 0 : 1900 + year);
}

// ---- times

// The stored form, day 5 bits, month 4, year 14, is the packed form.
void decode_date(ByteReader& in, const CellPlan&, CellWriter& out) {
  out.put_varint(ValueKind::date, in.le(3));
}

// Fractions are stored in whole bytes: 1 for one or two digits, 2, 3.
constexpr std::size_t fraction_bytes(unsigned digits) noexcept { return (digits + 1) / 2; }

std::int64_t micros_of(std::uint64_t stored, unsigned digits) noexcept {
  return static_cast<std::int64_t>(stored) * kTen[6 - 2 * fraction_bytes(digits)];
}

void put_time(CellWriter& out, bool negative, std::int64_t seconds, std::int64_t micros) {
  const std::int64_t all = seconds * kMicrosPerSecond + micros;
  out.put_zigzag(ValueKind::time, negative ? -all : all);
}

// Integer part and fraction are one big-endian number with an offset: a negative time is negated as
// a whole (MySQL my_time_packed_from_binary).
void decode_time2(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  const std::size_t fraction = 8 * fraction_bytes(plan.scale);
  const auto stored = static_cast<std::int64_t>(in.be(plan.width));
  const std::int64_t value = stored - (std::int64_t{0x800000} << fraction);
  const auto size = static_cast<std::uint64_t>(value < 0 ? -value : value);
  const std::uint64_t parts = size >> fraction;
  const auto seconds = static_cast<std::int64_t>((parts >> 12 & 0x3ff) * 3600 +
                                                 (parts >> 6 & 63) * 60 + (parts & 63));
  put_time(out, value < 0, seconds,
           micros_of(size & ((std::uint64_t{1} << fraction) - 1), plan.scale));
}

// Five bytes big-endian hold the parts as pack_datetime() has them.
void decode_datetime2(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  constexpr std::int64_t kOffset = 0x80'0000'0000;
  const std::int64_t parts = static_cast<std::int64_t>(in.be(5)) - kOffset;
  const std::int64_t micros = micros_of(in.be(fraction_bytes(plan.scale)), plan.scale);
  out.put_fixed(ValueKind::datetime,
                static_cast<std::int64_t>(static_cast<std::uint64_t>(parts) << 24) | micros);
}

void put_timestamp(CellWriter& out, std::uint64_t seconds, std::int64_t micros) {
  const bool zero = seconds == 0 && micros == 0;
  out.put_fixed(
      ValueKind::timestamp,
      zero ? kZeroTimestamp : static_cast<std::int64_t>(seconds) * kMicrosPerSecond + micros);
}

void decode_timestamp2(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  const std::uint64_t seconds = in.be(4);
  put_timestamp(out, seconds, micros_of(in.be(fraction_bytes(plan.scale)), plan.scale));
}

// Before MySQL 5.6: decimal digits hhmmss.
void decode_old_time(ByteReader& in, const CellPlan&, CellWriter& out) {
  const auto raw = static_cast<std::int64_t>(in.le(3));
  const std::int64_t value = raw >= 1 << 23 ? raw - (1 << 24) : raw;
  const std::int64_t size = value < 0 ? -value : value;
  put_time(out, value < 0, size / 10000 * 3600 + size / 100 % 100 * 60 + size % 100, 0);
}

void decode_old_datetime(ByteReader& in, const CellPlan&, CellWriter& out) {
  const std::uint64_t digits = in.le(8);
  const auto part = [&](std::uint64_t unit, std::uint64_t size) {
    return static_cast<int>(digits / unit % size);
  };
  const CivilTime t{.year = part(10'000'000'000, 10'000),
                    .month = part(100'000'000, 100),
                    .day = part(1'000'000, 100),
                    .hour = part(10'000, 100),
                    .minute = part(100, 100),
                    .second = part(1, 100)};
  out.put_fixed(ValueKind::datetime, pack_datetime(t));
}

void decode_old_timestamp(ByteReader& in, const CellPlan&, CellWriter& out) {
  put_timestamp(out, in.le(4), 0);
}

// MariaDB's own fractional types of before 10.1 (sql/field.cc, Field_time_hires and its kin): one
// number in units of the last digit.
void decode_hires_time(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  constexpr std::int64_t kZeroSecond = 3'020'400;  // 839 hours: the offset of TIME 0
  const std::int64_t unit = kTen[plan.scale];
  const std::int64_t value = static_cast<std::int64_t>(in.be(plan.width)) - kZeroSecond * unit;
  out.put_zigzag(ValueKind::time, value * kTen[6 - plan.scale]);
}

void decode_hires_datetime(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  std::uint64_t rest = in.be(plan.width);
  const auto cut = [&](std::uint64_t size) {
    const std::uint64_t part = rest % size;
    rest /= size;
    return static_cast<int>(part);
  };
  CivilTime t;
  t.micros =
      static_cast<int>(cut(static_cast<std::uint64_t>(kTen[plan.scale])) * kTen[6 - plan.scale]);
  t.second = cut(60);
  t.minute = cut(60);
  t.hour = cut(24);
  t.day = cut(32);
  t.month = cut(13);
  t.year = static_cast<int>(rest);
  out.put_fixed(ValueKind::datetime, pack_datetime(t));
}

void decode_hires_timestamp(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  const std::uint64_t seconds = in.be(4);
  put_timestamp(out, seconds,
                static_cast<std::int64_t>(in.be(plan.width - 4)) * kTen[6 - plan.scale]);
}

// ---- texts and bytes

// A text that is not ASCII.
void put_foreign(CellWriter& out, ValueKind kind, std::string_view text, const Charset& charset) {
  if (charset.form == Charset::Form::utf8 && is_utf8(text)) return out.put_text(kind, text);
  thread_local Bytes converted;
  converted.clear();
  append_utf8(converted, text, charset);
  out.put_text(kind, converted);
}

std::string_view read_prefixed(ByteReader& in, const CellPlan& plan) {
  return in.take(read_length(in, plan.width));
}

void put_content(std::string_view content, const CellPlan& plan, CellWriter& out) {
  if (plan.charset == nullptr) return out.put_text(plan.kind, content);
  put_converted(out, plan.kind, content, *plan.charset);
}

void decode_bytes(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  out.put_text(ValueKind::bytes, read_prefixed(in, plan));
}

template <std::uint32_t width>
void decode_text(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  const std::size_t size = read_length(in, width);
  const std::size_t readable = in.left();
  const std::string_view text = in.take(size);
  if (plan.ascii_based && out.put_ascii(plan.kind, text, readable)) [[likely]]
    return;
  put_foreign(out, plan.kind, text, *plan.charset);
}

DecodeCell text_decoder(std::uint32_t width) {
  constexpr DecodeCell kDecoders[] = {decode_text<1>, decode_text<2>, decode_text<3>,
                                      decode_text<4>};
  return kDecoders[width - 1];
}

// BINARY(n), UUID and INET lose their trailing zero bytes in the log.
std::string_view read_padded(ByteReader& in, const CellPlan& plan) {
  const std::string_view stored = read_prefixed(in, plan);
  if (stored.size() > plan.length)
    fail(ErrorKind::corrupt, "a value of {} bytes stands in a column of {}", stored.size(),
         plan.length);
  if (stored.size() == plan.length) return stored;
  Bytes& padded = scratch_text();
  padded.assign(stored);
  padded.resize(plan.length, '\0');
  return padded;
}

void decode_binary(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  out.put_text(ValueKind::bytes, read_padded(in, plan));
}

void decode_uuid(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  constexpr char kHex[] = "0123456789abcdef";
  const std::string_view bytes = read_padded(in, plan);
  char text[36];
  char* at = text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kHex[static_cast<std::uint8_t>(bytes[i]) >> 4];
    *at++ = kHex[static_cast<std::uint8_t>(bytes[i]) & 15];
  }
  out.put_text(ValueKind::text, {text, sizeof text});
}

template <int family>
void decode_inet(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(family, read_padded(in, plan).data(), text, sizeof text);
  out.put_text(ValueKind::text, text);
}

void decode_json(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  Bytes& text = scratch_text();
  append_json(text, read_prefixed(in, plan));
  put_converted(out, ValueKind::json, text, *plan.charset);
}

// MariaDB's column compression: a head byte, then the text as it is or deflated.
void decode_compressed(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  const std::string_view stored = read_prefixed(in, plan);
  if (stored.empty()) return put_content(stored, plan, out);
  const auto head = static_cast<std::uint8_t>(stored[0]);
  if (head >> 4 == 0) return put_content(stored.substr(1), plan, out);
  constexpr std::uint8_t kZlib = 8, kRawDeflate = 0x08, kLengthBytes = 0x07;
  if (head >> 4 != kZlib)
    fail(ErrorKind::unsupported, "a compressed column uses method {}", head >> 4);
  ByteReader body(stored.substr(1));
  const std::uint64_t size = body.be(head & kLengthBytes);
  const Bytes content = inflate_zlib(body.rest(), size, (head & kRawDeflate) != 0);
  put_content(content, plan, out);
}

// ---- ENUM and SET

void decode_enum(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  const std::uint64_t index = in.le(plan.width);
  if (index > plan.labels->size())
    fail(ErrorKind::unsupported, "an ENUM has value {} of {}: the schema is not the one in force",
         index, plan.labels->size());
  // 0 stands for a value that the server did not accept; it reads as ''.
  out.put_text(ValueKind::text, index == 0 ? std::string_view{} : (*plan.labels)[index - 1]);
}

void decode_set(ByteReader& in, const CellPlan& plan, CellWriter& out) {
  std::uint64_t members = in.le(plan.width);
  Bytes& text = scratch_text();
  for (std::size_t i = 0; members != 0; ++i, members >>= 1) {
    if ((members & 1) == 0) continue;
    if (i >= plan.labels->size())
      fail(ErrorKind::unsupported, "a SET has member {} of {}: the schema is not the one in force",
           i + 1, plan.labels->size());
    if (!text.empty()) text += ',';
    text += (*plan.labels)[i];
  }
  out.put_text(ValueKind::text, text);
}

// ---- plans

std::uint32_t old_width(FieldType type, std::uint8_t scale) {
  constexpr std::uint8_t kTime[] = {3, 4, 4, 5, 5, 5, 6};
  constexpr std::uint8_t kDatetime[] = {8, 6, 6, 7, 7, 7, 8};
  constexpr std::uint8_t kTimestamp[] = {4, 5, 5, 6, 6, 7, 7};
  if (scale > 6) fail(ErrorKind::internal, "a time has {} fraction digits", scale);
  if (type == FieldType::time) return kTime[scale];
  return type == FieldType::datetime ? kDatetime[scale] : kTimestamp[scale];
}

CellPlan fixed(std::uint32_t width, DecodeCell decode = nullptr) {
  CellPlan plan;
  plan.width = width;
  plan.decode = decode;
  return plan;
}

CellPlan prefixed(std::uint32_t width) {
  CellPlan plan = fixed(width);
  plan.prefixed = true;
  return plan;
}

DecodeCell int_decoder(FieldType type, bool is_unsigned) {
  switch (type) {
    case FieldType::tiny: return is_unsigned ? decode_uint<std::uint8_t> : decode_int<std::int8_t>;
    case FieldType::short_:
      return is_unsigned ? decode_uint<std::uint16_t> : decode_int<std::int16_t>;
    case FieldType::int24: return is_unsigned ? decode_uint24 : decode_int24;
    case FieldType::long_:
      return is_unsigned ? decode_uint<std::uint32_t> : decode_int<std::int32_t>;
    default: return is_unsigned ? decode_uint<std::uint64_t> : decode_int<std::int64_t>;
  }
}

DecodeCell old_time_decoder(FieldType type, std::uint8_t scale) {
  if (type == FieldType::time) return scale == 0 ? decode_old_time : decode_hires_time;
  if (type == FieldType::datetime) return scale == 0 ? decode_old_datetime : decode_hires_datetime;
  return scale == 0 ? decode_old_timestamp : decode_hires_timestamp;
}

DecodeCell string_decoder(const Column& column, const CellPlan& plan) {
  switch (column.type) {
    case ColumnType::uuid: return decode_uuid;
    case ColumnType::inet4: return decode_inet<AF_INET>;
    case ColumnType::inet6: return decode_inet<AF_INET6>;
    default: return plan.charset == nullptr ? decode_binary : text_decoder(plan.width);
  }
}

DecodeCell decoder_of(const MappedColumn& mapped, const Column& column, const CellPlan& plan) {
  switch (mapped.type) {
    case FieldType::float_: return decode_float;
    case FieldType::double_: return decode_double;
    case FieldType::newdecimal: return decode_decimal;
    case FieldType::year: return decode_year;
    case FieldType::date: return decode_date;
    case FieldType::time2: return decode_time2;
    case FieldType::datetime2: return decode_datetime2;
    case FieldType::timestamp2: return decode_timestamp2;
    case FieldType::time:
    case FieldType::datetime:
    case FieldType::timestamp: return old_time_decoder(mapped.type, column.scale);
    case FieldType::bit: return decode_bit;
    case FieldType::enumeration: return decode_enum;
    case FieldType::set: return decode_set;
    case FieldType::json: return decode_json;
    case FieldType::geometry:
    case FieldType::vector: return decode_bytes;
    case FieldType::string: return string_decoder(column, plan);
    case FieldType::blob_compressed:
    case FieldType::varchar_compressed: return decode_compressed;
    case FieldType::blob:
    case FieldType::varchar:
    case FieldType::var_string:
      return plan.charset == nullptr ? decode_bytes : text_decoder(plan.width);
    default: return int_decoder(mapped.type, column.is_unsigned);
  }
}

}  // namespace

Bytes& scratch_text() noexcept {
  thread_local Bytes text;
  text.clear();
  return text;
}

void put_converted(CellWriter& out, ValueKind kind, std::string_view text, const Charset& charset) {
  if (charset.ascii_based() && out.put_ascii(kind, text, text.size())) return;
  put_foreign(out, kind, text, charset);
}

CellPlan plan_width(const MappedColumn& mapped, std::uint8_t scale) {
  switch (mapped.type) {
    case FieldType::tiny:
    case FieldType::year: return fixed(1);
    case FieldType::short_: return fixed(2);
    case FieldType::int24:
    case FieldType::date: return fixed(3);
    case FieldType::long_:
    case FieldType::float_: return fixed(4);
    case FieldType::longlong:
    case FieldType::double_: return fixed(8);
    case FieldType::newdecimal:
      return fixed(static_cast<std::uint32_t>(decimal_size(mapped.length, mapped.scale)));
    case FieldType::time2:
      return fixed(3 + static_cast<std::uint32_t>(fraction_bytes(mapped.scale)));
    case FieldType::datetime2:
      return fixed(5 + static_cast<std::uint32_t>(fraction_bytes(mapped.scale)));
    case FieldType::timestamp2:
      return fixed(4 + static_cast<std::uint32_t>(fraction_bytes(mapped.scale)));
    case FieldType::time:
    case FieldType::datetime:
    case FieldType::timestamp: return fixed(old_width(mapped.type, scale));
    case FieldType::bit: return fixed((mapped.length + 7) / 8);
    case FieldType::enumeration:
    case FieldType::set: return fixed(mapped.length);
    case FieldType::varchar:
    case FieldType::var_string:
    case FieldType::string:
    case FieldType::varchar_compressed: return prefixed(mapped.length <= 255 ? 1 : 2);
    case FieldType::json: {
      CellPlan plan = prefixed(mapped.length);
      plan.binary_json = true;
      return plan;
    }
    case FieldType::blob:
    case FieldType::blob_compressed:
    case FieldType::geometry:
    case FieldType::vector: return prefixed(mapped.length);
  }
  fail(ErrorKind::internal, "no width is known for column type {}", static_cast<int>(mapped.type));
}

CellPlan plan_cell(const MappedColumn& mapped, const Column& column, const Charset* charset) {
  static const Charset* const kUtf8 = charset_of_name("utf8mb4");
  CellPlan plan = plan_width(mapped, column.scale);
  const bool text = charset != nullptr && !charset->binary();
  plan.charset = text ? charset : nullptr;
  if (mapped.type == FieldType::json) plan.charset = kUtf8;
  plan.kind = column.type == ColumnType::json ? ValueKind::json
              : text                          ? ValueKind::text
                                              : ValueKind::bytes;
  plan.ascii_based = plan.charset != nullptr && plan.charset->ascii_based();
  plan.length = mapped.length;
  plan.scale = mapped.type == FieldType::newdecimal ? mapped.scale : column.scale;
  plan.labels = &column.labels;
  plan.decode = decoder_of(mapped, column, plan);
  return plan;
}

}  // namespace freshet
