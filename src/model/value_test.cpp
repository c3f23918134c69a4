#include "model/value.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(Value, EveryKindSurvivesTheRowImage) {
  const Value values[] = {
      Value::absent(),
      Value::null(),
      Value::of_int(-1),
      Value::of_int(INT64_MIN),
      Value::of_int(INT64_MAX),
      Value::of_uint(UINT64_MAX),
      Value::of_float(1.5F),
      Value::of_double(-2.25),
      Value::of(ValueKind::decimal, "-12.50"),
      Value::of_int(pack_date(2026, 11, 22), ValueKind::date),
      Value::of_int(-500'000, ValueKind::time),
      Value::of_int(pack_datetime({9999, 12, 31, 23, 59, 59, 999'999}), ValueKind::datetime),
      Value::of_int(kZeroTimestamp, ValueKind::timestamp),
      Value::of(ValueKind::text, "é\0x"),
      Value::of(ValueKind::bytes, std::string_view("\0\xff", 2)),
      Value::of(ValueKind::json, "{\"a\": 1}")};
  Bytes image;
  for (const Value& value : values) put_value(image, value);
  ByteReader in(image);
  for (const Value& value : values) EXPECT_TRUE(read_value(in) == value);
  EXPECT_TRUE(in.empty());
}

TEST(Value, DamagedImagesAreErrors) {
  Bytes image;
  put_value(image, Value::of(ValueKind::text, "hello"));
  for (std::size_t n = 0; n < image.size(); ++n) {
    ByteReader in(std::string_view(image).substr(0, n));
    EXPECT_THROW((void)read_value(in), Error);
  }
  ByteReader unknown(std::string_view("\x7f", 1));
  EXPECT_THROW((void)read_value(unknown), Error);
}

TEST(Value, TimesPrintAsTheServerPrintsThem) {
  EXPECT_EQ(format_time(-500'000, 3), "-00:00:00.500");
  EXPECT_EQ(format_time(-(838LL * 3600 + 59 * 60 + 59) * 1'000'000, 0), "-838:59:59");
  EXPECT_EQ(format_datetime(pack_datetime({2026, 11, 22, 17, 19, 6, 123'456}), 2),
            "2026-11-22 17:19:06.12");
  EXPECT_EQ(format_date(pack_date(2026, 0, 0)), "2026-00-00");
  EXPECT_EQ(format_timestamp(kZeroTimestamp, 0), "0000-00-00 00:00:00");
  EXPECT_EQ(format_timestamp(1'795'367'946'000'000, 0), "2026-11-22 17:19:06");
}

TEST(Value, DaysRoundTripOverTheWholeCalendar) {
  for (int year : {1, 1582, 1900, 1969, 1970, 2000, 2024, 9999})
    for (int month = 1; month <= 12; ++month) {
      const CivilTime t{year, month, 28, 23, 59, 59, 999'999};
      EXPECT_EQ(civil_from_micros(micros_since_epoch(t)), t);
    }
  EXPECT_FALSE(is_real_day({2023, 2, 29}));
  EXPECT_TRUE(is_real_day({2024, 2, 29}));
  EXPECT_FALSE(is_real_day({0, 0, 0}));
}

}  // namespace
}  // namespace freshet
