#include "source/table_definition.h"

#include <gtest/gtest.h>

#include "source/ddl.h"
#include "source/test_support.h"

namespace freshet {
namespace {

// "a int not null, t text latin1; key a" after the statements, run in order on nothing in a
// database whose character set is utf8mb4; or "?" and the reason for doubt.
std::string table_after(std::initializer_list<std::string_view> statements, bool mariadb = false,
                        std::uint64_t mode = 0) {
  TableDefinition table;
  table.schema.name = {"d", "t"};
  for (const std::string_view sql : statements) {
    const Statement statement =
        read_statement(sql, "d", {mode, mariadb, mariadb ? 101119U : 90704U});
    if (statement.actions.empty()) return "? no action: " + std::string(sql);
    auto after = apply_edit(table, statement.actions[0].edit, "utf8mb4");
    if (!after) return "? " + after.error();
    table = *std::move(after);
  }
  std::string text;
  for (std::size_t i = 0; i < table.schema.columns.size(); ++i) {
    const Column& column = table.schema.columns[i];
    if (i > 0) text += ", ";
    text += column.name + " " + std::string(name_of(column.type));
    if (column.length > 0 && column.type != ColumnType::text)
      text += fmt::format("({})", column.length);
    if (column.scale > 0) text += fmt::format(".{}", column.scale);
    if (column.is_unsigned) text += " unsigned";
    if (table.traits[i].nullable_untold)
      text += " null?";
    else if (!column.nullable)
      text += " not null";
    for (const std::string& label : column.labels) text += " '" + label + "'";
    if (!table.traits[i].charset.empty() && table.traits[i].charset != "utf8mb4")
      text += " " + table.traits[i].charset;
  }
  if (!table.schema.key.empty()) text += "; key";
  for (const std::uint32_t index : table.schema.key) text += " " + table.schema.columns[index].name;
  return text;
}

struct Case {
  std::string_view columns;
  std::string_view expected;
};

TEST(TableDefinition, ReadsColumns) {
  const Case kCases[] = {
      {"a INT", "a int"},
      {"a INT(11) UNSIGNED NOT NULL", "a int unsigned not null"},
      {"a integer zerofill", "a int unsigned"},
      {"a BOOL, b boolean, c TINYINT(1)", "a tinyint, b tinyint, c tinyint"},
      {"a INT2, b MIDDLEINT, c INT8 SIGNED", "a smallint, b mediumint, c bigint"},
      {"a SERIAL", "a bigint unsigned not null"},
      {"a DEC, b NUMERIC(5), c FIXED(65,30) UNSIGNED",
       "a decimal(10), b decimal(5), c decimal(65).30 unsigned"},
      {"a FLOAT, b FLOAT(24), c FLOAT(25), d FLOAT(7,3), e REAL, f DOUBLE PRECISION(10,2)",
       "a float, b float, c double, d float, e double, f double"},
      {"a BIT, b BIT(64), c YEAR(4)", "a bit(1), b bit(64), c year"},
      {"a DATE, b TIME(3), c DATETIME, d DATETIME(6)",
       "a date, b time.3, c datetime, d datetime.6"},
      {"a TIMESTAMP(2), b TIMESTAMP NULL, c TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP(0) ON "
       "UPDATE CURRENT_TIMESTAMP",
       "a timestamp.2 null?, b timestamp, c timestamp not null"},
      {"a CHAR, b CHARACTER(5), c CHAR VARYING(7), d NATIONAL VARCHAR(3), e NCHAR(2), f CHAR BYTE",
       "a char(1), b char(5), c varchar(7), d varchar(3) utf8mb3, e char(2) utf8mb3, f binary(1)"},
      {"a VARCHAR(9) CHARACTER SET latin1, b VARCHAR(9) COLLATE latin1_bin, c TEXT CHARSET 'utf8'",
       "a varchar(9) latin1, b varchar(9) latin1, c text utf8mb3"},
      {"a VARCHAR(9) CHARACTER SET binary, b TEXT BYTE, c CHAR(3) ASCII, d CHAR(3) UNICODE",
       "a varbinary(9), b blob(65535), c char(3) latin1, d char(3) ucs2"},
      {"a TINYTEXT, b TEXT(63), c TEXT(64), d TEXT(16384), e LONG, f LONGTEXT",
       "a tinytext(255), b tinytext(255), c text, d mediumtext(16777215), e mediumtext(16777215), "
       "f longtext(4294967295)"},
      {"a BLOB(255), b BLOB(256), c LONG VARBINARY, d VARBINARY(20)",
       "a tinyblob(255), b blob(65535), c mediumblob(16777215), d varbinary(20)"},
      {"a ENUM('x','y''z', 'w  '), b SET('p,q') CHARACTER SET latin1",
       "a enum 'x' 'y'z' 'w', b set 'p,q' latin1"},
      {"a JSON, b POINT NOT NULL SRID 4326, c GEOMETRYCOLLECTION, d VECTOR(3)",
       "a json, b geometry not null, c geometry, d vector"},
      {"a INT DEFAULT -5 COMMENT 'NOT NULL, x', b BIT(2) DEFAULT b'10' NOT NULL, "
       "c VARCHAR(3) DEFAULT _latin1'NULL' NOT NULL, d INT DEFAULT (1 + (2)) NOT NULL",
       "a int, b bit(2) not null, c varchar(3) not null, d int not null"},
      {"a INT GENERATED ALWAYS AS (b + 1) STORED NOT NULL, b INT AS (7) VIRTUAL, c INT INVISIBLE",
       "a int not null, b int, c int"},
      {"a INT REFERENCES u (x) ON DELETE SET NULL ON UPDATE CASCADE NOT NULL", "a int not null"},
      {"a INT CONSTRAINT c CHECK (a > 0) NOT ENFORCED UNIQUE", "a int"},
      {"a INT AUTO_INCREMENT PRIMARY KEY, b INT KEY", "? it adds a primary key where there is one"},
      {"a INT COLUMN_FORMAT FIXED STORAGE DISK ENGINE_ATTRIBUTE='{}' KEY", "a int not null; key a"},
      {"`a` INT, \"b\" INT", "? it has a column without a name"},
      {"a INT, A INT", "? it makes a second column A"},
      {"a INT, b VARCHAR(3), PRIMARY KEY USING BTREE (b(2) DESC, a), UNIQUE u (a), KEY (b)",
       "a int not null, b varchar(3) not null; key b a"},
      {"a INT, CONSTRAINT p PRIMARY KEY (a), CONSTRAINT UNIQUE (a), CHECK (a > 0), FULLTEXT f (a)",
       "a int not null; key a"},
      {"a INT, PRIMARY KEY (b)", "? it makes a key of b, which is not known"},
      {"a FROB", "? column a: type FROB is not known"},
      {"a INT FROB", "? column a: \"FROB\" is not understood"},
      {"a INT(", "? its columns are not understood"},
      {"a VARCHAR", "? column a: it has no length"},
      {"a VARCHAR(3) CHARACTER SET frob", "? character set frob is unknown here"},
      {"a UUID", "? column a: type UUID is not known"},
      {"a INT, PERIOD FOR p (a, b)", "? periods are not understood"},
      {"`key` INT, `primary` INT, `check` VARCHAR(3)", "key int, primary int, check varchar(3)"},
      {"period INT, vector INT, system INT", "period int, vector int, system int"},
  };
  for (const Case& c : kCases) {
    const std::string sql = "CREATE TABLE t (" + std::string(c.columns) + ")";
    EXPECT_EQ(table_after({sql}), c.expected) << sql;
  }
}

TEST(TableDefinition, ReadsColumnsOfMariadb) {
  const Case kCases[] = {
      {"a UUID, b INET6, c INET4", "a uuid, b inet6, c inet4"},
      {"a JSON, b LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`b`))",
       "a json, b json"},
      {"a LONGTEXT CHECK (json_valid(a) AND b)",
       "? column a: whether its CHECK makes it JSON is not understood"},
      {"a VARCHAR(20) COMPRESSED=zlib, b TEXT COMPRESSED NOT NULL",
       "a varchar(20), b text not null"},
      {"a INT DEFAULT uuid_short() NOT NULL, b INT PERSISTENT, c INT `my_attr`=5",
       "a int not null, b int, c int"},
      {"a VARCHAR(3) COLLATE uca1400_ai_ci", "a varchar(3)"},
      {"a GEOMETRY REF_SYSTEM_ID=101", "a geometry"},
  };
  for (const Case& c : kCases) {
    const std::string sql = "CREATE TABLE t (" + std::string(c.columns) + ")";
    EXPECT_EQ(table_after({sql}, true), c.expected) << sql;
  }
  EXPECT_EQ(table_after({"CREATE TABLE t (a DATE)"}, true, 0x200),
            "? column a: its sql_mode gives types other meanings");
}

TEST(TableDefinition, InheritsCharacterSets) {
  EXPECT_EQ(table_after({"CREATE TABLE t (a TEXT, e ENUM('x')) DEFAULT CHARSET=latin1"}),
            "a text latin1, e enum 'x' latin1");
  EXPECT_EQ(
      table_after({"CREATE TABLE t (a CHAR(3)) ENGINE=InnoDB COLLATE = latin1_bin COMMENT 'x'"}),
      "a char(3) latin1");
  EXPECT_EQ(table_after({"CREATE TABLE t (a CHAR(3), b TEXT) CHARSET binary"}),
            "a binary(3), b blob(65535)");
  EXPECT_EQ(table_after({"CREATE TABLE t (a CHAR(3)) CHARACTER SET DEFAULT"}), "a char(3)");
  EXPECT_EQ(table_after({"CREATE TABLE t (a CHAR(3)) CHARSET latin1",
                         "ALTER TABLE t ADD b CHAR(3), ADD c CHAR(3) CHARSET ascii",
                         "ALTER TABLE t DEFAULT CHARACTER SET koi8r, ADD d CHAR(3)",
                         "ALTER TABLE t MODIFY a CHAR(4)"}),
            "a char(4) koi8r, b char(3) latin1, c char(3) ascii, d char(3) koi8r");
  EXPECT_EQ(table_after({"CREATE TABLE t (a TINYTEXT, b TEXT, c VARCHAR(5), d BLOB, j JSON, "
                         "e ENUM('x')) CHARSET latin1",
                         "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"}),
            "a text, b mediumtext(16777215), c varchar(5), d blob(65535), j json, e enum 'x'");
  EXPECT_EQ(table_after({"CREATE TABLE t (a TEXT)",
                         "ALTER TABLE t CONVERT TO CHARSET latin1, ADD b CHAR(1)"}),
            "a text latin1, b char(1) latin1");
}

TEST(TableDefinition, Alters) {
  const Case kCases[] = {
      {"ADD d INT", "a int not null, b int, c int, d int; key a"},
      {"ADD d INT FIRST, ADD e INT AFTER a, ADD f INT AFTER a",
       "d int, a int not null, f int, e int, b int, c int; key a"},
      {"ADD COLUMN (d INT, e INT, KEY (d))", "a int not null, b int, c int, d int, e int; key a"},
      {"ADD b INT", "? it makes a second column b"},
      {"ADD IF NOT EXISTS b INT, ADD IF NOT EXISTS d INT",
       "a int not null, b int, c int, d int; key a"},
      {"DROP b", "a int not null, c int; key a"},
      {"DROP COLUMN b, ADD b BIGINT FIRST", "b bigint, a int not null, c int; key a"},
      {"DROP x", "? it names column x, which is not known"},
      {"DROP COLUMN IF EXISTS x, DROP IF EXISTS c", "a int not null, b int; key a"},
      {"CHANGE b x BIGINT", "a int not null, x bigint, c int; key a"},
      {"CHANGE b x BIGINT FIRST", "x bigint, a int not null, c int; key a"},
      {"CHANGE b c INT, CHANGE c b BIGINT", "a int not null, c int, b bigint; key a"},
      {"CHANGE COLUMN IF EXISTS x c INT AFTER a", "a int not null, b int, c int; key a"},
      {"MODIFY c INT AFTER a", "a int not null, c int, b int; key a"},
      {"MODIFY c INT FIRST, MODIFY b INT FIRST", "b int, c int, a int not null; key a"},
      {"MODIFY a BIGINT NULL", "a bigint not null, b int, c int; key a"},
      {"RENAME COLUMN b TO c, RENAME COLUMN c TO b", "a int not null, c int, b int; key a"},
      {"RENAME COLUMN a TO z, ADD d INT AFTER z", "z int not null, d int, b int, c int; key z"},
      {"RENAME COLUMN b TO c", "? it makes a second column c"},
      {"DROP PRIMARY KEY", "a int not null, b int, c int"},
      {"DROP PRIMARY KEY, ADD PRIMARY KEY (b, a)",
       "a int not null, b int not null, c int; key b a"},
      {"ADD PRIMARY KEY (b)", "? it adds a primary key where there is one"},
      {"DROP a", "b int, c int"},
      {"DROP a, DROP b, DROP c", "? it leaves no columns"},
      {"ALTER b SET DEFAULT 5, ADD INDEX (b), ENGINE=InnoDB, ALGORITHM=COPY, LOCK=SHARED",
       "a int not null, b int, c int; key a"},
      {"ORDER BY b, c DESC", "a int not null, b int, c int; key a"},
      {"ADD d INT AFTER x", "? it puts a column after x, which is not known"},
      {"`ADD` d INT", "? \"ADD\" is not understood"},
      {"ADD d DOUBLE DEFAULT 1.5e-3 AFTER b, RENAME TO u",
       "a int not null, b int, d double, c int; key a"},
      {"/*!50600 ADD d INT, */ /*!99999 ADD e INT, */ DROP c",
       "a int not null, b int, d int; key a"},
  };
  for (const Case& c : kCases) {
    const std::string sql = "ALTER TABLE t " + std::string(c.columns);
    EXPECT_EQ(table_after({"CREATE TABLE t (a INT PRIMARY KEY, b INT, c INT)", sql}), c.expected)
        << sql;
  }
}

TEST(TableDefinition, DoubtsWhatStandsInNoText) {
  EXPECT_EQ(table_after({"CREATE TABLE t AS SELECT 1"}), "? its columns come from a query");
  EXPECT_EQ(table_after({"CREATE TABLE t (a INT) ENGINE=InnoDB (SELECT 1)"}),
            "? its columns come from a query");
  EXPECT_EQ(
      table_after({"CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 2 START TRANSACTION"}),
      "a int");
  EXPECT_EQ(
      table_after({"CREATE TABLE t (a INT) /*!50100 PARTITION BY RANGE (a) (PARTITION p VALUES "
                   "LESS THAN (5) ENGINE = InnoDB) */"}),
      "a int");
  const Statement like = read_statement("CREATE TABLE t (LIKE x.u)", "d", {});
  EXPECT_EQ(like.actions.at(0).edit.like->qualified(), "x.u");
}

TEST(TableDefinition, TellsWhetherValuesStay) {
  const auto keeps = [](std::string_view clauses, std::string_view key = "PRIMARY KEY") {
    TableDefinition before;
    before.schema.name = {"d", "t"};
    const auto read = [](const std::string& sql) {
      return read_statement(sql, "d", {}).actions.at(0).edit;
    };
    before =
        apply_edit(before, read(fmt::format("CREATE TABLE t (a INT {}, b INT, c VARCHAR(5))", key)),
                   "utf8mb4")
            .value();
    const TableEdit edit = read("ALTER TABLE t " + std::string(clauses));
    return keeps_values(before, apply_edit(before, edit, "utf8mb4").value(), edit);
  };
  for (const char* neutral :
       {"ADD d INT", "ADD d INT NULL DEFAULT NULL FIRST", "DROP b", "MODIFY b INT FIRST",
        "ADD d TIMESTAMP NULL", "MODIFY b INT DEFAULT 5 COMMENT 'x'", "DEFAULT CHARSET latin1",
        "DROP PRIMARY KEY"})
    EXPECT_TRUE(keeps(neutral)) << neutral;
  for (const char* other :
       {"ADD d INT DEFAULT 5", "ADD d INT NOT NULL", "ADD d TIMESTAMP", "ADD d INT AS (a)",
        "ADD d INT AUTO_INCREMENT UNIQUE", "MODIFY b BIGINT", "MODIFY b INT NOT NULL",
        "RENAME COLUMN b TO d", "CHANGE b d INT", "DROP b, ADD b INT DEFAULT 1",
        "RENAME COLUMN b TO c, RENAME COLUMN c TO b", "CONVERT TO CHARSET latin1",
        "MODIFY c VARCHAR(5) CHARSET latin1"})
    EXPECT_FALSE(keeps(other)) << other;

  for (const char* neutral : {"ADD d INT", "MODIFY b INT DEFAULT 5", "DEFAULT CHARSET latin1"})
    EXPECT_TRUE(keeps(neutral, "")) << neutral;
  for (const char* other : {"ADD d INT FIRST", "DROP b", "DROP c", "MODIFY b INT FIRST"})
    EXPECT_FALSE(keeps(other, "")) << other;
}

TEST(TableDefinition, SurvivesItsEncoding) {
  const Statement statement = read_statement(
      "CREATE TABLE t (a INT PRIMARY KEY, b ENUM('x','y'), c TIMESTAMP, d TEXT) CHARSET latin1",
      "d", {});
  TableDefinition empty;
  empty.schema.name = {"d", "t"};
  const TableDefinition table = apply_edit(empty, statement.actions.at(0).edit, "").value();
  Bytes bytes;
  put_definition(bytes, table);
  ByteReader in(bytes);
  EXPECT_EQ(read_definition(in), table);
  EXPECT_TRUE(in.empty());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    ByteReader cut(std::string_view(bytes).substr(0, n));
    EXPECT_THROW((void)read_definition(cut), Error);
  }
}

}  // namespace
}  // namespace freshet
