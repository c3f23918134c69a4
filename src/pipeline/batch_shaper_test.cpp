#include "pipeline/batch_shaper.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

SchemaPtr orders() {
  auto schema = std::make_shared<TableSchema>();
  schema->name = {"shop", "orders"};
  schema->columns = {{.name = "id", .type = ColumnType::integer},
                     {.name = "status", .type = ColumnType::varchar, .length = 30},
                     {.name = "total", .type = ColumnType::decimal, .length = 10, .scale = 2},
                     {.name = "note", .type = ColumnType::text}};
  schema->key = {0};
  return schema;
}

Bytes image(std::int64_t id, std::string_view status, std::string_view total) {
  Bytes bytes;
  put_value(bytes, Value::of_int(id));
  put_value(bytes, Value::of(ValueKind::text, status));
  put_value(bytes, Value::of(ValueKind::decimal, total));
  put_value(bytes, Value::of(ValueKind::text, "note"));
  return bytes;
}

std::string text_of(std::string_view row) {
  std::string text;
  for (ByteReader in(row); !in.empty();) {
    const Value value = read_value(in);
    text += text.empty() ? "" : "|";
    if (value.is_null())
      text += "-";
    else if (value.kind == ValueKind::int64)
      text += std::to_string(value.integer);
    else if (value.kind == ValueKind::uint64)
      text += std::to_string(value.natural) + "u";
    else if (value.kind == ValueKind::date)
      text += format_date(value.integer);
    else if (value.kind == ValueKind::datetime)
      text += format_datetime(value.integer, 6);
    else
      text += value.text;
  }
  return text;
}

// "update 1|a -> 1|b #2", a line a change; "." ends a transaction.
std::vector<std::string> told(const ChangeBatch& batch) {
  std::vector<std::string> lines;
  const Bytes block = batch.encode();
  ChangeCursor cursor(block, [&](std::uint64_t fingerprint) {
    for (const SchemaPtr& schema : batch.schemas())
      if (schema->fingerprint() == fingerprint) return schema;
    return SchemaPtr();
  });
  while (const auto change = cursor.next()) {
    std::string line(name_of(change->op));
    if (!change->before.empty()) line += " " + text_of(change->before);
    if (change->op == Op::update) line += " ->";
    if (!change->after.empty()) line += " " + text_of(change->after);
    if (is_row(change->op)) line += fmt::format(" #{}", change->ordinal);
    lines.push_back(line + (change->last_of_transaction ? "." : ""));
  }
  return lines;
}

TableMapping only_open() {
  TableMapping mapping;
  mapping.rows.push_back(
      {"source.rows", TablePattern::glob("shop.orders"), "status <> 'draft' AND total >= 1.5"});
  mapping.shape.push_back({.origin = "source.columns",
                           .target = ShapeRule::Target::column,
                           .action = ShapeRule::Action::remove_column,
                           .tables = TablePattern::glob("shop.*"),
                           .column = NamePattern::glob("note")});
  return mapping;
}

TEST(BatchShaper, RowsThatMoveThroughTheFilter) {
  const TableMapping mapping = only_open();
  BatchShaper shaper(mapping);
  const SchemaPtr schema = orders();
  ChangeBatch batch;
  batch.begin_transaction({.gtid = {}, .file = "log.1", .offset = 7});
  batch.add_row(Op::insert, schema, {}, image(1, "draft", "9.00"));
  batch.add_row(Op::insert, schema, {}, image(2, "open", "9.00"));
  batch.add_row(Op::update, schema, image(1, "draft", "9.00"), image(1, "open", "9.00"));
  batch.add_row(Op::update, schema, image(2, "open", "9.00"), image(2, "open", "1.00"));
  batch.add_row(Op::update, schema, image(1, "open", "9.00"), image(1, "paid", "9.00"));
  batch.add_row(Op::remove, schema, image(2, "open", "1.00"), {});
  batch.add_row(Op::remove, schema, image(1, "paid", "9.00"), {});
  batch.end_transaction();
  const ChangeBatch& shaped = shaper.shape(batch);
  EXPECT_EQ(told(shaped),
            (std::vector<std::string>{
                "insert 2|open|9.00 #2", "insert 1|open|9.00 #3", "delete 2|open|9.00 #4",
                "update 1|open|9.00 -> 1|paid|9.00 #5", "delete 1|paid|9.00 #6."}));
  EXPECT_EQ(shaper.left_out(), 2U);
  EXPECT_EQ(shaper.target_of(schema)->columns.size(), 3U);
}

TEST(BatchShaper, ATransactionOverSeveralBatchesEndsOnce) {
  const TableMapping mapping = only_open();
  BatchShaper shaper(mapping);
  const SchemaPtr schema = orders();
  ChangeBatch batch;
  batch.begin_transaction({.gtid = {}, .file = "log.1", .offset = 7});
  batch.add_row(Op::insert, schema, {}, image(1, "open", "9.00"));
  EXPECT_EQ(told(shaper.shape(batch)), std::vector<std::string>{"insert 1|open|9.00 #1"});
  batch.clear();
  batch.add_row(Op::insert, schema, {}, image(2, "draft", "9.00"));
  EXPECT_TRUE(shaper.shape(batch).empty());
  batch.clear();
  batch.end_transaction();
  EXPECT_EQ(told(shaper.shape(batch)), std::vector<std::string>{"commit."});
  batch.clear();
  batch.begin_transaction({.gtid = {}, .file = "log.1", .offset = 99});
  batch.add_row(Op::insert, schema, {}, image(3, "draft", "9.00"));
  batch.end_transaction();
  EXPECT_TRUE(shaper.shape(batch).empty());
  EXPECT_FALSE(shaper.shape(batch).in_transaction());
}

ShapeRule added(std::string name, std::string expression, Column type) {
  return {.origin = "rule 5",
          .target = ShapeRule::Target::column,
          .action = ShapeRule::Action::add_column,
          .tables = TablePattern::glob("shop.orders"),
          .value = std::move(name),
          .expression = std::move(expression),
          .type = std::move(type)};
}

struct Computed {
  std::string_view expression;
  Column type;
  std::string_view result;
};

class AddedColumn : public testing::TestWithParam<Computed> {};
TEST_P(AddedColumn, IsComputed) {
  TableMapping mapping;
  mapping.shape.push_back(added("x", std::string(GetParam().expression), GetParam().type));
  BatchShaper shaper(mapping);
  ChangeBatch batch;
  batch.begin_transaction({});
  batch.add_row(Op::load, orders(), {}, image(7, "Open", "12.50"));
  batch.end_transaction();
  EXPECT_EQ(told(shaper.shape(batch)), std::vector<std::string>{fmt::format(
                                           "load 7|Open|12.50|note|{} #1.", GetParam().result)});
}
const Column kText{.type = ColumnType::varchar, .length = 50};
const Column kNumber{.type = ColumnType::integer};
INSTANTIATE_TEST_SUITE_P(
    All, AddedColumn,
    testing::Values(
        Computed{"$STATUS||'-'||$id", kText, "Open-7"},
        Computed{"substr($status, 2, 2)", kText, "pe"}, Computed{"upper($status)", kText, "OPEN"},
        Computed{"replace(lower($status),'o','0')", kText, "0pen"},
        Computed{"CASE WHEN $total > 10 THEN 'big' ELSE 'small' END", kText, "big"},
        Computed{"coalesce(nullif($status,'Open'), 'none')", kText, "none"},
        Computed{"$id * 6", kNumber, "42"}, Computed{"max($id, 9)", kNumber, "9"},
        Computed{"min($id, NULL)", kNumber, "-"},
        Computed{"datetime('2026-01-02 03:04:05.678')", kText, "2026-01-02 03:04:05"},
        Computed{"strftime('%Y', '2026-01-02')", kText, "2026"},
        Computed{"hex('ab')", kText, "6162"},
        Computed{"1", {.type = ColumnType::bit, .length = 1}, "1u"},
        Computed{"'2026-01-02'", {.type = ColumnType::date}, "2026-01-02"},
        Computed{"'2026-01-02 03:04:05'",
                 {.type = ColumnType::datetime, .scale = 6},
                 "2026-01-02 03:04:05.000000"},
        Computed{"18446744073709551615",
                 {.type = ColumnType::bigint, .is_unsigned = true},
                 "18446744073709551615u"},
        Computed{"$total / 4", {.type = ColumnType::decimal, .length = 12, .scale = 3}, "3.125"},
        Computed{"$AR_M_SOURCE_SCHEMA||'.'||$AR_M_SOURCE_TABLE_NAME", kText, "shop.orders"}));

TEST(BatchShaper, AFailingExpressionTellsNoValue) {
  TableMapping mapping;
  mapping.shape.push_back(added("x", "$status", kNumber));
  BatchShaper shaper(mapping);
  ChangeBatch batch;
  batch.begin_transaction({});
  batch.add_row(Op::load, orders(), {}, image(7, "secretword", "12.50"));
  batch.end_transaction();
  try {
    (void)shaper.shape(batch);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_EQ(std::string(error.what()).find("secretword"), std::string::npos);
  }
}

TEST(BatchShaper, AnExpressionThatNeverFitsIsAConfigurationError) {
  TableMapping mapping;
  mapping.shape.push_back(added("x", "substr($status)", kText));
  BatchShaper shaper(mapping);
  try {
    (void)shaper.target_of(orders());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_NE(std::string(error.what()).find("rule 5: table shop.orders"), std::string::npos);
  }
}

TEST(BatchShaper, TwoTablesOfOneNameAreRefused) {
  TableMapping mapping;
  mapping.shape.push_back({.origin = "source.rename",
                           .target = ShapeRule::Target::schema,
                           .action = ShapeRule::Action::rename,
                           .tables = TablePattern::glob("*.orders"),
                           .value = "all"});
  BatchShaper shaper(mapping);
  (void)shaper.target_of(orders());
  auto other = std::make_shared<TableSchema>(*orders());
  other->name.database = "branch";
  EXPECT_THROW((void)shaper.target_of(other), Error);
}

TEST(BatchShaper, MarksKeepTheirPlaces) {
  const TableMapping mapping = only_open();
  BatchShaper shaper(mapping);
  const SchemaPtr schema = orders();
  ChangeBatch batch;
  batch.begin_transaction({});
  batch.add_mark(Op::snapshot_begin, schema);
  batch.end_transaction();
  batch.begin_transaction({});
  batch.add_row(Op::load, schema, {}, image(1, "draft", "2.00"));
  batch.add_row(Op::load, schema, {}, image(2, "open", "2.00"));
  batch.end_transaction();
  batch.begin_transaction({});
  batch.add_mark(Op::truncate, schema);
  batch.end_transaction();
  EXPECT_EQ(told(shaper.shape(batch)).size(), 3U);
  EXPECT_EQ(told(shaper.shape(batch))[1], "load 2|open|2.00 #2.");
}

}  // namespace
}  // namespace freshet
