#include "pipeline/pii_report.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace freshet {
namespace {

TEST(PiiReport, AddsUpAndSurvivesARestart) {
  const ColumnFinding found{.column = "note",
                            .action = MaskAction::redact,
                            .cells = 10,
                            .masked = 3,
                            .hits = {{"EMAIL", 2}, {"PHONE_NUMBER", 1}}};
  const ColumnFinding known{.column = "email",
                            .action = MaskAction::hash,
                            .basis = ColumnFinding::Basis::name,
                            .known_as = "EMAIL"};
  TableVerdicts verdicts;
  verdicts.add({.column = "email", .type = "EMAIL", .since_micros = 5, .name_type = "EMAIL"});
  PiiReport report;
  report.now_micros = 7;
  report.add("users", {found, known, {.column = "id", .action = MaskAction::keep, .cells = 4}});
  report.add("users", verdicts, {});
  report.add("a", std::vector<ColumnFinding>{});

  PiiReport again = PiiReport::from_json(report.to_json());
  EXPECT_EQ(again.to_json(), report.to_json());
  again.add(report);
  ASSERT_EQ(again.tables.size(), 2u);
  EXPECT_EQ(again.tables[0].table, "a");
  const std::vector<PiiColumn>& columns = again.tables[1].columns;
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[0].cells, 20u);
  EXPECT_EQ(columns[0].found.at("EMAIL"), 4u);
  EXPECT_EQ(columns[1].action, "hash");
  EXPECT_EQ(columns[1].verdict->since_micros, 5);
  EXPECT_TRUE(columns[0].personal());
  EXPECT_TRUE(columns[1].personal());
  EXPECT_FALSE(columns[2].personal());
  EXPECT_THROW((void)PiiReport::from_json("{}"), Error);

  PiiReport now;
  now.add("users", {{.column = "email",
                     .action = MaskAction::keep,
                     .basis = ColumnFinding::Basis::rule,
                     .cells = 1}});
  now.add_earlier(report);
  EXPECT_EQ(now.tables[1].columns[0].action, "keep") << "what is done now counts";
  EXPECT_EQ(now.tables[1].columns.size(), 3u);
}

}  // namespace
}  // namespace freshet
