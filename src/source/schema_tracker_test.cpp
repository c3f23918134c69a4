#include "source/schema_tracker.h"

#include <gtest/gtest.h>

#include "source/table_map.h"
#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

const LogCoordinate kHere{"bin.000001", 400};
const TableName kT{"p", "t"};

// t(id int not null, j, u): what the log shows of MariaDB's JSON and UUID.
TableMap lossy_map() {
  return parse_table_map(
      test::table_map_body(hex("03 fc fe"), hex("04 fe10"),
                           hex("01 01 00 03 02 2d 3f 04 07 026964 016a 0175 08 01 00"), '\xfe'),
      true);
}

TableDefinition exact_definition() {
  TableSchema schema;
  schema.name = {"p", "t"};
  schema.columns = {{.name = "id", .type = ColumnType::integer, .nullable = false},
                    {.name = "j", .type = ColumnType::json},
                    {.name = "u", .type = ColumnType::uuid}};
  schema.key = {0};
  return {.schema = schema, .traits = {{}, {"utf8mb4"}, {}}};
}

TEST(SchemaTracker, TakesWhatTheLogLacksFromTheKnownSchema) {
  SchemaTracker tracker;
  tracker.know(exact_definition());
  const ResolvedTable table = tracker.resolve(lossy_map(), kHere);
  EXPECT_FALSE(table.changed);
  EXPECT_EQ(*table.schema, exact_definition().schema);
}

TEST(SchemaTracker, AsksTheServerForTablesItDoesNotKnow) {
  int asked = 0;
  SchemaTracker tracker({.definition = [&](const TableName&) -> std::optional<TableDefinition> {
    ++asked;
    return exact_definition();
  }});
  EXPECT_EQ(*tracker.resolve(lossy_map(), kHere).schema, exact_definition().schema);
  EXPECT_FALSE(tracker.resolve(lossy_map(), kHere).changed);
  EXPECT_EQ(asked, 1);
  tracker.altered(kT, {.doubt = "it is odd"}, kHere);
  EXPECT_FALSE(tracker.resolve(lossy_map(), kHere).changed);
  EXPECT_EQ(asked, 2);
}

TEST(SchemaTracker, TakesNothingFromAColumnOfAnotherKind) {
  SchemaTracker tracker;
  TableDefinition other = exact_definition();
  other.schema.columns[1].type = ColumnType::varchar;
  other.schema.columns[2].name = "w";
  tracker.know(other);
  const ResolvedTable table = tracker.resolve(lossy_map(), kHere);
  EXPECT_TRUE(table.changed);
  EXPECT_EQ(test::show_schema(*table.schema),
            "(id int not null, j longtext(4294967295), u binary(16); key id)");
}

TEST(SchemaTracker, FollowsRenames) {
  SchemaTracker tracker;
  TableDefinition old = exact_definition();
  old.schema.name = {"p", "old"};
  tracker.know(old);
  tracker.renamed({"p", "old"}, kT, kHere);
  EXPECT_EQ(tracker.known({"p", "old"}), nullptr);
  const ResolvedTable table = tracker.resolve(lossy_map(), kHere);
  EXPECT_EQ(*table.schema, exact_definition().schema);
  EXPECT_FALSE(table.changed);
  tracker.dropped(kT);
  EXPECT_TRUE(tracker.tables_of("p").empty());
}

// ---- logs without names

Statement statement_of(std::string_view sql) { return read_statement(sql, "p", {}); }

// p.t(INT NOT NULL, VARCHAR of 80 bytes), MySQL's MINIMAL: the sign and utf8mb4_0900_ai_ci.
TableMap bare_map(std::string_view meta = "50 00") {
  return parse_table_map(
      test::table_map_body(hex("03 0f"), hex(meta), hex("01 01 00 02 03 fc ff 00"), '\xfe'), false);
}

// The server's answer, and whether a later statement makes it worthless.
struct Server {
  std::string create;
  std::optional<LogCoordinate> touched;
  int asked = 0;

  SchemaLookup lookup() {
    return {.definition = [this](const TableName&) -> std::optional<TableDefinition> {
              ++asked;
              if (create.empty()) return std::nullopt;
              TableDefinition empty;
              empty.schema.name = kT;
              return apply_edit(empty, statement_of(create).actions.at(0).edit, "utf8mb4").value();
            },
            .touched =
                [this](const TableName&, const LogCoordinate& from) {
                  EXPECT_EQ(from, kHere);
                  return touched;
                }};
  }
};

void run(SchemaTracker& tracker, std::string_view sql) {
  for (const Statement::Action& action : statement_of(sql).actions) {
    using Kind = Statement::Action::Kind;
    if (action.kind == Kind::create)
      tracker.created(action.table, action.edit, action.if_not_exists, {"bin.000001", 100});
    if (action.kind == Kind::alter) tracker.altered(action.table, action.edit, {"bin.000001", 200});
    if (action.kind == Kind::rename) tracker.renamed(action.table, action.to, {"bin.000001", 300});
    if (action.kind == Kind::drop) tracker.dropped(action.table);
  }
}

// The schema that the statements give for the event; or the refusal's first words.
std::string resolved(Server& server, std::initializer_list<std::string_view> statements,
                     const TableMap& map = bare_map()) {
  SchemaTracker tracker(server.lookup());
  tracker.know_database("p", "utf8mb4");
  for (const std::string_view sql : statements) run(tracker, sql);
  try {
    return test::show_schema(*tracker.resolve(map, kHere).schema);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    const std::string text = error.what();
    EXPECT_NE(text.find("p.t"), std::string::npos) << text;
    EXPECT_NE(text.find("bin.000001:400"), std::string::npos) << text;
    EXPECT_NE(text.find("source.tables"), std::string::npos) << text;
    return "refused";
  }
}

constexpr std::string_view kCreate = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))";

TEST(SchemaTracker, FollowsStatements) {
  Server server;
  EXPECT_EQ(resolved(server, {kCreate}), "(id int not null, v varchar(20); key id)");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t RENAME COLUMN v TO w"}),
            "(id int not null, w varchar(20); key id)");
  EXPECT_EQ(resolved(server, {kCreate, "RENAME TABLE t TO x", "CREATE TABLE t LIKE x"}),
            "(id int not null, v varchar(20); key id)");
  EXPECT_EQ(resolved(server, {kCreate, "CREATE TABLE u (id INT PRIMARY KEY, w VARCHAR(20))",
                              "RENAME TABLE t TO _t_del, u TO t"}),
            "(id int not null, w varchar(20); key id)");
  EXPECT_EQ(server.asked, 0);
}

TEST(SchemaTracker, RefusesWhatItCannotKnow) {
  Server server;
  EXPECT_EQ(resolved(server, {}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t ADD w FROB"}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t DROP v"}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t MODIFY v VARCHAR(21)"}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t MODIFY v VARCHAR(20) NOT NULL"}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t MODIFY id INT UNSIGNED"}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t MODIFY v VARCHAR(80) CHARSET latin1"}),
            "refused");
  EXPECT_EQ(resolved(server, {kCreate, "DROP TABLE t"}), "refused");
  EXPECT_EQ(resolved(server, {"CREATE TABLE t LIKE other.u"}), "refused");
}

TEST(SchemaTracker, BelievesTheServerOnlyWhereItIsSure) {
  Server server;
  server.create = "CREATE TABLE t (id INT PRIMARY KEY, now VARCHAR(20))";
  const std::string now = "(id int not null, now varchar(20); key id)";
  EXPECT_EQ(resolved(server, {}), now);
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t ADD w FROB"}), now);
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t MODIFY v VARCHAR(21)"}), now);
  // Equal columns elsewhere do not make it sure: a statement of the log still counts.
  EXPECT_EQ(resolved(server, {kCreate}), "(id int not null, v varchar(20); key id)");
  server.touched = LogCoordinate{"bin.000001", 900};
  EXPECT_EQ(resolved(server, {}), "refused");
  EXPECT_EQ(resolved(server, {kCreate, "ALTER TABLE t ADD w FROB"}), "refused");
  server.touched.reset();
  server.create = "CREATE TABLE t (id INT PRIMARY KEY, now VARCHAR(21))";
  EXPECT_EQ(resolved(server, {}), "refused");
}

TEST(SchemaTracker, TakesWhatOnlyTheLogTells) {
  Server server;
  const TableMap map =
      parse_table_map(test::table_map_body(hex("11"), hex("00"), {}, '\x01'), false);
  EXPECT_EQ(resolved(server, {"CREATE TABLE t (at TIMESTAMP)"}, map), "(at timestamp; key)");
}

TEST(SchemaTracker, GoesOnAfterARestart) {
  SchemaTracker before;
  before.know_database("p", "utf8mb4");
  run(before, kCreate);
  run(before, "CREATE TABLE odd (a FROB)");
  SchemaTracker after;
  for (const auto& [key, content] : before.take_changes()) after.restore(key, content);
  EXPECT_TRUE(before.take_changes().empty());
  EXPECT_TRUE(after.is_certain(kT));
  EXPECT_FALSE(after.is_certain({"p", "odd"}));
  EXPECT_TRUE(after.exists({"p", "odd"}));
  EXPECT_TRUE(after.knows_database("p"));
  EXPECT_EQ(*after.definition(kT), *before.definition(kT));
  run(before, "DROP TABLE t");
  const auto changes = before.take_changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_TRUE(changes[0].second.empty());
  EXPECT_THROW(after.restore("x", "1"), Error);
}

}  // namespace
}  // namespace freshet
