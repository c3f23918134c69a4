#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/avro_reader.h"
#include "lake/avro_writer.h"

namespace freshet {
namespace {

constexpr std::string_view kSchema = R"({"type":"record","name":"r","fields":[
  {"name":"n","type":"long","field-id":1},
  {"name":"t","type":["null","string"],"default":null,"field-id":2},
  {"name":"hidden","type":{"type":"map","values":"int"}},
  {"name":"m","type":{"type":"array","logicalType":"map","items":{"type":"record","name":"kv","fields":[
     {"name":"key","type":"int","field-id":4},{"name":"value","type":"bytes","field-id":5}]}},"field-id":3},
  {"name":"again","type":["null","kv"],"field-id":6},
  {"name":"f","type":{"type":"fixed","name":"two","size":2},"field-id":7},
  {"name":"b","type":"boolean","field-id":8}]})";

Bytes sample(int records) {
  AvroWriter writer(kSchema, {{"k", "v"}});
  for (int i = 0; i < records; ++i) {
    Bytes& out = writer.record();
    put_avro_long(out, i - 1);
    if (i % 2 == 0) {
      put_avro_null(out);
    } else {
      put_avro_present(out);
      put_avro_bytes(out, "text");
    }
    put_avro_long(out, 0);   // empty map
    put_avro_long(out, -1);  // a block of one item that tells its size
    put_avro_long(out, 3);
    put_avro_long(out, 9);
    put_avro_bytes(out, "x");
    put_avro_long(out, 0);
    put_avro_null(out);
    out += "ab";
    put_avro_bool(out, true);
    writer.end_record();
  }
  return std::move(writer).finish();
}

TEST(AvroTest, ReadsWhatItWroteByFieldId) {
  const Bytes file = sample(3);
  AvroReader reader(file);
  EXPECT_EQ(reader.metadata().at("k"), "v");
  EXPECT_EQ(reader.metadata().at("avro.schema"), kSchema);
  const auto records = reader.read_all();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0][1].integer(), -1);
  EXPECT_TRUE(records[0][2].is_null());
  EXPECT_EQ(records[1][2].text(), "text");
  EXPECT_EQ(records[0][3].items()[0].record()[4].integer(), 9);
  EXPECT_EQ(records[0][3].items()[0].record()[5].text(), "x");
  EXPECT_TRUE(records[0][6].is_null());
  EXPECT_EQ(records[0][7].text(), "ab");
  EXPECT_TRUE(records[0][8].boolean());
  EXPECT_TRUE(records[0][99].is_null());
}

TEST(AvroTest, ManyRecordsSpanBlocks) {
  const Bytes file = sample(50'000);
  EXPECT_EQ(AvroReader(file).read_all().size(), 50'000u);
}

TEST(AvroTest, NoRecordsIsAFileToo) {
  const Bytes file = sample(0);
  EXPECT_TRUE(AvroReader(file).read_all().empty());
}

TEST(AvroTest, WrongKindIsCorrupt) {
  const Bytes file = sample(1);
  const auto records = AvroReader(file).read_all();
  EXPECT_THROW((void)records[0][1].text(), Error);
  EXPECT_THROW((void)records[0][2].text(), Error);
}

// Whatever a byte is changed to, the reader ends with records or with Error{corrupt}; a cut file
// never passes for a whole one unless it was cut between blocks.
TEST(AvroTest, DamageIsAnErrorNeverACrash) {
  const Bytes whole = sample(3);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      try {
        (void)AvroReader(damaged).read_all();
      } catch (const Error& error) {
        EXPECT_THAT(error.kind(), testing::AnyOf(ErrorKind::corrupt, ErrorKind::unsupported));
      }
    }
  }
  std::size_t passed = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    try {
      (void)AvroReader(std::string_view(whole).substr(0, size)).read_all();
      ++passed;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    }
  }
  EXPECT_EQ(passed, 1u);  // the bare header
}

TEST(AvroTest, RefusesOtherCodecs) {
  Bytes file = sample(1);
  file.replace(file.find("deflate"), 7, "zstdxyz");
  try {
    AvroReader reader(file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  }
}

}  // namespace
}  // namespace freshet
