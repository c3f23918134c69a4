#include "transform/row_identity.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/error.h"
#include "model/value.h"
#include "transform/masked_rows.h"

namespace freshet {
namespace {

// Classes of values that are hashed alike. Part of the stored identity: never renumber.
enum class Class : std::uint64_t { null = 1, integer = 2, text = 3, decimal = 4, other = 16 };

// Zeros behind the point say nothing about the value: "12.50" and "12.5" are one key.
std::string_view trim_decimal(std::string_view digits) noexcept {
  if (digits.find('.') == digits.npos) return digits;
  while (digits.back() == '0') digits.remove_suffix(1);
  if (digits.back() == '.') digits.remove_suffix(1);
  return digits;
}

void hash_text(SipHash128& hash, Class kind, std::string_view text) noexcept {
  hash.update_word(static_cast<std::uint64_t>(kind));
  hash.update_word(text.size());
  hash.update(text);
}

void hash_word(SipHash128& hash, std::uint64_t kind, std::uint64_t word) noexcept {
  hash.update_word(kind);
  hash.update_word(word);
}

void hash_value(SipHash128& hash, const Value& value) noexcept {
  const auto plain = static_cast<std::uint64_t>(value.kind);
  const auto other = static_cast<std::uint64_t>(Class::other) + plain;
  switch (value.kind) {
    case ValueKind::absent:
    case ValueKind::null: return hash.update_word(static_cast<std::uint64_t>(Class::null));
    case ValueKind::int64:
    case ValueKind::uint64:  // beyond int64 the sign differs: told apart by the class
      return hash_word(hash,
                       value.kind == ValueKind::uint64 && value.integer < 0
                           ? other
                           : static_cast<std::uint64_t>(Class::integer),
                       value.natural);
    case ValueKind::float32:
      return hash_word(hash, other, std::bit_cast<std::uint32_t>(value.real32));
    case ValueKind::float64:
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::datetime:
    case ValueKind::timestamp: return hash_word(hash, other, value.natural);
    case ValueKind::decimal: return hash_text(hash, Class::decimal, trim_decimal(value.text));
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::json: return hash_text(hash, Class::text, value.text);
  }
}

[[noreturn]] void refuse_absent(const TableSchema& schema, std::size_t column) {
  fail(ErrorKind::unsupported,
       "{}.{} is absent from a row image, so its row cannot be told; on the source: SET GLOBAL "
       "binlog_row_image=FULL",
       schema.name.qualified(), schema.columns[column].name);
}

}  // namespace

SipHash128::Key SipHash128::key_for(std::string_view purpose, std::string_view secret) {
  if (secret.size() != 32)
    fail(ErrorKind::config, "the installation's key must have 32 bytes, not {}", secret.size());
  std::uint64_t words[4];
  std::memcpy(words, secret.data(), sizeof words);
  SipHash128 derive({words[0] ^ words[2], words[1] ^ words[3]});
  derive.update(purpose);
  derive.update(secret);
  const RowId derived = derive.finish();
  return {derived.low, derived.high};
}

SipHash128::SipHash128(const Key& key) noexcept
    : v0_(key.low ^ 0x736f6d6570736575),
      v1_(key.high ^ 0x646f72616e646f6d ^ 0xee),
      v2_(key.low ^ 0x6c7967656e657261),
      v3_(key.high ^ 0x7465646279746573) {}

void SipHash128::round() noexcept {
  v0_ += v1_;
  v1_ = std::rotl(v1_, 13) ^ v0_;
  v0_ = std::rotl(v0_, 32);
  v2_ += v3_;
  v3_ = std::rotl(v3_, 16) ^ v2_;
  v0_ += v3_;
  v3_ = std::rotl(v3_, 21) ^ v0_;
  v2_ += v1_;
  v1_ = std::rotl(v1_, 17) ^ v2_;
  v2_ = std::rotl(v2_, 32);
}

void SipHash128::compress(std::uint64_t word) noexcept {
  v3_ ^= word;
  round();
  round();
  v0_ ^= word;
}

void SipHash128::update_word(std::uint64_t word) noexcept {
  const auto used = length_ % 8;
  length_ += 8;
  if (used == 0) return compress(word);
  compress(tail_ | word << (8 * used));
  tail_ = word >> (64 - 8 * used);
}

void SipHash128::update(std::string_view bytes) noexcept {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    update_word(word);
  }
  for (; left > 0; ++at, --left) {
    tail_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(*at)) << (8 * (length_ % 8));
    if (++length_ % 8 == 0) {
      compress(tail_);
      tail_ = 0;
    }
  }
}

RowId SipHash128::finish() noexcept {
  compress(tail_ | length_ << 56);
  v2_ ^= 0xee;
  for (int i = 0; i < 4; ++i) round();
  const std::uint64_t low = v0_ ^ v1_ ^ v2_ ^ v3_;
  v1_ ^= 0xdd;
  for (int i = 0; i < 4; ++i) round();
  return {v0_ ^ v1_ ^ v2_ ^ v3_, low};
}

RowIdentity::RowIdentity(std::string_view key) : key_(SipHash128::key_for("freshet row id", key)) {}

RowId RowIdentity::row_id(const TableSchema& schema, std::string_view image) const {
  if (is_masked(schema)) return row_id_of_masked(image);
  SipHash128 hash(key_);
  ByteReader in(image);
  if (!schema.has_key()) {
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      const Value value = read_value(in);
      if (value.is_absent()) refuse_absent(schema, i);
      if (value.is_null()) continue;
      hash.update_word(i);
      hash_value(hash, value);
    }
    return hash.finish();
  }
  // Cells come in column order, the key may be in another: walk once per key column, from where
  // the last one ended if it lies behind. Keys are short and mostly in front.
  std::size_t column = 0;
  for (const std::uint32_t wanted : schema.key) {
    if (wanted < column) {
      in = ByteReader(image);
      column = 0;
    }
    Value value;
    for (; column <= wanted; ++column) value = read_value(in);
    if (value.is_absent()) refuse_absent(schema, wanted);
    hash_value(hash, value);
  }
  return hash.finish();
}

}  // namespace freshet
