#include "transform/row_identity.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "model/value.h"

namespace freshet {
namespace {

std::string counting(std::size_t n) {
  std::string bytes;
  for (std::size_t i = 0; i < n; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

RowId hash_of(std::string_view bytes) {
  SipHash128 hash({0x0706050403020100, 0x0f0e0d0c0b0a0908});
  hash.update(bytes);
  return hash.finish();
}

std::string hex_of(const RowId& id) {
  std::string hex;
  for (const std::uint64_t word : {id.low, id.high})
    for (int i = 0; i < 8; ++i) hex += fmt::format("{:02X}", word >> (8 * i) & 0xff);
  return hex;
}

// Vectors of the SipHash reference (vectors.h, 128-bit output): key 00..0f, input 00, 01, ...
TEST(SipHash128, ReferenceVectors) {
  EXPECT_EQ(hex_of(hash_of(counting(0))), "A3817F04BA25A8E66DF67214C7550293");
  EXPECT_EQ(hex_of(hash_of(counting(1))), "DA87C1D86B99AF44347659119B22FC45");
  EXPECT_EQ(hex_of(hash_of(counting(2))), "8177228DA4A45DC7FCA38BDEF60AFFE4");
}

TEST(SipHash128, PiecesAreTheSameAsTheWhole) {
  const std::string bytes = counting(61);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    SipHash128 hash({0x0706050403020100, 0x0f0e0d0c0b0a0908});
    hash.update(std::string_view(bytes).substr(0, cut));
    if (cut + 8 <= bytes.size()) {
      std::uint64_t word;
      std::memcpy(&word, bytes.data() + cut, 8);
      hash.update_word(word);
      hash.update(std::string_view(bytes).substr(cut + 8));
    } else {
      hash.update(std::string_view(bytes).substr(cut));
    }
    EXPECT_EQ(hash.finish(), hash_of(bytes)) << cut;
  }
}

Bytes image(std::initializer_list<Value> cells) {
  Bytes out;
  for (const Value& cell : cells) put_value(out, cell);
  return out;
}

TableSchema table(std::vector<std::uint32_t> key) {
  TableSchema schema;
  schema.name = {"shop", "t"};
  for (const char* name : {"a", "b", "c"}) schema.columns.push_back({.name = name});
  schema.key = std::move(key);
  return schema;
}

const std::string kKey(32, 'k');

TEST(RowIdentity, OnlyTheKeyCounts) {
  const RowIdentity identity(kKey);
  const TableSchema schema = table({2, 0});
  const Bytes one = image({Value::of_int(1), Value::of_int(2), Value::of(ValueKind::text, "x")});
  const Bytes two = image({Value::of_int(1), Value::absent(), Value::of(ValueKind::text, "x")});
  const Bytes three = image({Value::of_int(2), Value::of_int(2), Value::of(ValueKind::text, "x")});
  EXPECT_EQ(identity.row_id(schema, one), identity.row_id(schema, two));
  EXPECT_NE(identity.row_id(schema, one), identity.row_id(schema, three));
  EXPECT_NE(identity.row_id(schema, one), identity.row_id(table({0, 2}), one));
  EXPECT_NE(identity.row_id(schema, one), RowIdentity(std::string(32, 'q')).row_id(schema, one));
}

TEST(RowIdentity, SurvivesChangesOfTypeThatKeepTheValue) {
  const RowIdentity identity(kKey);
  TableSchema schema = table({0});
  schema.columns.resize(1);
  const auto id = [&](const Value& value) { return identity.row_id(schema, image({value})); };
  EXPECT_EQ(id(Value::of_int(7)), id(Value::of_uint(7)));
  EXPECT_NE(id(Value::of_int(-1)), id(Value::of_uint(~std::uint64_t{0})));
  EXPECT_EQ(id(Value::of(ValueKind::decimal, "12.50")),
            id(Value::of(ValueKind::decimal, "12.5000")));
  EXPECT_NE(id(Value::of(ValueKind::decimal, "12.50")), id(Value::of(ValueKind::decimal, "125.0")));
}

TEST(RowIdentity, WithoutKeyAllCellsCount) {
  const RowIdentity identity(kKey);
  const TableSchema schema = table({});
  const Value a = Value::of_int(1);
  EXPECT_NE(identity.row_id(schema, image({a, Value::null(), a})),
            identity.row_id(schema, image({a, a, Value::null()})));
  EXPECT_THROW((void)identity.row_id(schema, image({a, Value::absent(), a})), Error);
}

TEST(RowIdentity, RefusesAnAbsentKeyAndAShortSecret) {
  EXPECT_THROW((void)RowIdentity(kKey).row_id(
                   table({0}), image({Value::absent(), Value::null(), Value::null()})),
               Error);
  EXPECT_THROW(RowIdentity("short"), Error);
}

}  // namespace
}  // namespace freshet
