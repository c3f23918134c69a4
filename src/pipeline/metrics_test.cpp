#include "pipeline/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kSecond = 1'000'000;  // in microseconds

RunStatus status() {
  RunStatus status{.now_micros = 100 * kSecond, .connected = true};
  status.capture.tables[{"shop", "users"}] = {
      .phase = SnapshotPhase::loading, .rows = 7, .estimate = 10};
  status.stream = {.first = 1, .last = 20, .bytes = 300};
  status.ingest = {.applied = 15, .committed = 12, .applied_micros = 97 * kSecond};
  status.rows = {.read = 9, .emitted = 6, .filtered = 2, .repeated = 1};
  return status;
}

TEST(Metrics, TellTheLagAndWhatBecameOfEachChange) {
  const std::string text = render_metrics(status(), {});
  EXPECT_THAT(text, HasSubstr("# TYPE freshet_lag_seconds gauge\nfreshet_lag_seconds 3\n"));
  EXPECT_THAT(text, HasSubstr("\nfreshet_backlog_changes 5\n"));
  EXPECT_THAT(text, HasSubstr("\nfreshet_ledger_changes_total{outcome=\"filtered\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nfreshet_ledger_balanced 1\n"));
  EXPECT_THAT(text,
              HasSubstr("\nfreshet_snapshot_phase{table=\"shop.users\",phase=\"loading\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nfreshet_snapshot_whole{table=\"shop.users\"} 0\n"));
  // What the server has not told is left out, not zero.
  EXPECT_THAT(text, Not(HasSubstr("retention")));
}

TEST(Metrics, NothingIsLateBehindAnEmptyStream) {
  RunStatus idle = status();
  idle.stream.last = idle.ingest.applied;
  EXPECT_THAT(render_metrics(idle, {}), HasSubstr("\nfreshet_lag_seconds 0\n"));
}

TEST(Metrics, NamesOfAnyKindAreOneLabel) {
  PiiReport report;
  report.tables = {{.table = "odd\"table",
                    .columns = {{.column = "new\nline\\",
                                 .action = "redact",
                                 .cells = 4,
                                 .masked = 3,
                                 .found = {{"EMAIL", 3}}},
                                {.column = "plain", .cells = 4}}}};
  const std::string text = render_metrics(status(), report);
  EXPECT_THAT(text, HasSubstr("freshet_pii_found_cells_total{table=\"odd\\\"table\","
                              "column=\"new\\nline\\\\\",type=\"EMAIL\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("plain")));
}

TEST(RunStatus, SaysWhyTheLakeIsNotWhole) {
  RunStatus one = status();
  EXPECT_EQ(one.problem(), "shop.users: 7 of about 10 rows loaded");
  one.capture.tables.begin()->second.phase = SnapshotPhase::done;
  EXPECT_EQ(one.problem(), "");
  one.connected = false;
  one.source_problem = "gone";
  EXPECT_EQ(one.problem(), "the source is not connected: gone");
}

}  // namespace
}  // namespace freshet
