#include "pipeline/capture_state.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(CaptureState, SurvivesItsEncoding) {
  CaptureState state;
  state.position = {.server_id = "u", .log = {"bin.000003", 77}, .gtid = "0-1-9", .rows = 5};
  TableSchema schema;
  schema.name = {"shop", "users"};
  schema.columns = {{.name = "id"}};
  state.tables[{"shop", "users"}] = {.phase = SnapshotPhase::loading,
                                     .last_key = "[1]",
                                     .rows = 10,
                                     .estimate = 20,
                                     .schema = std::make_shared<const TableSchema>(schema),
                                     .joined = true};
  state.tables[{"shop", "log"}] = {
      .phase = SnapshotPhase::spooled, .spool = "a.spool", .spooled_blocks = 3};
  state.removed[{"crm", "people"}] = nullptr;
  state.tables[{"shop", "part"}] = {.phase = SnapshotPhase::cancelled,
                                    .paused = true,
                                    .whole_before = true,
                                    .empty_first = true,
                                    .where = "id > 7"};
  const Bytes bytes = state.encode();
  const CaptureState back = CaptureState::decode(bytes);
  EXPECT_EQ(back.position, state.position);
  EXPECT_EQ(back.tables, state.tables);
  EXPECT_EQ(back.removed, state.removed);
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_THROW((void)CaptureState::decode(std::string_view(bytes).substr(0, n)), Error);
}

}  // namespace
}  // namespace freshet
