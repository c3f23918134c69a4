#include "pipeline/snapshot_request.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "pipeline/control_request.h"

namespace freshet {
namespace {

using Action = SnapshotRequest::Action;

const TableName kUsers{"shop", "users"};

TableProgress progress_of(SnapshotPhase phase, bool keyed = true) {
  TableSchema schema;
  schema.name = kUsers;
  schema.columns = {{.name = "id"}};
  if (keyed) schema.key = {0};
  return {.phase = phase, .rows = 5, .schema = std::make_shared<const TableSchema>(schema)};
}

ErrorKind kind_of_refusal(TableProgress progress, const SnapshotRequest& request) {
  const TableProgress before = progress;
  try {
    (void)take_step(kUsers, progress, request);
  } catch (const Error& error) {
    EXPECT_EQ(progress, before) << error.what();
    return error.kind();
  }
  ADD_FAILURE() << "not refused";
  return ErrorKind::internal;
}

TEST(SnapshotStep, LoadsFromTheFirstKeyAndKnowsWhetherTheLakeWasWhole) {
  for (const SnapshotPhase phase : {SnapshotPhase::done, SnapshotPhase::cancelled}) {
    TableProgress progress = progress_of(phase);
    progress.last_key = "[\"7\"]";
    const SnapshotStep step = take_step(kUsers, progress, {.action = Action::load});
    EXPECT_FALSE(step.end_mark);
    EXPECT_EQ(progress.phase, SnapshotPhase::pending);
    EXPECT_EQ(progress.last_key, "");
    EXPECT_EQ(progress.rows, 0U);
    EXPECT_EQ(progress.whole(), phase == SnapshotPhase::done);
  }
}

TEST(SnapshotStep, RefusesWhatMakesNoSense) {
  const auto unfinished = {SnapshotPhase::pending, SnapshotPhase::loading, SnapshotPhase::spooled};
  for (const SnapshotPhase phase : unfinished)
    EXPECT_EQ(kind_of_refusal(progress_of(phase), {.action = Action::load}), ErrorKind::conflict);
  for (const Action action : {Action::pause, Action::resume, Action::cancel}) {
    EXPECT_EQ(kind_of_refusal(progress_of(SnapshotPhase::done), {.action = action}),
              ErrorKind::conflict);
    EXPECT_EQ(kind_of_refusal(progress_of(SnapshotPhase::spooled), {.action = action}),
              ErrorKind::conflict);
  }
  EXPECT_EQ(kind_of_refusal(progress_of(SnapshotPhase::loading), {.action = Action::resume}),
            ErrorKind::conflict);
  EXPECT_EQ(kind_of_refusal(progress_of(SnapshotPhase::done, false),
                            {.action = Action::load, .where = "n > 1"}),
            ErrorKind::usage);
}

TEST(SnapshotStep, PauseKeepsThePlace) {
  TableProgress progress = progress_of(SnapshotPhase::loading);
  progress.last_key = "[\"7\"]";
  EXPECT_TRUE(take_step(kUsers, progress, {.action = Action::pause}).drop_views);
  EXPECT_TRUE(progress.paused);
  EXPECT_TRUE(progress.unfinished());
  (void)take_step(kUsers, progress, {.action = Action::resume});
  EXPECT_FALSE(progress.paused);
  EXPECT_EQ(progress.last_key, "[\"7\"]");
  EXPECT_EQ(progress.rows, 5U);
}

struct Cancelled {
  const char* what;
  SnapshotPhase phase;
  bool whole_before;
  bool empty_first;
  const char* where;
  SnapshotPhase then;
  bool end_mark;
};

TEST(SnapshotStep, CancelSaysWhetherTheLakeIsWhole) {
  using enum SnapshotPhase;
  const Cancelled cases[] = {
      {"first load", loading, false, false, "", cancelled, false},
      {"first load, nothing read", pending, false, false, "", cancelled, false},
      {"again, nothing read", pending, true, false, "", done, false},
      {"again", loading, true, false, "", done, true},
      {"emptied, nothing read", pending, true, true, "", done, false},
      {"emptied", loading, true, true, "", cancelled, false},
      {"chosen rows", loading, true, false, "id > 1", done, false},
      {"chosen rows of an incomplete table", loading, false, false, "id > 1", cancelled, false},
  };
  for (const Cancelled& c : cases) {
    TableProgress progress = progress_of(c.phase);
    progress.whole_before = c.whole_before;
    progress.empty_first = c.empty_first;
    progress.where = c.where;
    const SnapshotStep step = take_step(kUsers, progress, {.action = Action::cancel});
    EXPECT_TRUE(step.drop_views) << c.what;
    EXPECT_EQ(step.end_mark, c.end_mark) << c.what;
    EXPECT_EQ(progress.phase, c.then) << c.what;
    EXPECT_EQ(progress.whole(), c.then == done) << c.what;
    EXPECT_EQ(progress.where, "") << c.what;
  }
}

TEST(FindTable, TakesTheShortNameWhereItIsClear) {
  CaptureState state;
  state.tables[kUsers];
  state.tables[{"shop", "orders"}];
  state.tables[{"archive", "orders"}];
  EXPECT_EQ(find_table(state, "users"), kUsers);
  EXPECT_EQ(find_table(state, "shop.orders"), (TableName{"shop", "orders"}));
  EXPECT_THROW((void)find_table(state, "orders"), Error);
  EXPECT_THROW((void)find_table(state, "nothing"), Error);
}

TEST(ControlRequest, CarriesASnapshotRequest) {
  const ControlRequest request{.command = "snapshot",
                               .snapshot = {.action = Action::load,
                                            .tables = {"shop.users", "a\"b"},
                                            .where = "name = 'x'",
                                            .empty_first = true}};
  const ControlRequest back = parse_request(to_json(request));
  EXPECT_EQ(back.command, "snapshot");
  EXPECT_EQ(back.snapshot.action, Action::load);
  EXPECT_EQ(back.snapshot.tables, request.snapshot.tables);
  EXPECT_EQ(back.snapshot.where, "name = 'x'");
  EXPECT_TRUE(back.snapshot.empty_first);
  EXPECT_THROW((void)parse_request(R"({"command":"snapshot","action":"drop","tables":[]})"), Error);
}

}  // namespace
}  // namespace freshet
