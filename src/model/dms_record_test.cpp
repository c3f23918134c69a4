#include "model/dms_record.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace freshet {
namespace {

// 2019-10-31T22:53:59.721201Z
constexpr std::int64_t kStamp = 1'572'562'439'721'201;

const Transaction kTransaction{.gtid = "",
                               .file = "mysql-bin-changelog.002171",
                               .offset = 36'912'209,
                               .commit_micros = 1'572'562'435'000'000,
                               .number = 9'324'410'911'751};

SchemaPtr table(std::vector<Column> columns, std::vector<std::uint32_t> key) {
  TableSchema schema;
  schema.name = {"sbtest", "sbtest_x"};
  schema.columns = std::move(columns);
  schema.key = std::move(key);
  return std::make_shared<const TableSchema>(std::move(schema));
}

SchemaPtr users() {
  return table({{.name = "id", .type = ColumnType::integer, .nullable = false},
                {.name = "email", .type = ColumnType::varchar, .length = 100}},
               {0});
}

Bytes image(const std::vector<Value>& cells) {
  Bytes out;
  for (const Value& cell : cells) put_value(out, cell);
  return out;
}

Bytes user(std::int64_t id, std::string_view email) {
  return image({Value::of_int(id), Value::of(ValueKind::text, email)});
}

Change change_of(Op op, const SchemaPtr& schema, std::string_view before, std::string_view after) {
  return {.op = op,
          .transaction = &kTransaction,
          .schema = schema,
          .ordinal = is_row(op) ? 1U : 0U,
          .before = before,
          .after = after};
}

std::string rendered(const Change& change, const DmsOptions& options = {}) {
  Bytes out;
  DmsRenderer(options).render(change, kStamp, out);
  return out;
}

// What stands in "data" for one cell of a column.
std::string cell(const Column& column, const Value& value, const DmsOptions& options = {}) {
  const Bytes row = image({value});
  const std::string record = rendered(change_of(Op::insert, table({column}, {}), {}, row), options);
  constexpr std::string_view kStart = R"({"data":)";
  return record.substr(kStart.size(), record.find(R"(,"metadata")") - kStart.size());
}

TEST(DmsRecord, LoadWithDefaultSettings) {
  const Bytes row = user(1, "a@b.c");
  EXPECT_EQ(
      rendered(change_of(Op::load, users(), {}, row)),
      R"({"data":{"id":1,"email":"a@b.c"},"metadata":{"timestamp":"2019-10-31T22:53:59.721201Z",)"
      R"("record-type":"data","operation":"load","partition-key-type":"primary-key",)"
      R"("schema-name":"sbtest","table-name":"sbtest_x"}})"
      "\n");
}

TEST(DmsRecord, ChangesCarryTheTransactionId) {
  const Bytes row = user(1, "a@b.c");
  struct Case {
    Op op;
    std::string_view before;
    std::string_view after;
    const char* operation;
  };
  for (const Case& c : {Case{Op::insert, {}, row, "insert"}, Case{Op::update, row, row, "update"},
                        Case{Op::remove, row, {}, "delete"}})
    EXPECT_EQ(
        rendered(change_of(c.op, users(), c.before, c.after)),
        std::string(R"({"data":{"id":1,"email":"a@b.c"},"metadata":{)") +
            R"("timestamp":"2019-10-31T22:53:59.721201Z","record-type":"data","operation":")" +
            c.operation +
            R"(","partition-key-type":"schema-table","schema-name":"sbtest",)"
            R"("table-name":"sbtest_x","transaction-id":9324410911751}})"
            "\n");
}

TEST(DmsRecord, AllDetailsInTheOrderOfDms) {
  DmsOptions options;
  options.include_transaction_details = true;
  options.include_partition_value = true;
  options.partition_include_schema_table = true;
  options.partition_type = DmsPartitionType::primary_key;
  DmsRenderer renderer(options);
  Bytes row = user(100'000'161, "val61s");
  Change change = change_of(Op::insert, users(), {}, row);
  const Transaction before{.file = "mysql-bin-changelog.002171", .number = 9'324'410'910'341};
  Bytes out;
  change.transaction = &before;
  change.ordinal = 10;
  renderer.render(change, kStamp, out);
  EXPECT_EQ(out.find("prev-transaction"), std::string::npos) << "the first record has none before";
  out.clear();
  change.transaction = &kTransaction;
  change.ordinal = 1;
  renderer.render(change, kStamp, out);
  EXPECT_EQ(
      out,
      R"({"data":{"id":100000161,"email":"val61s"},"metadata":{)"
      R"("timestamp":"2019-10-31T22:53:59.721201Z","record-type":"data","operation":"insert",)"
      R"("partition-key-type":"primary-key","partition-key-value":"sbtest.sbtest_x.100000161",)"
      R"("schema-name":"sbtest","table-name":"sbtest_x","transaction-id":9324410911751,)"
      R"("transaction-record-id":1,"prev-transaction-id":9324410910341,)"
      R"("prev-transaction-record-id":10,"commit-timestamp":"2019-10-31T22:53:55.000000Z",)"
      R"("stream-position":"mysql-bin-changelog.002171:36912209:0:36912209:9324410911751:)"
      R"(mysql-bin-changelog.002171:36912209"}})"
      "\n");
}

TEST(DmsRecord, IndentedFormIsThatOfCjson) {
  DmsOptions options;
  options.message_format = DmsMessageFormat::json;
  const Bytes row = user(2'633'753, "a");
  EXPECT_EQ(
      rendered(change_of(Op::load, users(), {}, row), options),
      "{\n\t\"data\":\t{\n\t\t\"id\":\t2633753,\n\t\t\"email\":\t\"a\"\n\t},\n\t\"metadata\":\t{\n"
      "\t\t\"timestamp\":\t\"2019-10-31T22:53:59.721201Z\",\n\t\t\"record-type\":\t\"data\",\n"
      "\t\t\"operation\":\t\"load\",\n\t\t\"partition-key-type\":\t\"primary-key\",\n"
      "\t\t\"schema-name\":\t\"sbtest\",\n\t\t\"table-name\":\t\"sbtest_x\"\n\t}\n}");
}

TEST(DmsRecord, IndentedEmptyObjectAndArrayAreThoseOfCjson) {
  DmsOptions options;
  options.message_format = DmsMessageFormat::json;
  options.include_control_details = true;
  const Change truncate = change_of(Op::truncate, users(), {}, {});
  EXPECT_TRUE(
      rendered(truncate, options).starts_with("{\n\t\"control\":\t{\n\t},\n\t\"metadata\""));
  const SchemaPtr two = table({{.name = "a"}, {.name = "b"}}, {0, 1});
  const std::string begin = rendered(change_of(Op::snapshot_begin, two, {}, {}), options);
  EXPECT_NE(begin.find("\"primary-key\":\t[\"a\", \"b\"]"), std::string::npos) << begin;
}

TEST(DmsRecord, BeforeImage) {
  DmsOptions options;
  options.before_image_field = "before-image";
  const SchemaPtr schema = table({{.name = "id", .type = ColumnType::integer},
                                  {.name = "name", .type = ColumnType::varchar},
                                  {.name = "note", .type = ColumnType::longtext}},
                                 {0});
  const Bytes before =
      image({Value::of_int(46), Value::of(ValueKind::text, "a"), Value::of(ValueKind::text, "n")});
  const Bytes after =
      image({Value::of_int(47), Value::of(ValueKind::text, "b"), Value::of(ValueKind::text, "m")});
  struct Case {
    DmsBeforeImage filter;
    const char* text;
  };
  for (const Case& c : {Case{DmsBeforeImage::pk_only, R"({"id":46})"},
                        Case{DmsBeforeImage::non_lob, R"({"id":46,"name":"a"})"},
                        Case{DmsBeforeImage::all, R"({"id":46,"name":"a","note":"n"})"}}) {
    options.before_image_filter = c.filter;
    EXPECT_TRUE(rendered(change_of(Op::update, schema, before, after), options)
                    .starts_with(R"({"data":{"id":47,"name":"b","note":"m"},"before-image":)" +
                                 std::string(c.text) + R"(,"metadata":{)"));
    EXPECT_EQ(rendered(change_of(Op::insert, schema, {}, after), options).find("before-image"),
              std::string::npos);
  }
}

struct CellCase {
  const char* name;
  Column column;
  Value value;
  const char* data;  // with the setting
  DmsOptions options = {};
};

class DmsCell : public testing::TestWithParam<CellCase> {};

TEST_P(DmsCell, Renders) {
  const CellCase& c = GetParam();
  EXPECT_EQ(cell(c.column, c.value, c.options), c.data);
}

Column column(ColumnType type, std::uint8_t scale = 0) {
  return {.name = "c", .type = type, .scale = scale};
}
Value text(std::string_view s) { return Value::of(ValueKind::text, s); }
constexpr DmsOptions kKeepNulls{.include_null_and_empty = true};
constexpr DmsOptions kNoPrefix{.no_hex_prefix = true};
constexpr DmsOptions kScientific{.use_large_integer_value = false};
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

Value datetime(const CivilTime& t) { return Value::of_int(pack_datetime(t), ValueKind::datetime); }

INSTANTIATE_TEST_SUITE_P(
    EveryKind, DmsCell,
    testing::Values(
        CellCase{"integer", column(ColumnType::integer), Value::of_int(-7), R"({"c":-7})"},
        CellCase{"smallest", column(ColumnType::bigint), Value::of_int(kSmallest),
                 R"({"c":-9223372036854775808})"},
        CellCase{"largest", column(ColumnType::bigint), Value::of_uint(kLargest),
                 R"({"c":18446744073709551615})"},
        CellCase{"sixteen_digits", column(ColumnType::bigint), Value::of_int(9'999'999'999'999'999),
                 R"({"c":9999999999999999})", kScientific},
        CellCase{"seventeen_digits", column(ColumnType::bigint),
                 Value::of_int(-10'000'000'000'000'000), R"({"c":-1e+16})", kScientific},
        CellCase{"seventeen_odd_digits", column(ColumnType::bigint),
                 Value::of_uint(12'345'678'901'234'568), R"({"c":12345678901234568})", kScientific},
        CellCase{"smallest_scientific", column(ColumnType::bigint), Value::of_int(kSmallest),
                 R"({"c":-9.2233720368547758e+18})", kScientific},
        CellCase{"year", column(ColumnType::year), Value::of_int(2026), R"({"c":2026})"},
        CellCase{"bit", column(ColumnType::bit), Value::of_uint(1), R"({"c":1})"},
        CellCase{"decimal", column(ColumnType::decimal, 6),
                 Value::of(ValueKind::decimal, "46.570000"), R"({"c":46.570000})"},
        CellCase{"float", column(ColumnType::real32), Value::of_float(0.1F), R"({"c":0.1})"},
        CellCase{"double", column(ColumnType::real64), Value::of_double(1.0 / 3),
                 R"({"c":0.3333333333333333})"},
        CellCase{"big_double", column(ColumnType::real64), Value::of_double(1e300),
                 R"({"c":1e+300})"},
        CellCase{"date", column(ColumnType::date),
                 Value::of_int(pack_date(1959, 4, 5), ValueKind::date), R"({"c":"1959-04-05"})"},
        CellCase{"zero_date", column(ColumnType::date),
                 Value::of_int(pack_date(0, 0, 0), ValueKind::date), R"({})"},
        CellCase{"zero_date_kept", column(ColumnType::date),
                 Value::of_int(pack_date(0, 0, 0), ValueKind::date), R"({"c":null})", kKeepNulls},
        CellCase{"date_without_day", column(ColumnType::date),
                 Value::of_int(pack_date(2020, 5, 0), ValueKind::date), R"({"c":"2020-05-00"})"},
        CellCase{"time", column(ColumnType::time), Value::of_int(37'830'000'000, ValueKind::time),
                 R"({"c":"10:30:30"})"},
        CellCase{"datetime", column(ColumnType::datetime),
                 datetime({.year = 2018, .month = 5, .day = 8}), R"({"c":"2018-05-08T00:00:00Z"})"},
        CellCase{"datetime_fraction", column(ColumnType::datetime, 3),
                 datetime({2018, 5, 8, 23, 59, 58, 123'000}),
                 R"({"c":"2018-05-08T23:59:58.123Z"})"},
        CellCase{"zero_datetime", column(ColumnType::datetime), datetime({}), R"({})"},
        CellCase{"timestamp", column(ColumnType::timestamp, 6),
                 Value::of_int(1, ValueKind::timestamp), R"({"c":"1970-01-01T00:00:00.000001Z"})"},
        CellCase{"zero_timestamp", column(ColumnType::timestamp),
                 Value::of_int(kZeroTimestamp, ValueKind::timestamp), R"({"c":null})", kKeepNulls},
        CellCase{"text", column(ColumnType::varchar), text("Zoë"), R"({"c":"Zoë"})"},
        CellCase{"escapes", column(ColumnType::varchar), text("a\"b\\c\n\x01/"),
                 R"({"c":"a\"b\\c\n\u0001/"})"},
        CellCase{"empty", column(ColumnType::varchar), text(""), R"({})"},
        CellCase{"empty_kept", column(ColumnType::varchar), text(""), R"({"c":null})", kKeepNulls},
        CellCase{"null", column(ColumnType::varchar), Value::null(), R"({})"},
        CellCase{"null_kept", column(ColumnType::varchar), Value::null(), R"({"c":null})",
                 kKeepNulls},
        CellCase{"absent", column(ColumnType::varchar), Value::absent(), R"({})", kKeepNulls},
        CellCase{"json", column(ColumnType::json), Value::of(ValueKind::json, R"({"a": [1]})"),
                 R"({"c":"{\"a\": [1]}"})"},
        CellCase{"binary", column(ColumnType::varbinary),
                 Value::of(ValueKind::bytes, std::string_view("\x00\xfe\x1a", 3)),
                 R"({"c":"0x00fe1a"})"},
        CellCase{"binary_without_prefix", column(ColumnType::blob),
                 Value::of(ValueKind::bytes, "AZ"), R"({"c":"415a"})", kNoPrefix}),
    [](const testing::TestParamInfo<CellCase>& info) { return info.param.name; });

TEST(DmsRecord, CreateTableAtTheStartOfASnapshot) {
  const Change begin = change_of(Op::snapshot_begin, users(), {}, {});
  const std::string metadata =
      R"("metadata":{"timestamp":"2019-10-31T22:53:59.721201Z","record-type":"control",)"
      R"("operation":"create-table","partition-key-type":"task-id","schema-name":"sbtest",)"
      R"("table-name":"sbtest_x"}})"
      "\n";
  EXPECT_EQ(rendered(begin), "{" + metadata);
  EXPECT_EQ(rendered(begin, {.include_control_details = true}),
            R"({"control":{"table-def":{"columns":{"id":{"type":"INT32","nullable":false},)"
            R"("email":{"type":"WSTRING","length":100,"nullable":true}},"primary-key":["id"]}},)" +
                metadata);
}

TEST(DmsRecord, MarksAndTheirRecords) {
  struct Case {
    Op op;
    bool alter_operations;
    const char* operation;  // null: no record
  };
  for (const Case& c :
       {Case{Op::snapshot_end, true, nullptr}, Case{Op::schema, false, nullptr},
        Case{Op::schema, true, "change-columns"}, Case{Op::truncate, false, "truncate-table"},
        Case{Op::drop, false, "drop-table"}, Case{Op::create, false, nullptr},
        Case{Op::create, true, "create-table"}}) {
    const std::string record = rendered(change_of(c.op, users(), {}, {}),
                                        {.include_table_alter_operations = c.alter_operations});
    if (c.operation == nullptr)
      EXPECT_EQ(record, "");
    else
      EXPECT_NE(record.find(R"("operation":")" + std::string(c.operation) + '"'),
                std::string::npos);
  }
}

TEST(DmsRecord, StatementsOnColumns) {
  const Column id{.name = "id", .nullable = false};
  const Column text{.name = "t", .type = ColumnType::varchar, .length = 20};
  const Column wider{.name = "t", .type = ColumnType::varchar, .length = 200};
  const Column other{.name = "o"};
  const Column renamed{.name = "new", .type = ColumnType::varchar, .length = 20};
  struct Case {
    Op op;
    std::vector<Column> before, after;
    const char* operation;
    const char* columns;  // behind the table's definition
  };
  for (const Case& c : {
           Case{Op::alter, {id, text}, {other, id, text}, "add-column", R"(,"columns":["o"])"},
           Case{Op::alter, {id, text, other}, {id}, "drop-column", R"(,"columns":["t","o"])"},
           Case{Op::alter, {id, text}, {id, wider}, "column-type-change", R"(,"columns":["t"])"},
           Case{Op::alter, {id, text}, {id, wider, other}, "change-columns", ""},
           Case{Op::alter, {id, text}, {text, id}, "change-columns", ""},
           Case{Op::alter, {id, text}, {id, renamed}, "change-columns", ""},
           Case{Op::rename_columns,
                {id, text},
                {id, renamed},
                "rename-column",
                R"(,"columns":{"t":"new"})"},
       }) {
    Change change = change_of(c.op, table(c.after, {0}), {}, {});
    change.other = table(c.before, {0});
    EXPECT_EQ(rendered(change), "");
    const std::string record =
        rendered(change, {.include_table_alter_operations = true, .include_control_details = true});
    EXPECT_NE(record.find(R"("operation":")" + std::string(c.operation) + '"'), std::string::npos)
        << record;
    const std::string end = R"("primary-key":[")" + c.after[0].name + R"("]})" + c.columns + "},";
    EXPECT_NE(record.find(end), std::string::npos) << record;
  }
}

TEST(DmsRecord, ARenamedTableTellsItsNewName) {
  Change change = change_of(Op::rename, users(), {}, {});
  TableSchema renamed = *users();
  renamed.name = {"archive", "x_\"old"};
  change.other = std::make_shared<const TableSchema>(renamed);
  const std::string record = rendered(change, {.include_control_details = true});
  EXPECT_TRUE(record.starts_with(
      R"({"control":{"new-schema-name":"archive","new-table-name":"x_\"old"},"metadata":{)"))
      << record;
  EXPECT_NE(record.find(R"("operation":"rename-table")"), std::string::npos);
  EXPECT_NE(record.find(R"("table-name":"sbtest_x")"), std::string::npos);
}

TEST(DmsRecord, PartitionKeys) {
  const SchemaPtr keyed = users();
  const SchemaPtr two = table({{.name = "a"}, {.name = "b", .type = ColumnType::varchar}}, {1, 0});
  const SchemaPtr keyless = table({{.name = "a"}}, {});
  const Bytes row = user(1, "x");
  const Bytes old_row = user(2, "x");
  struct Case {
    Change change;
    DmsOptions options;
    const char* key;
  };
  const DmsOptions by_key{.partition_type = DmsPartitionType::primary_key};
  const DmsOptions spread{.partition_include_schema_table = true};
  for (const Case& c : {
           Case{change_of(Op::load, keyed, {}, row), {}, "1"},
           Case{change_of(Op::load, keyed, {}, row), spread, "sbtest.sbtest_x.1"},
           Case{change_of(Op::insert, keyed, {}, row), {}, "sbtest.sbtest_x"},
           Case{change_of(Op::update, keyed, old_row, row), by_key, "1"},
           Case{change_of(Op::remove, keyed, old_row, {}), by_key, "2"},
           Case{change_of(Op::insert, two, {}, row), by_key, "x.1"},
           Case{change_of(Op::load, keyless, {}, row), by_key, "sbtest.sbtest_x"},
           Case{change_of(Op::truncate, keyed, {}, {}), {}, "freshet.sbtest.sbtest_x"},
       })
    EXPECT_EQ(DmsRenderer(c.options).partition_key(c.change), c.key);
}

TEST(DmsRecord, ControlRecordsNameTheTaskAsPartition) {
  const DmsOptions options{.include_partition_value = true, .task_id = "T1"};
  const std::string record = rendered(change_of(Op::truncate, users(), {}, {}), options);
  EXPECT_NE(record.find(R"("partition-key-type":"task-id","partition-key-value":"T1")"),
            std::string::npos);
}

TEST(DmsRecord, RefusesAShortImage) {
  const Bytes row = user(1, "a@b.c");
  const Change change =
      change_of(Op::insert, users(), {}, std::string_view(row).substr(0, row.size() - 2));
  EXPECT_THROW(rendered(change), Error);
}

}  // namespace
}  // namespace freshet
