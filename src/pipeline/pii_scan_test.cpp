#include "pipeline/pii_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace freshet {
namespace {

using testing::ElementsAre;

class PiiScanTest : public testing::Test {
 protected:
  void look(PiiScan& scan, std::string_view column, std::string_view text) {
    scan.begin_record();
    scan.cell({.column = column, .place = column, .text = text});
  }
  static ScannedColumn column(const PiiScan& scan, std::string_view name) {
    for (ScannedColumn& column : scan.columns())
      if (column.column == name) return column;
    return {};
  }
  SpanSink listing() {
    return [this](const FoundSpan& span) {
      spans_.push_back(std::to_string(span.record) + " " + std::string(span.type) + " " +
                       std::to_string(span.begin) + "-" + std::to_string(span.end) +
                       (span.by_name ? " by name" : ""));
    };
  }

  SensitiveDataOptions options_;
  std::vector<std::string> spans_;
};

TEST_F(PiiScanTest, CountsCellsByColumnAndType) {
  PiiScan scan(options_, {});
  look(scan, "note", "nothing");
  look(scan, "note", "ann@example.org and bob@example.org");
  look(scan, "note", "ann@example.org or +49 30 901820");
  look(scan, "note", "");
  const ScannedColumn note = column(scan, "note");
  EXPECT_EQ(scan.records(), 4);
  EXPECT_EQ(note.cells, 3);
  EXPECT_EQ(note.found, 2);
  ASSERT_EQ(note.types.size(), 2);
  for (const auto& count : note.types)
    EXPECT_EQ(count.cells, count.type == "EMAIL" ? 2 : 1) << count.type;
}

TEST_F(PiiScanTest, SpansAreBytesOfTheCell) {
  PiiScan scan(options_, {}, listing());
  look(scan, "note", "é ann@example.org");
  look(scan, "note", "+49 30 901820, bob@example.org");
  EXPECT_THAT(spans_, ElementsAre("1 EMAIL 3-18", "2 PHONE_NUMBER 0-13", "2 EMAIL 15-30"));
}

// What masking looks into: names of members, escapes.
TEST_F(PiiScanTest, LooksIntoTextsWithinTexts) {
  PiiScan scan(options_, {}, listing());
  look(scan, "note", R"( {"mobile": "74 09 75", "n": 3, "s": "x ann@example.org"})");
  look(scan, "note", R"({"s": "call \"Ann\": +49 30 901820"})");
  look(scan, "note", "to=ann%40example.org");
  look(scan, "note", R"(7\t+4930901820\n)");
  EXPECT_THAT(spans_, ElementsAre("1 PHONE_NUMBER 13-21", "1 EMAIL 40-55", "2 PHONE_NUMBER 7-34",
                                  "3 EMAIL 3-20", "4 PHONE_NUMBER 3-14"));
}

TEST_F(PiiScanTest, WhatTheNameTellsIsASpanToo) {
  PiiScan scan(options_, {}, listing());
  look(scan, "phone", "+49 30 901820");
  look(scan, "phone", "ask Ann");
  look(scan, "email_count", "7");
  EXPECT_THAT(spans_, ElementsAre("1 PHONE_NUMBER 0-13", "2 PHONE_NUMBER 0-7 by name"));
}

TEST_F(PiiScanTest, TextThatIsNotUtf8CountsAsFound) {
  PiiScan scan(options_, {}, listing());
  look(scan, "note", "a\xff");
  EXPECT_THAT(spans_, ElementsAre("1 NOT_UTF8 0-2"));
  EXPECT_EQ(column(scan, "note").found, 1);
}

TEST_F(PiiScanTest, TellsWhatTheConfigurationDoes) {
  options_.columns["users.note"] = {.action = MaskAction::keep};
  options_.columns["profile"] = {.action = MaskAction::hash};
  PiiScan scan(options_, {"shop", "users"});
  for (const char* name : {"note", "email", "profile.city", "contact.phone.home", "phones[]", "x"})
    look(scan, name, "nothing");
  EXPECT_EQ(column(scan, "note").policy.mode, ColumnPolicy::Mode::keep);
  EXPECT_EQ(column(scan, "email").policy.prior.type, "EMAIL");
  EXPECT_EQ(column(scan, "profile.city").policy.rule.action, MaskAction::hash);
  EXPECT_EQ(column(scan, "contact.phone.home").policy.prior.type, "PHONE_NUMBER");
  EXPECT_EQ(column(scan, "phones[]").policy.prior.type, "PHONE_NUMBER");
  EXPECT_EQ(column(scan, "x").policy.mode, ColumnPolicy::Mode::cells);
}

TEST_F(PiiScanTest, NumbersAndKeys) {
  PiiScan scan(options_, {}, listing());
  scan.begin_record();
  scan.cell({.column = "n", .place = "n", .text = "14155552671", .number = true});
  scan.cell({.column = "by", .place = "by", .text = "plain", .key = true});
  scan.cell({.column = "by", .place = "by", .text = "ann@example.org", .key = true});
  EXPECT_EQ(column(scan, "by (keys)").found, 1);
  EXPECT_EQ(column(scan, "by (keys)").cells, 1);
  EXPECT_EQ(scan.shown_name("plain"), "plain");
  EXPECT_EQ(scan.shown_name("ann@example.org").find("ann"), std::string::npos);
}

TEST_F(PiiScanTest, ColumnsAreBounded) {
  PiiScan scan(options_, {});
  for (std::size_t i = 0; i < PiiScan::kMaxColumns + 50; ++i)
    look(scan, "c" + std::to_string(i), "x");
  EXPECT_EQ(scan.columns().size(), PiiScan::kMaxColumns + 1);
  EXPECT_EQ(column(scan, "(other columns)").cells, 50);
}

}  // namespace
}  // namespace freshet
