#include "pipeline/row_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json_text.h"

namespace freshet {

namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

enum class Class : std::uint64_t {
  null = 0,
  integer = 1,
  real = 2,
  decimal = 3,
  text = 4,
  bytes = 5
};

std::string_view trim_zeros(std::string_view digits) noexcept {
  if (!digits.contains('.')) return digits;
  while (digits.ends_with('0')) digits.remove_suffix(1);
  if (digits.ends_with('.')) digits.remove_suffix(1);
  return digits;
}

void hash_word(SipHash128& hash, Class kind, std::uint64_t word) noexcept {
  hash.update_word(static_cast<std::uint64_t>(kind));
  hash.update_word(word);
}

void hash_text(SipHash128& hash, Class kind, std::string_view text) noexcept {
  hash_word(hash, kind, text.size());
  hash.update(text);
}

// The kinds that cells of lake tables have (model/lake_schema.h).
void hash_cell(SipHash128& hash, const Value& value) {
  switch (value.kind) {
    case ValueKind::null: return hash.update_word(static_cast<std::uint64_t>(Class::null));
    case ValueKind::int64: return hash_word(hash, Class::integer, value.natural);
    case ValueKind::float32:
      return hash_word(hash, Class::real,
                       std::bit_cast<std::uint64_t>(static_cast<double>(value.real32)));
    case ValueKind::float64:
      return hash_word(hash, Class::real, std::bit_cast<std::uint64_t>(value.real));
    case ValueKind::decimal: return hash_text(hash, Class::decimal, trim_zeros(value.text));
    case ValueKind::text:
    case ValueKind::json: return hash_text(hash, Class::text, value.text);
    case ValueKind::bytes: return hash_text(hash, Class::bytes, value.text);
    default:
      fail(ErrorKind::internal, "a lake cell of kind {} cannot be compared",
           static_cast<int>(value.kind));
  }
}

std::string hex_text(std::string_view bytes) {
  std::string text = "0x";
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

}  // namespace

RowDigester::RowDigester(std::string_view secret, std::vector<std::string> key,
                         std::vector<std::string> ignored)
    : hash_key_(SipHash128::key_for("freshet row digest", secret)),
      key_(std::move(key)),
      ignored_(std::move(ignored)) {
  for (std::string& name : key_) name = lower_case(name);
  for (std::string& name : ignored_) name = lower_case(name);
}

void RowDigester::follow(const LakeRow& row) {
  if (known_ && version_ == row.version) return;
  places_.clear();
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    Place place{.name = lower_case(row.columns[i].name), .index = i};
    if (std::ranges::find(ignored_, place.name) != ignored_.end()) continue;
    SipHash128 hash(hash_key_);
    hash.update(place.name);
    place.name_hash = hash.finish().low;
    const auto [at, fresh] =
        numbers_.emplace(place.name, static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(row.columns[i].name);
    place.number = at->second;
    places_.push_back(std::move(place));
  }
  std::ranges::sort(places_, {}, &Place::name);
  key_places_.clear();
  for (const std::string& name : key_) {
    const auto at = std::ranges::find(places_, name, &Place::name);
    key_places_.push_back(at == places_.end() ? kNowhere : at->index);
  }
  version_ = row.version;
  known_ = true;
}

RowDigest RowDigester::digest(const LakeRow& row) {
  follow(row);
  SipHash128 all(hash_key_);
  for (const Place& place : places_) {
    if (row.cells[place.index].is_null()) continue;
    all.update_word(place.name_hash);
    hash_cell(all, row.cells[place.index]);
  }
  const RowId whole = all.finish();
  if (key_.empty()) return {.key = whole, .row = whole};
  SipHash128 key(hash_key_);
  for (const std::size_t place : key_places_)
    hash_cell(key, place == kNowhere ? Value::null() : row.cells[place]);
  return {.key = key.finish(), .row = whole};
}

std::vector<CellDigest> RowDigester::cells(const LakeRow& row) {
  follow(row);
  std::vector<CellDigest> digests;
  for (const Place& place : places_) {
    if (row.cells[place.index].is_null()) continue;
    SipHash128 hash(hash_key_);
    hash_cell(hash, row.cells[place.index]);
    digests.push_back({place.number, hash.finish().low});
  }
  std::ranges::sort(digests);
  return digests;
}

std::string RowDigester::key_text(const LakeRow& row) {
  follow(row);
  std::string text = "{";
  for (std::size_t i = 0; i < key_.size(); ++i) {
    const std::size_t place = key_places_[i];
    if (i > 0) text += ',';
    text += json_quote(place == kNowhere ? key_[i] : row.columns[place].name) + ':';
    text += place == kNowhere || row.cells[place].is_null()
                ? "null"
                : json_quote(cell_text(row.columns[place], row.cells[place]));
  }
  return text + "}";
}

std::string cell_text(const LakeColumn& column, const Value& value) {
  switch (value.kind) {
    case ValueKind::int64: break;
    case ValueKind::float32: return fmt::format("{}", value.real32);
    case ValueKind::float64: return fmt::format("{}", value.real);
    case ValueKind::bytes: return hex_text(value.text);
    default: return std::string(value.text);
  }
  switch (column.type) {
    case LakeType::boolean: return value.integer != 0 ? "true" : "false";
    case LakeType::date: {
      const CivilTime day = civil_from_micros(value.integer * kMicrosPerDay);
      return format_date(pack_date(day.year, day.month, day.day));
    }
    case LakeType::timestamp:
    case LakeType::timestamptz: return format_timestamp(value.integer, 6);
    default: return std::to_string(value.integer);
  }
}

}  // namespace freshet
