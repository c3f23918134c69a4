#include "source/column_decoder.h"

#include <gtest/gtest.h>

#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

struct Case {
  const char* name;
  int type;
  const char* meta;
  Column column;
  const char* charset;  // of character columns
  const char* bytes;
  const char* expected;
};

MappedColumn mapped(const Case& c) {
  const Bytes body = test::table_map_body(std::string(1, static_cast<char>(c.type)), hex(c.meta));
  return parse_table_map(body, false).columns.at(0);
}

std::string decode(const Case& c, std::string_view bytes) {
  const CellPlan plan =
      plan_cell(mapped(c), c.column, *c.charset == '\0' ? nullptr : charset_of_name(c.charset));
  ByteReader in(bytes);
  Bytes out;
  {
    CellWriter cells(out);
    plan.decode(in, plan, cells);
  }
  EXPECT_TRUE(in.empty()) << c.name;
  ByteReader skipped(bytes);
  skip_cell(skipped, plan_width(mapped(c), c.column.scale));
  EXPECT_TRUE(skipped.empty()) << c.name;
  ByteReader cell(out);
  return test::show(read_value(cell), c.column);
}

Column of(ColumnType type, bool is_unsigned = false) {
  return {.type = type, .is_unsigned = is_unsigned};
}
Column timed(ColumnType type, std::uint8_t digits) { return {.type = type, .scale = digits}; }
Column labelled(ColumnType type, std::vector<std::string> labels) {
  return {.type = type, .labels = std::move(labels)};
}

std::vector<std::string> many_labels(int count) {
  std::vector<std::string> labels;
  for (int i = 0; i < count; ++i) labels.push_back("v" + std::to_string(i));
  return labels;
}

using enum ColumnType;

// Bytes that MySQL 9.7, MySQL 5.6 and MariaDB 10.11 were seen to write.
const Case kCases[] = {
    {"mediumint", 9, "", of(mediumint), "", "fdffff", "-3"},
    {"mediumint unsigned", 9, "", of(mediumint, true), "", "ffffff", "16777215u"},
    {"tinyint", 1, "", of(tinyint), "", "80", "-128"},
    {"smallint", 2, "", of(smallint), "", "ffff", "-1"},
    {"int", 3, "", of(integer), "", "00000080", "-2147483648"},
    {"bigint", 8, "", of(bigint), "", "0000000000000080", "-9223372036854775808"},
    {"bigint unsigned", 8, "", of(bigint, true), "", "ffffffffffffffff", "18446744073709551615u"},
    {"float", 4, "04", of(real32), "", "0000c03f", "1.5f"},
    {"double", 5, "08", of(real64), "", "00000000000002c0", "-2.25"},
    {"decimal negative", 246, "0a02", of(decimal), "", "7ffffb2dc7", "-1234.56"},
    {"decimal positive", 246, "0a02", of(decimal), "", "800004d238", "1234.56"},
    {"decimal zero", 246, "0a02", of(decimal), "", "8000000000", "0.00"},
    {"decimal 14,4", 246, "0e04", of(decimal), "", "810dfb38d204d2", "1234567890.1234"},
    {"decimal 14,4 negative", 246, "0e04", of(decimal), "", "7ef204c72dfb2d", "-1234567890.1234"},
    {"decimal 65,30", 246, "411e", of(decimal), "",
     "7ffffffffffffffffffffffffffffffee2329affffffffffffffffffffff",
     "-1.500000000000000000000000000000"},
    {"decimal 5,5", 246, "0505", of(decimal), "", "803039", "0.12345"},
    {"decimal 5,5 negative", 246, "0505", of(decimal), "", "7ffffe", "-0.00001"},
    {"decimal 3,0", 246, "0300", of(decimal), "", "7c18", "-999"},
    {"decimal 20,0", 246, "1400", of(decimal), "", "8c149aa4350dfb38d2", "12345678901234567890"},
    {"decimal 18,9", 246, "1209", of(decimal), "", "875bcd15075bcd15", "123456789.123456789"},
    {"year", 13, "", of(year), "", "7e", "2026"},
    {"year zero", 13, "", of(year), "", "00", "0"},
    {"year first", 13, "", of(year), "", "01", "1901"},
    {"year last", 13, "", of(year), "", "ff", "2155"},
    {"date", 10, "", of(date), "", "76d50f", "2026-11-22"},
    {"date last", 10, "", of(date), "", "9f1f4e", "9999-12-31"},
    {"date without day", 10, "", of(date), "", "00d40f", "2026-00-00"},
    {"date first", 10, "", of(date), "", "21d007", "1000-01-01"},
    {"time", 19, "00", timed(time, 0), "", "80c8b8", "12:34:56"},
    {"time negative", 19, "00", timed(time, 0), "", "7f3748", "-12:34:56"},
    {"time largest", 19, "00", timed(time, 0), "", "b46efb", "838:59:59"},
    {"time zero", 19, "00", timed(time, 0), "", "800000", "00:00:00"},
    {"time(3) negative fraction", 19, "03", timed(time, 3), "", "7fffffec78", "-00:00:00.500"},
    {"time(3)", 19, "03", timed(time, 3), "", "80c8b81ed2", "12:34:56.789"},
    {"time(3) negative", 19, "03", timed(time, 3), "", "7ffffefff6", "-00:00:01.001"},
    {"time(1)", 19, "01", timed(time, 1), "", "7ffffece", "-00:00:01.5"},
    {"time(6)", 19, "06", timed(time, 6), "", "4b9105000000", "-838:59:59.000000"},
    {"time(6) smallest", 19, "06", timed(time, 6), "", "7fffffffffff", "-00:00:00.000001"},
    {"datetime", 18, "00", timed(datetime, 0), "", "99bb6d14c6", "2026-11-22 17:19:06"},
    {"datetime last", 18, "00", timed(datetime, 0), "", "fef3ff7efb", "9999-12-31 23:59:59"},
    {"datetime without day", 18, "00", timed(datetime, 0), "", "99b8800000", "2026-00-00 00:00:00"},
    {"datetime zero", 18, "00", timed(datetime, 0), "", "8000000000", "0000-00-00 00:00:00"},
    {"datetime(6)", 18, "06", timed(datetime, 6), "", "99bb6d14c601e240",
     "2026-11-22 17:19:06.123456"},
    {"datetime(3)", 18, "03", timed(datetime, 3), "", "99bb6d14c604ce", "2026-11-22 17:19:06.123"},
    {"datetime(1)", 18, "01", timed(datetime, 1), "", "99bb6d14c65a", "2026-11-22 17:19:06.9"},
    {"timestamp", 17, "00", timed(timestamp, 0), "", "6b03240a", "2026-11-22 17:19:06"},
    {"timestamp last", 17, "00", timed(timestamp, 0), "", "7fffffff", "2038-01-19 03:14:07"},
    {"timestamp zero", 17, "00", timed(timestamp, 0), "", "00000000", "0000-00-00 00:00:00"},
    {"timestamp(6)", 17, "06", timed(timestamp, 6), "", "6b03240a01e240",
     "2026-11-22 17:19:06.123456"},
    {"timestamp(2)", 17, "02", timed(timestamp, 2), "", "6b03240a0c", "2026-11-22 17:19:06.12"},
    {"old time", 11, "", timed(time, 0), "", "40e201", "12:34:56"},
    {"old time negative", 11, "", timed(time, 0), "", "c01dfe", "-12:34:56"},
    {"old time(3)", 11, "", timed(time, 3), "", "00b6bad215", "12:34:56.789"},
    {"old time(3) negative", 11, "", timed(time, 3), "", "00b15478eb", "-12:34:56.789"},
    {"old time(6) first", 11, "", timed(time, 6), "", "000000000001", "-838:59:59.999999"},
    {"old time(6) zero", 11, "", timed(time, 6), "", "02bf3dde7c00", "00:00:00.000000"},
    {"old time(1)", 11, "", timed(time, 1), "", "01d3c9c7", "12:34:56.7"},
    {"old datetime", 12, "", timed(datetime, 0), "", "0264fd686d120000", "2026-11-22 17:19:06"},
    {"old datetime(1)", 12, "", timed(datetime, 1), "", "00a99efbed65", "2026-11-22 17:19:06.1"},
    {"old datetime(3)", 12, "", timed(datetime, 3), "", "0042421a68bb8b",
     "2026-11-22 17:19:06.123"},
    {"old datetime(6)", 12, "", timed(datetime, 6), "", "0102d237291c98c0",
     "2026-11-22 17:19:06.123456"},
    {"old timestamp", 7, "", timed(timestamp, 0), "", "0a24036b", "2026-11-22 17:19:06"},
    {"old timestamp(1)", 7, "", timed(timestamp, 1), "", "6b03240a01", "2026-11-22 17:19:06.1"},
    {"old timestamp(3)", 7, "", timed(timestamp, 3), "", "6b03240a007b", "2026-11-22 17:19:06.123"},
    {"old timestamp(6)", 7, "", timed(timestamp, 6), "", "6b03240a01e240",
     "2026-11-22 17:19:06.123456"},
    {"varchar latin1", 15, "1400", of(varchar), "latin1", "0261e9", "'aé'"},
    {"varchar empty", 15, "1400", of(varchar), "latin1", "00", "''"},
    {"varchar(63) utf8mb4", 15, "fc00", of(varchar), "utf8mb4", "04f09f9880", "'😀'"},
    {"varchar(64) utf8mb4", 15, "0001", of(varchar), "utf8mb4", "02006162", "'ab'"},
    {"varchar of 9 letters", 15, "1400", of(varchar), "utf8mb4", "09616263646566676869",
     "'abcdefghi'"},
    {"char(5) latin1", 254, "fe05", of(char_), "latin1", "026162", "'ab'"},
    {"char(64) utf8mb4", 254, "ee00", of(char_), "utf8mb4", "02006162", "'ab'"},
    {"char(255) utf8mb4", 254, "cefc", of(char_), "utf8mb4", "02006162", "'ab'"},
    {"char(200) utf8mb3", 254, "de58", of(char_), "utf8mb3", "02006162", "'ab'"},
    {"char(5) gbk", 254, "fe0a", of(char_), "gbk", "04d6d0cec4", "'中文'"},
    {"binary(4)", 254, "fe04", of(binary), "", "0161", "x61000000"},
    {"binary(4) zeros", 254, "fe04", of(binary), "", "00", "x00000000"},
    {"varbinary(4)", 15, "0400", of(varbinary), "", "0461000000", "x61000000"},
    {"enum", 254, "f701", labelled(enumeration, {"first", "second", "third"}), "", "02",
     "'second'"},
    {"enum error value", 254, "f701", labelled(enumeration, {"first", "second", "third"}), "", "00",
     "''"},
    {"enum of 300", 254, "f702", labelled(enumeration, many_labels(300)), "", "2c01", "'v299'"},
    {"set", 254, "f801", labelled(set, {"a", "b", "c"}), "", "05", "'a,c'"},
    {"set of 9", 254, "f802", labelled(set, many_labels(9)), "", "0001", "'v8'"},
    {"set of 64", 254, "f808", labelled(set, many_labels(64)), "", "0100000000000080", "'v0,v63'"},
    {"bit(1)", 16, "0100", of(bit), "", "01", "1u"},
    {"bit(10)", 16, "0201", of(bit), "", "0203", "515u"},
    {"bit(64)", 16, "0008", of(bit), "", "0000000000000001", "1u"},
    {"bit(9)", 16, "0101", of(bit), "", "0101", "257u"},
    {"bit(16)", 16, "0002", of(bit), "", "f0f0", "61680u"},
    {"tinyblob", 252, "01", of(tinyblob), "", "0178", "x78"},
    {"blob", 252, "02", of(blob), "", "010078", "x78"},
    {"mediumblob", 252, "03", of(mediumblob), "", "01000078", "x78"},
    {"longtext", 252, "04", of(longtext), "utf8mb4", "02000000c3a9", "'é'"},
    {"mediumtext", 252, "03", of(mediumtext), "utf8mb4", "020000c3a9", "'é'"},
    {"longtext of MariaDB that is JSON", 252, "04", of(json), "utf8mb4", "020000007b7d", "json {}"},
    {"geometry", 255, "04", of(geometry), "",
     "19000000 00000000 0101000000 000000000000f03f 0000000000000040",
     "x000000000101000000000000000000f03f0000000000000040"},
    {"vector(3)", 242, "04", of(ColumnType::vector), "", "0c000000 0000803f 00000040 000060c0",
     "x0000803f00000040000060c0"},
    {"json", 245, "04", of(json), "", "05000000 0c03616263", "json \"abc\""},
    {"json NULL in NOT NULL", 245, "04", of(json), "", "00000000", "json null"},
    {"inet6 ::1", 254, "fe10", of(inet6), "", "10 00000000000000000000000000000001", "'::1'"},
    {"inet6 ::", 254, "fe10", of(inet6), "", "00", "'::'"},
    {"inet4", 254, "fe04", of(inet4), "", "03010203", "'1.2.3.0'"},
    {"uuid", 254, "fe10", of(uuid), "", "106ccd780cbaba102695645b8c656024db",
     "'6ccd780c-baba-1026-9564-5b8c656024db'"},
    {"compressed varchar, short", 141, "3300", of(varchar), "utf8mb4", "040061c3a9", "'aé'"},
    {"compressed varchar, empty", 141, "3300", of(varchar), "utf8mb4", "00", "''"},
};

TEST(ColumnDecoder, ReadsWhatServersWrite) {
  for (const Case& c : kCases) EXPECT_EQ(decode(c, hex(c.bytes)), c.expected) << c.name;
}

TEST(ColumnDecoder, ReadsDeflatedText) {
  const Case c{"", 140, "02", of(text), "utf8mb4", "0e00 8a03e8 4b4c1c05a360140c770000", ""};
  EXPECT_EQ(decode(c, hex(c.bytes)), "'" + std::string(1000, 'a') + "'");
}

TEST(ColumnDecoder, RefusesCutValues) {
  for (const Case& c : kCases) {
    const Bytes whole = hex(c.bytes);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const CellPlan plan =
          plan_cell(mapped(c), c.column, *c.charset == '\0' ? nullptr : charset_of_name(c.charset));
      ByteReader in(std::string_view(whole).substr(0, size));
      Bytes out;
      CellWriter sink(out);
      EXPECT_THROW(plan.decode(in, plan, sink), Error) << c.name << " cut to " << size;
    }
  }
}

TEST(ColumnDecoder, SurvivesFlippedBits) {
  for (const Case& c : kCases) {
    for (std::size_t bit = 0; bit < hex(c.bytes).size() * 8; ++bit) {
      Bytes bytes = hex(c.bytes);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      const CellPlan plan =
          plan_cell(mapped(c), c.column, *c.charset == '\0' ? nullptr : charset_of_name(c.charset));
      ByteReader in(bytes);
      Bytes out;
      try {
        CellWriter sink(out);
        plan.decode(in, plan, sink);
      } catch (const Error&) {
        continue;
      }
      ByteReader cell(out);
      EXPECT_NO_THROW(static_cast<void>(read_value(cell))) << c.name << " bit " << bit;
      EXPECT_TRUE(cell.empty()) << c.name << " bit " << bit;
    }
  }
}

TEST(ColumnDecoder, RefusesLabelsThatTheSchemaLacks) {
  const Case c{"", 254, "f701", labelled(enumeration, {"a"}), "", "", ""};
  EXPECT_THROW(decode(c, hex("02")), Error);
  const Case s{"", 254, "f801", labelled(set, {"a"}), "", "", ""};
  EXPECT_THROW(decode(s, hex("02")), Error);
}

// Short texts are copied with what stands behind them.
TEST(ColumnDecoder, TextsEndWhereTheyEnd) {
  const Case c{"", 15, "5000", of(varchar), "utf8mb4", "", ""};
  const std::string behind =
      "\xc3\xa9"
      "behind the text, and longer than a word";
  for (std::size_t size = 0; size < 40; ++size) {
    for (const std::string end : {"", "\xc3\xa9"}) {
      const std::string text = std::string(size, 'x') + end;
      const CellPlan plan = plan_cell(mapped(c), c.column, charset_of_name(c.charset));
      const std::string row = static_cast<char>(text.size()) + text + behind;
      for (const std::string_view bytes :
           {std::string_view(row), std::string_view(row).substr(0, 1 + text.size())}) {
        ByteReader in(bytes);
        Bytes out;
        {
          CellWriter cells(out);
          plan.decode(in, plan, cells);
        }
        EXPECT_EQ(in.offset(), 1 + text.size());
        ByteReader cell(out);
        EXPECT_EQ(read_value(cell).text, text);
        EXPECT_TRUE(cell.empty());
      }
    }
  }
}

}  // namespace
}  // namespace freshet
