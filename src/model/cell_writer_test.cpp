#include "model/cell_writer.h"

#include <gtest/gtest.h>

#include <functional>

namespace freshet {
namespace {

Bytes written(const std::function<void(CellWriter&)>& write) {
  Bytes out;
  {
    CellWriter cells(out);
    write(cells);
  }
  return out;
}

Bytes put(const Value& value) {
  Bytes out;
  put_value(out, value);
  return out;
}

TEST(CellWriter, WritesIntegersAsPutValueDoes) {
  for (int bits = 0; bits <= 64; ++bits) {
    const std::uint64_t edge = bits == 64 ? 0 : std::uint64_t{1} << bits;
    for (const std::uint64_t n : {edge - 1, edge, edge + 1, edge | 0x5555'5555}) {
      EXPECT_EQ(written([&](CellWriter& c) { c.put_varint(ValueKind::uint64, n); }),
                put(Value::of_uint(n)))
          << n;
      const auto i = static_cast<std::int64_t>(n);
      EXPECT_EQ(written([&](CellWriter& c) { c.put_zigzag(ValueKind::int64, i); }),
                put(Value::of_int(i)))
          << i;
    }
  }
}

TEST(CellWriter, TellsAsciiFromOtherTextWhereverItStands) {
  for (std::size_t size = 0; size < 50; ++size) {
    const std::string block = std::string(size, 'x') + std::string(32, '\xff');
    const std::string_view text = std::string_view(block).substr(0, size);
    for (const std::size_t readable : {size, block.size()}) {
      EXPECT_EQ(written([&](CellWriter& c) {
                  EXPECT_TRUE(c.put_ascii(ValueKind::text, text, readable));
                }),
                put(Value::of(ValueKind::text, text)))
          << size;
      for (std::size_t i = 0; i < size; ++i) {
        std::string other = block;
        other[i] = '\x80';
        EXPECT_EQ(written([&](CellWriter& c) {
                    EXPECT_FALSE(c.put_ascii(ValueKind::text,
                                             std::string_view(other).substr(0, size), readable));
                  }),
                  "")
            << size << " " << i;
      }
    }
  }
}

TEST(CellWriter, GrowsAndFinishes) {
  Bytes out = "head";
  {
    CellWriter cells(out);
    cells.put_text(ValueKind::text, std::string(100'000, 'x'));
    cells.finish();
    EXPECT_EQ(out.size(), 4 + 1 + 3 + 100'000U);
    cells.put_kind(ValueKind::null);
  }
  EXPECT_EQ(out.size(), 4 + 1 + 3 + 100'000 + 1U);
  ByteReader in(std::string_view(out).substr(4));
  EXPECT_EQ(read_value(in).text.size(), 100'000U);
  EXPECT_TRUE(read_value(in).is_null());
}

TEST(CellWriter, TakesBackAndOverwrites) {
  EXPECT_EQ(written([](CellWriter& c) {
              c.put_raw("abc");
              const std::size_t here = c.offset();
              c.put_raw("defg");
              c.cut(here);
              c.put_raw("xyz");
              c.patch(1, 'B');
            }),
            "aBcxyz");
}

}  // namespace
}  // namespace freshet
