#include "source/row_stream.h"

#include <gtest/gtest.h>
#include <mysql.h>

#include "base/error.h"

namespace freshet {
namespace {

using namespace std::literals;

constexpr unsigned kUtf8mb4 = 255;

// A binary protocol row of one cell that is not NULL: header, null bitmap, the cell.
Bytes row_of(std::string_view cell) { return Bytes("\0\0"sv) + Bytes(cell); }

Value cell_of(ColumnType type, int wire_type, const Bytes& row, Bytes& image,
              bool is_unsigned = false) {
  const Column column{.name = "c", .type = type, .is_unsigned = is_unsigned};
  image.clear();
  append_image(image, row, {plan_wire_cell(column, wire_type, kUtf8mb4, false)});
  ByteReader in(image);
  return read_value(in);
}

class Cell : public testing::Test {
 protected:
  Value read(ColumnType type, int wire_type, std::string_view cell, bool is_unsigned = false) {
    return cell_of(type, wire_type, row_of(cell), image_, is_unsigned);
  }
  Bytes image_;
};

TEST_F(Cell, IntegersKeepTheirSign) {
  EXPECT_EQ(read(ColumnType::tinyint, MYSQL_TYPE_TINY, "\x80"sv).integer, -128);
  EXPECT_EQ(read(ColumnType::tinyint, MYSQL_TYPE_TINY, "\xff"sv, true).natural, 255U);
  EXPECT_EQ(
      read(ColumnType::bigint, MYSQL_TYPE_LONGLONG, "\xff\xff\xff\xff\xff\xff\xff\xff"sv, true),
      Value::of_uint(UINT64_MAX));
  EXPECT_EQ(read(ColumnType::mediumint, MYSQL_TYPE_INT24, "\x00\x00\x80\xff"sv).integer, -8388608);
  EXPECT_EQ(read(ColumnType::year, MYSQL_TYPE_YEAR, "\x6b\x08"sv), Value::of_int(2155));
}

TEST_F(Cell, BitsAreBigEndian) {
  EXPECT_EQ(read(ColumnType::bit, MYSQL_TYPE_BIT, "\x02\x01\x00"sv), Value::of_uint(256));
}

TEST_F(Cell, ZerofillIsNotPartOfADecimal) {
  EXPECT_EQ(read(ColumnType::decimal, MYSQL_TYPE_NEWDECIMAL,
                 "\x07"
                 "0012.50"sv)
                .text,
            "12.50");
  EXPECT_EQ(read(ColumnType::decimal, MYSQL_TYPE_NEWDECIMAL,
                 "\x04"
                 "0.50"sv)
                .text,
            "0.50");
  EXPECT_EQ(read(ColumnType::decimal, MYSQL_TYPE_NEWDECIMAL,
                 "\x03"
                 "000"sv)
                .text,
            "0");
}

TEST_F(Cell, TimesRunBelowZeroAndBeyondADay) {
  EXPECT_EQ(read(ColumnType::time, MYSQL_TYPE_TIME, "\x00"sv).integer, 0);
  EXPECT_EQ(
      read(ColumnType::time, MYSQL_TYPE_TIME, "\x0c\x01\0\0\0\0\0\0\0\x20\xa1\x07\0"sv).integer,
      -500'000);
  EXPECT_EQ(read(ColumnType::time, MYSQL_TYPE_TIME, "\x08\x00\x22\0\0\0\x16\x3b\x3b"sv).integer,
            INT64_C(3020399) * 1'000'000);
}

TEST_F(Cell, ZeroAndPartialDatesStayWhatTheyAre) {
  EXPECT_EQ(read(ColumnType::date, MYSQL_TYPE_DATE, "\x00"sv).integer, 0);
  EXPECT_EQ(read(ColumnType::date, MYSQL_TYPE_DATE, "\x04\xe8\x07\x05\x00"sv).integer,
            pack_date(2024, 5, 0));
  EXPECT_EQ(read(ColumnType::datetime, MYSQL_TYPE_DATETIME, "\x00"sv).integer, 0);
  EXPECT_EQ(read(ColumnType::timestamp, MYSQL_TYPE_TIMESTAMP, "\x00"sv).integer, kZeroTimestamp);
  EXPECT_EQ(read(ColumnType::timestamp, MYSQL_TYPE_TIMESTAMP,
                 "\x0b\xb2\x07\x01\x01\x00\x00\x01\x01\x00\x00\x00"sv)
                .integer,
            1'000'001);
}

TEST_F(Cell, LongTextHasALongerLength) {
  const std::string text(300, 'x');
  EXPECT_EQ(read(ColumnType::text, MYSQL_TYPE_BLOB, "\xfc\x2c\x01" + text).text, text);
  EXPECT_EQ(read(ColumnType::text, MYSQL_TYPE_BLOB, "\xfd\x2c\x01\x00"s + text).text, text);
}

TEST_F(Cell, NullIsTheBitmapsWord) {
  EXPECT_TRUE(cell_of(ColumnType::integer, MYSQL_TYPE_LONG, Bytes("\x00\x04"sv), image_).is_null());
}

TEST_F(Cell, ARowThatBreaksItsFormIsRefused) {
  EXPECT_THROW(read(ColumnType::integer, MYSQL_TYPE_LONG, "\x01\x02"sv), Error);
  EXPECT_THROW(read(ColumnType::integer, MYSQL_TYPE_LONG, "\x01\x02\x03\x04\x05"sv), Error);
  EXPECT_THROW(read(ColumnType::varchar, MYSQL_TYPE_VAR_STRING,
                    "\x05"
                    "abc"sv),
               Error);
  EXPECT_THROW(cell_of(ColumnType::integer, MYSQL_TYPE_LONG, Bytes("\xff\0\0\0\0\0"sv), image_),
               Error);
}

TEST(PlanCell, RefusesAWireTypeThatDoesNotFit) {
  const Column column{.name = "c", .type = ColumnType::integer};
  EXPECT_THROW((void)plan_wire_cell(column, MYSQL_TYPE_VAR_STRING, kUtf8mb4, false), Error);
  EXPECT_THROW((void)plan_wire_cell({.name = "d", .type = ColumnType::date}, MYSQL_TYPE_LONG,
                                    kUtf8mb4, false),
               Error);
}

TEST(PlanCell, ConvertsTextsOfOtherCharacterSets) {
  constexpr unsigned kGbk = 28, kBinary = 63, kUnknown = 60'000;
  const Column column{.name = "c", .type = ColumnType::varchar};
  const auto read = [&](const Column& of, unsigned collation, std::string_view cell) {
    Bytes image;
    append_image(image, row_of(cell),
                 {plan_wire_cell(of, MYSQL_TYPE_VAR_STRING, collation, false)});
    ByteReader in(image);
    return Bytes(read_value(in).text);
  };
  EXPECT_EQ(read(column, kGbk, "\x04\xd6\xd0\xce\xc4"sv), "中文");
  EXPECT_EQ(read(column, kGbk, "\x02zh"sv), "zh");
  EXPECT_EQ(read(column, kUtf8mb4, "\x03\xe4\xb8\xad"sv), "中");
  EXPECT_EQ(read({.name = "j", .type = ColumnType::json}, kBinary, "\x03\xe4\xb8\xad"sv), "中");
  EXPECT_EQ(read({.name = "b", .type = ColumnType::blob}, kBinary, "\x01\xff"sv), "\xff");
  EXPECT_THROW((void)plan_wire_cell(column, MYSQL_TYPE_VAR_STRING, kUnknown, false), Error);
}

}  // namespace
}  // namespace freshet
