#include "model/gtid_set.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

const std::string kA = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const std::string kB = "d27e1f2d-e698-11f1-b831-02fc00000001";

TEST(GtidSet, ReadsAndPrints) {
  EXPECT_EQ(GtidSet::parse("").text(), "");
  EXPECT_EQ(GtidSet::parse(kA + ":1-5:8,\n" + kB + ":7").text(), kA + ":1-5:8," + kB + ":7");
  EXPECT_EQ(GtidSet::parse("3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5:MyTag:1-3").text(),
            kA + ":1-5:mytag:1-3");
  EXPECT_EQ(GtidSet::parse(kA + ":1-3:4-5").text(), kA + ":1-5");
}

TEST(GtidSet, RefusesOtherText) {
  for (const char* text :
       {"x", "3e11fa47-71ca-11e1-9e33-c80aa942956:1", "3e11fa47-71ca-11e1-9e33-c80aa9429562:0",
        "3e11fa47-71ca-11e1-9e33-c80aa9429562:5-4", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-"})
    EXPECT_THROW(GtidSet::parse(text), Error) << text;
}

TEST(GtidSet, JoinsIntervals) {
  GtidSet set;
  for (const std::uint64_t n : {1, 2, 3, 7, 5}) set.add(kA, "", n);
  EXPECT_EQ(set.text(), kA + ":1-3:5:7");
  set.add(kA, "", 6);
  EXPECT_EQ(set.text(), kA + ":1-3:5-7");
  set.add(kA, "", 4);
  EXPECT_EQ(set.text(), kA + ":1-7");
  set.add(kA, "", 2);
  EXPECT_EQ(set.text(), kA + ":1-7");
  set.add(kA, "t", 1, 9);
  EXPECT_EQ(set.text(), kA + ":1-7:t:1-9");
}

TEST(GtidSet, Contains) {
  const GtidSet set = GtidSet::parse(kA + ":1-5:8:t:3");
  EXPECT_TRUE(set.contains(kA, "", 5));
  EXPECT_FALSE(set.contains(kA, "", 6));
  EXPECT_TRUE(set.contains(kA, "t", 3));
  EXPECT_FALSE(set.contains(kB, "", 1));
  EXPECT_TRUE(set.contains(GtidSet::parse(kA + ":2-4:t:3")));
  EXPECT_FALSE(set.contains(GtidSet::parse(kA + ":4-8")));
  EXPECT_TRUE(set.contains(GtidSet{}));
}

TEST(GtidSet, EncodesAsTheProtocolHasIt) {
  EXPECT_EQ(GtidSet{}.encode(), Bytes(8, '\0'));
  for (const std::string& text : {kA + ":1-5:8," + kB + ":7", kA + ":1-5:mytag:1-3"}) {
    const GtidSet set = GtidSet::parse(text);
    EXPECT_EQ(GtidSet::decode(set.encode()), set);
  }
  const Bytes plain = GtidSet::parse(kA + ":1-5").encode();
  EXPECT_EQ(plain.size(), 8 + 16 + 8 + 16U);
  EXPECT_EQ(plain[40], 6);  // the end is exclusive
  const Bytes tagged = GtidSet::parse(kA + ":1:mytag:1").encode();
  EXPECT_EQ(tagged.substr(0, 8), Bytes("\x01\x02\0\0\0\0\0\x01", 8));
  EXPECT_EQ(tagged[24], 0);
  EXPECT_EQ(tagged.substr(24 + 1 + 24 + 16, 6), "\x0amytag");
  for (std::size_t size = 0; size < tagged.size(); ++size)
    EXPECT_THROW(GtidSet::decode(std::string_view(tagged).substr(0, size)), Error);
}

TEST(GtidState, KeepsTheLastOfEachDomain) {
  GtidState state = GtidState::parse("0-1-7, 1-2-9");
  state.set(0, 3, 8);
  EXPECT_EQ(state.text(), "0-3-8,1-2-9");
  EXPECT_TRUE(state.has_domains_of(GtidState::parse("1-1-1")));
  EXPECT_FALSE(state.has_domains_of(GtidState::parse("2-1-1")));
  EXPECT_EQ(GtidState::parse("").text(), "");
  EXPECT_THROW(GtidState::parse("0-1"), Error);
}

TEST(GtidSet, RefusesWhatNoServerWrites) {
  const std::string uuid = "d27e1f2d-e698-11f1-b831-02fc00000001";
  for (const char* part :
       {":18446744073709551615", ":9223372036854775808", ":1-18446744073709551615", ":a-b:1",
        ":aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:1", ":0", ":2-1"})
    EXPECT_THROW((void)GtidSet::parse(uuid + part), Error) << part;
  EXPECT_EQ(GtidSet::parse(uuid + ":9223372036854775807").text(), uuid + ":9223372036854775807");
  EXPECT_THROW((void)GtidState::parse("4294967296-1-1"), Error);
  EXPECT_THROW((void)GtidState::parse("0-4294967296-1"), Error);
}

}  // namespace
}  // namespace freshet
