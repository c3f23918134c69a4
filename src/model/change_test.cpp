#include "model/change.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

SchemaPtr users() {
  TableSchema schema;
  schema.name = {"shop", "users"};
  schema.columns = {{.name = "id", .type = ColumnType::integer, .nullable = false},
                    {.name = "kind", .type = ColumnType::enumeration, .labels = {"a", "b"}}};
  schema.key = {0};
  return std::make_shared<const TableSchema>(schema);
}

Bytes image_of(std::int64_t id) {
  Bytes image;
  put_value(image, Value::of_int(id));
  put_value(image, Value::null());
  return image;
}

const Transaction kTransaction{
    .gtid = "0-1-7", .file = "bin.000001", .offset = 256, .commit_micros = 42, .number = 9};

TEST(ChangeBatch, BlocksGiveBackWhatWasAppended) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  batch.begin_transaction(kTransaction);
  batch.add_row(Op::insert, schema, {}, image_of(1));
  batch.add_row(Op::update, schema, image_of(1), image_of(2));
  batch.add_row(Op::remove, schema, image_of(2), {});
  batch.end_transaction();
  batch.begin_transaction(kTransaction);
  batch.add_mark(Op::truncate, schema);
  batch.end_transaction();
  EXPECT_EQ(batch.rows(), 3U);
  EXPECT_EQ(batch.changes(), 4U);

  const Bytes block = batch.encode();
  ChangeCursor cursor(block, [&](std::uint64_t fingerprint) {
    EXPECT_EQ(fingerprint, schema->fingerprint());
    return schema;
  });
  auto change = cursor.next();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->op, Op::insert);
  EXPECT_EQ(*change->transaction, kTransaction);
  EXPECT_EQ(change->ordinal, 1U);
  EXPECT_EQ(change->after, image_of(1));
  EXPECT_TRUE(change->before.empty());
  change = cursor.next();
  EXPECT_EQ(change->before, image_of(1));
  EXPECT_EQ(change->after, image_of(2));
  EXPECT_FALSE(change->last_of_transaction);
  change = cursor.next();
  EXPECT_EQ(change->op, Op::remove);
  EXPECT_EQ(change->ordinal, 3U);
  EXPECT_TRUE(change->last_of_transaction);
  change = cursor.next();
  EXPECT_EQ(change->op, Op::truncate);
  EXPECT_EQ(change->ordinal, 0U);
  EXPECT_FALSE(cursor.next());
  EXPECT_FALSE(cursor.in_transaction());
}

TEST(ChangeBatch, AnOpenTransactionGoesOnInTheNextBlock) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  batch.begin_transaction(kTransaction, 10);
  batch.add_row(Op::insert, schema, {}, image_of(1));
  const Bytes first = batch.encode();
  batch.clear();
  EXPECT_TRUE(batch.empty());
  batch.add_row(Op::insert, schema, {}, image_of(2));
  batch.end_transaction();
  const Bytes second = batch.encode();

  const SchemaByFingerprint lookup = [&](std::uint64_t) { return schema; };
  ChangeCursor one(first, lookup);
  EXPECT_EQ(one.next()->ordinal, 11U);
  EXPECT_FALSE(one.next());
  EXPECT_TRUE(one.in_transaction());
  ChangeCursor two(second, lookup);
  EXPECT_EQ(two.next()->ordinal, 12U);
}

TEST(ChangeBatch, TheEndOfATransactionIsNeverLost) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  batch.begin_transaction(kTransaction);
  batch.add_row(Op::insert, schema, {}, image_of(1));
  batch.clear();
  batch.end_transaction();
  EXPECT_FALSE(batch.empty());
  const Bytes block = batch.encode();
  ChangeCursor cursor(block, [&](std::uint64_t) { return schema; });
  const auto change = cursor.next();
  ASSERT_TRUE(change);
  EXPECT_EQ(change->op, Op::commit);
  EXPECT_TRUE(change->last_of_transaction);
  EXPECT_FALSE(cursor.next());
  EXPECT_FALSE(cursor.in_transaction());
}

TEST(ChangeBatch, ABlockDecodesToTheBatchItCameFrom) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  batch.begin_transaction(kTransaction);
  batch.add_row(Op::load, schema, {}, image_of(1));
  batch.end_transaction();
  const ChangeBatch back =
      ChangeBatch::decode(batch.encode(), [&](std::uint64_t) { return schema; });
  EXPECT_EQ(back.rows(), 1U);
  EXPECT_EQ(back.encode(), batch.encode());
}

TEST(ChangeBatch, AMarkMayHaveASecondSchema) {
  const SchemaPtr schema = users();
  auto renamed = std::make_shared<TableSchema>(*schema);
  renamed->name.table = "people";
  const SchemaPtr other = renamed;
  ChangeBatch batch;
  batch.begin_transaction(kTransaction);
  EXPECT_THROW(batch.add_mark(Op::rename, schema), Error);
  EXPECT_THROW(batch.add_mark(Op::drop, schema, other), Error);
  batch.add_mark(Op::rename, schema, other);
  batch.add_mark(Op::drop, other);
  batch.end_transaction();
  const SchemaByFingerprint lookup = [&](std::uint64_t fingerprint) {
    return fingerprint == schema->fingerprint() ? schema : other;
  };
  const Bytes block = batch.encode();
  ChangeCursor cursor(block, lookup);
  const auto rename = cursor.next();
  ASSERT_TRUE(rename);
  EXPECT_EQ(rename->schema, schema);
  EXPECT_EQ(rename->other, other);
  const auto drop = cursor.next();
  ASSERT_TRUE(drop);
  EXPECT_EQ(drop->schema, other);
  EXPECT_EQ(drop->other, nullptr);
  EXPECT_TRUE(drop->last_of_transaction);
}

TEST(ChangeBatch, AnAbandonedRowLeavesNoTrace) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  batch.begin_transaction(kTransaction);
  const std::size_t before = batch.bytes();
  batch.open_row(Op::insert, schema);
  batch.next_image();
  batch.out() += "half a row";
  batch.abandon_row();
  EXPECT_EQ(batch.bytes(), before);
  EXPECT_EQ(batch.rows(), 0U);
}

TEST(RowWriter, WritesWhatAddRowDoes) {
  const SchemaPtr schema = users();
  ChangeBatch expected;
  ChangeBatch batch;
  for (ChangeBatch* each : {&expected, &batch}) each->begin_transaction(kTransaction);
  expected.add_row(Op::update, schema, image_of(1), image_of(2));
  expected.add_row(Op::update, schema, image_of(3), image_of(4));
  {
    RowWriter rows(batch, Op::update, schema);
    for (const int id : {1, 3}) {
      rows.begin_row();
      rows.cells().put_raw(image_of(id));
      rows.next_image();
      rows.cells().put_raw(image_of(id + 1));
      rows.end_row();
    }
    EXPECT_EQ(rows.bytes(), expected.bytes());
    rows.begin_row();
    rows.cells().put_raw("half a row");
  }
  EXPECT_EQ(batch.encode(), expected.encode());
  EXPECT_EQ(batch.rows(), 2U);
  EXPECT_EQ(batch.changes(), 2U);
}

TEST(RowWriter, NeedsATransaction) {
  ChangeBatch batch;
  EXPECT_THROW(RowWriter(batch, Op::insert, users()), Error);
}

TEST(ChangeBatch, WhatIsTakenGoesOnInTheNextBlock) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  ChangeBatch cleared;
  for (ChangeBatch* each : {&cleared, &batch}) {
    each->begin_transaction(kTransaction);
    each->add_row(Op::insert, schema, {}, image_of(1));
  }
  const ChangeBatch taken = batch.take("memory of another");
  EXPECT_EQ(taken.encode(), cleared.encode());
  EXPECT_EQ(taken.rows(), 1U);
  EXPECT_EQ(taken.changes(), 1U);
  cleared.clear();
  EXPECT_TRUE(batch.empty());
  for (ChangeBatch* each : {&cleared, &batch}) each->end_transaction();
  EXPECT_EQ(batch.encode(), cleared.encode());
  EXPECT_EQ(batch.changes(), 1U);
}

TEST(ChangeCursor, DamagedBlocksAreErrors) {
  const SchemaPtr schema = users();
  ChangeBatch batch;
  batch.begin_transaction(kTransaction);
  batch.add_row(Op::update, schema, image_of(1), image_of(2));
  const Bytes block = batch.encode();
  const SchemaByFingerprint lookup = [&](std::uint64_t) { return schema; };
  const auto walk = [&](std::string_view bytes) {
    ChangeCursor cursor(bytes, lookup);
    while (cursor.next()) {
    }
  };
  EXPECT_NO_THROW(walk(block));
  EXPECT_THROW(walk(std::string_view(block).substr(0, block.size() - 1)), Error);
  EXPECT_THROW(walk(""), Error);
  Bytes wrong = block;
  wrong[0] = 9;
  EXPECT_THROW(walk(wrong), Error);
}

TEST(TableSchema, SurvivesItsEncoding) {
  Bytes out;
  put_schema(out, *users());
  ByteReader in(out);
  EXPECT_EQ(read_schema(in), *users());
  TableSchema other = *users();
  other.columns[1].labels.push_back("c");
  EXPECT_NE(other.fingerprint(), users()->fingerprint());
}

// Doubles each image.
class Doubler final : public RowFilter {
 public:
  SchemaPtr schema(const SchemaPtr& schema) override { return schema == from ? to : schema; }
  void append(const SchemaPtr&, std::string_view image, Bytes& out) override {
    out.append(image).append(image);
  }
  SchemaPtr from, to;
};

TEST(ChangeBatch, RowsCanBeRewritten) {
  Doubler doubler;
  auto schema = std::make_shared<TableSchema>();
  schema->name = {"a", "b"};
  doubler.from = schema;
  auto other = std::make_shared<TableSchema>(*schema);
  other->name.table = "c";
  doubler.to = other;

  ChangeBatch batch;
  batch.begin_transaction({.gtid = "0-1-7", .file = "log.1", .offset = 4});
  batch.add_row(Op::update, schema, "xy", "z");
  batch.add_mark(Op::truncate, schema);
  batch.add_mark(Op::alter, schema, schema);
  batch.add_row(Op::remove, schema, "q", "");
  batch.rewrite_rows(doubler);  // amid the transaction
  batch.add_row(Op::insert, schema, "", "i");
  batch.end_transaction();
  ASSERT_EQ(batch.changes(), 5u);
  const Bytes block = batch.encode();
  ChangeCursor cursor(block, [&](std::uint64_t fingerprint) {
    return fingerprint == other->fingerprint() ? doubler.to : doubler.from;
  });
  std::string seen;
  while (const auto change = cursor.next())
    seen += fmt::format("{} {}{} {} {} {};", name_of(change->op), change->schema->name.table,
                        change->other ? change->other->name.table : "", change->before,
                        change->after, change->transaction->gtid);
  EXPECT_EQ(seen,
            "update c xyxy zz 0-1-7;truncate c   0-1-7;alter cc   0-1-7;delete c qq  0-1-7;"
            "insert b  i 0-1-7;");
}

}  // namespace
}  // namespace freshet
