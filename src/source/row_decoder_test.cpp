#include "source/row_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/compression.h"
#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

// p.t(id int primary key, v varchar(20) utf8mb4), MySQL 9.7 with MINIMAL metadata.
const char* const kMinimalMap =
    "6d0000000000 0100 01 7000 01 7400 02 030f 02 5000 02 010100 0203fcff00";

TableDefinition definition_of_t() {
  TableSchema schema;
  schema.name = {"p", "t"};
  schema.columns = {{.name = "id", .type = ColumnType::integer, .nullable = false},
                    {.name = "v", .type = ColumnType::varchar, .length = 20}};
  schema.key = {0};
  return {.schema = schema, .traits = {{}, {"utf8mb4"}}};
}

void decode_one(ByteReader& in, const RowsEvent& event, const RowPlan& plan, ChangeBatch& batch) {
  RowWriter rows(batch, event.op, plan.schema);
  decode_row(in, event, plan, rows);
}

std::vector<std::string> decode(EventType type, std::string_view body) {
  SchemaTracker tracker;
  tracker.know(definition_of_t());
  const TableMap map = parse_table_map(hex(kMinimalMap), false);
  const RowPlan plan = plan_rows(map, tracker.resolve(map, {"bin.000001", 4}));
  RowsEvent event = parse_rows_event(type, body);
  Bytes plain;
  if (is_compressed_rows_event(type)) event.rows = plain = inflate_event_part(event.rows);
  ChangeBatch batch;
  batch.begin_transaction({});
  ByteReader rows(event.rows);
  ByteReader skipped(event.rows);
  while (!rows.empty()) {
    decode_one(rows, event, plan, batch);
    skip_row(skipped, event, plan_skipping(map));
    EXPECT_EQ(rows.offset(), skipped.offset());
  }
  batch.end_transaction();
  return test::show_changes(batch, false);
}

using Lines = std::vector<std::string>;

TEST(RowDecoder, ReadsWhatServersWrite) {
  EXPECT_EQ(decode(EventType::write_rows, hex("6d0000000000 1100 0200 02 ff 00 07000000 0178")),
            Lines{"insert p.t (7, 'x')"});
  EXPECT_EQ(decode(EventType::write_rows_v1, hex("120000000000 0100 02 03 fc 07000000 0178")),
            Lines{"insert p.t (7, 'x')"});
  EXPECT_EQ(decode(EventType::update_rows,
                   hex("6d0000000000 0100 0200 02 ff ff 00 01000000 0161 00 01000000 027a7a")),
            Lines{"update p.t (1, 'a') -> (1, 'zz')"});
  EXPECT_EQ(decode(EventType::delete_rows_v1,
                   hex("120000000000 0100 02 03 fc 07000000 0178 fe 08000000")),
            (Lines{"delete p.t (7, 'x')", "delete p.t (8, NULL)"}));
}

TEST(RowDecoder, SkipsExtraData) {
  EXPECT_EQ(
      decode(EventType::write_rows, hex("6d0000000000 0100 0500 01 0100 02 ff 00 07000000 0178")),
      Lines{"insert p.t (7, 'x')"});
  EXPECT_EQ(
      decode(EventType::update_rows,
             hex("6d0000000000 0100 0700 01 0100 0100 02 ff ff 00 01000000 0161 00 02000000 0161")),
      Lines{"update p.t (1, 'a') -> (2, 'a')"});
  EXPECT_THROW(decode(EventType::write_rows, hex("6d0000000000 0100 0100 02 ff 00 07000000 0178")),
               Error);
}

TEST(RowDecoder, TellsAbsentFromNull) {
  // The null bitmap counts the columns present; padding bits mean nothing.
  EXPECT_EQ(decode(EventType::update_rows, hex("6d0000000000 0100 0200 02 fd fe fe 08000000 ff")),
            Lines{"update p.t (8, ~) -> (8, NULL)"});
  EXPECT_EQ(decode(EventType::update_rows,
                   hex("6d0000000000 0100 0200 02 fd fd fe 08000000 fe 09000000")),
            Lines{"update p.t (8, ~) -> (9, ~)"});
  EXPECT_EQ(decode(EventType::write_rows, hex("6d0000000000 0100 0200 02 fd fe 08000000")),
            Lines{"insert p.t (8, ~)"});
}

TEST(RowDecoder, CopiesWhatAnUpdateLeavesOut) {
  EXPECT_EQ(decode(EventType::update_rows,
                   hex("6d0000000000 0100 0200 02 ff fd fc 08000000 0161 fe 09000000")),
            Lines{"update p.t (8, 'a') -> (9, 'a')"});
}

// p.t(id int, j json, k json), the images of MySQL 9.7 with binlog_row_value_options=PARTIAL_JSON.
std::vector<std::string> decode_partial(std::string_view columns, std::string_view rows) {
  TableSchema schema;
  schema.name = {"p", "t"};
  schema.columns = {{.name = "id", .type = ColumnType::integer, .nullable = false},
                    {.name = "j", .type = ColumnType::json},
                    {.name = "k", .type = ColumnType::json}};
  schema.key = {0};
  SchemaTracker tracker;
  tracker.know({.schema = schema, .traits = {{}, {}, {}}});
  const Bytes body = test::table_map_body("\x03\xf5\xf5", "\x04\x04", hex("010100"), '\x06');
  const TableMap map = parse_table_map(body, false);
  const RowPlan plan = plan_rows(map, tracker.resolve(map, {"bin.000001", 4}));
  const Bytes event_body = hex("6d0000000000 0100 0200 03") + hex(columns) + hex(rows);
  const RowsEvent event = parse_rows_event(EventType::partial_update_rows, event_body);
  ChangeBatch batch;
  batch.begin_transaction({});
  ByteReader in(event.rows);
  ByteReader skipped(event.rows);
  while (!in.empty()) {
    decode_one(in, event, plan, batch);
    skip_row(skipped, event, plan_skipping(map));
    EXPECT_EQ(in.offset(), skipped.offset());
  }
  batch.end_transaction();
  return test::show_changes(batch, false);
}

TEST(RowDecoder, AppliesPartialJson) {
  const char* const kBefore = "00 01000000 0d000000 00 0100 0c00 0b000100 050100 61 02000000 0401";
  const auto row = [&](const std::string& after) { return std::string(kBefore) + after; };
  // json_set(j, '$.a', 2); k unchanged.
  EXPECT_EQ(
      decode_partial("ff ff", row("01 03 00 01000000 09000000 00 03 242e61 03 050200 00000000")),
      Lines{"update p.t (1, json {\"a\": 1}, json true) -> (1, json {\"a\": 2}, json true)"});
  // Only k is told, in full; the bitmap has a bit for j all the same.
  EXPECT_EQ(
      decode_partial("ff fd", row("01 00 00 01000000 02000000 0402")),
      Lines{"update p.t (1, json {\"a\": 1}, json true) -> (1, json {\"a\": 1}, json false)"});
  EXPECT_EQ(decode_partial("ff fd", row("00 02 01000000")),
            Lines{"update p.t (1, json {\"a\": 1}, json true) -> (1, json {\"a\": 1}, NULL)"});
  EXPECT_THROW(decode_partial("ff ff", row("02 00 01000000 00000000 00000000")), Error);
}

TEST(RowDecoder, RefusesPartialJsonWithoutTheValueBefore) {
  try {
    decode_partial("f9 fa", "00 01000000 01 01 00 09000000 00 03 242e61 03 050200");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_THAT(error.what(), testing::HasSubstr("p.t.j"));
  }
  // Unchanged is no diff.
  EXPECT_EQ(decode_partial("f9 fa", "00 01000000 01 01 00 00000000"),
            Lines{"update p.t (1, ~, ~) -> (1, ~, ~)"});
}

TEST(RowDecoder, InflatesMariadbRows) {
  Bytes rows = hex("120000000000 0100 02 03 81 9c 789cfbc3c8c0c0302d71500200b75d3a6a");
  const RowsEvent event = parse_rows_event(EventType::mariadb_write_rows_compressed_v1, rows);
  const Bytes plain = inflate_event_part(event.rows);
  EXPECT_EQ(plain.size(), 0x9cU);
  EXPECT_TRUE(plain.ends_with(std::string(150, 'a')));
  for (std::size_t size = 0; size < event.rows.size(); ++size)
    EXPECT_THROW(inflate_event_part(event.rows.substr(0, size)), Error);
  // A size that the stream cannot hold takes no memory.
  EXPECT_THROW(inflate_event_part(hex("84 3fffffff 789cfbc3")), Error);
}

TEST(RowDecoder, LeavesTheBatchAsItWasOnDamage) {
  const Bytes whole = hex("6d0000000000 0100 0200 02 ff ff 00 01000000 0161 00 01000000 027a7a");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == 13) continue;  // no row at all is no damage
    EXPECT_THROW(decode(EventType::update_rows, std::string_view(whole).substr(0, size)), Error)
        << size;
  }
  SchemaTracker tracker;
  tracker.know(definition_of_t());
  const TableMap map = parse_table_map(hex(kMinimalMap), false);
  const RowPlan plan = plan_rows(map, tracker.resolve(map, {}));
  ChangeBatch batch;
  batch.begin_transaction({});
  const std::size_t before = batch.bytes();
  const RowsEvent event =
      parse_rows_event(EventType::update_rows, std::string_view(whole).substr(0, whole.size() - 1));
  ByteReader in(event.rows);
  EXPECT_THROW(decode_one(in, event, plan, batch), Error);
  EXPECT_EQ(batch.bytes(), before);
  EXPECT_EQ(batch.rows(), 0U);
}

TEST(RowDecoder, RefusesRowsWithoutColumns) {
  EXPECT_THROW(decode(EventType::update_rows, hex("6d0000000000 0100 0200 02 fc fc 01")), Error);
  EXPECT_THROW(decode(EventType::write_rows, hex("6d0000000000 0100 0200 02 fc 01")), Error);
}

TEST(RowDecoder, RefusesColumnsThatTheMapLacks) {
  EXPECT_THROW(decode(EventType::write_rows, hex("6d0000000000 0100 0200 03 ff 00 07000000 0178")),
               Error);
}

}  // namespace
}  // namespace freshet
