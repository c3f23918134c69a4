#include "pipeline/snapshot_request.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace freshet {

namespace {

constexpr std::array<std::string_view, 4> kActions{"load", "pause", "resume", "cancel"};

// Whether the lake will have all rows once this load is over, whatever becomes of it.
bool stays_whole(const TableProgress& progress) { return progress.phase == SnapshotPhase::done; }

SnapshotStep load(const TableName& table, TableProgress& progress, const SnapshotRequest& request) {
  if (progress.unfinished())
    fail(ErrorKind::conflict,
         "{} is being loaded already: wait for its end, or `freshet snapshot cancel {}` first",
         table.qualified(), table.qualified());
  const bool keyed = progress.schema && progress.schema->has_key();
  if (!request.where.empty() && !keyed)
    fail(ErrorKind::usage,
         "{} has no primary key: rows that fit a condition cannot take the place of those that the "
         "lake has; load the whole table",
         table.qualified());
  progress = {.schema = progress.schema,
              .joined = progress.joined,
              .whole_before = stays_whole(progress),
              .empty_first = request.empty_first,
              .where = request.where};
  return {.said = fmt::format(
              "{}: {} to be loaded", table.qualified(),
              request.where.empty() ? "all rows are" : "the rows that fit the condition are")};
}

void demand_unfinished(const TableName& table, const TableProgress& progress,
                       std::string_view action) {
  if (!progress.unfinished())
    fail(ErrorKind::conflict, "{} is not being loaded: there is nothing to {}", table.qualified(),
         action);
  if (progress.phase == SnapshotPhase::spooled)
    fail(ErrorKind::conflict,
         "{} has been read already, its rows are on their way into the lake: wait for the end",
         table.qualified());
}

SnapshotStep pause(const TableName& table, TableProgress& progress) {
  demand_unfinished(table, progress, "pause");
  progress.paused = true;
  return {.drop_views = true, .said = fmt::format("{}: loading pauses", table.qualified())};
}

SnapshotStep resume(const TableName& table, TableProgress& progress) {
  demand_unfinished(table, progress, "resume");
  if (!progress.paused)
    fail(ErrorKind::conflict, "{} is not paused: there is nothing to resume", table.qualified());
  progress.paused = false;
  return {.said = fmt::format("{}: loading goes on", table.qualified())};
}

SnapshotStep cancel(const TableName& table, TableProgress& progress) {
  demand_unfinished(table, progress, "cancel");
  const bool whole = progress.whole();
  SnapshotStep step{.drop_views = true};
  step.end_mark = whole && progress.phase == SnapshotPhase::loading && progress.where.empty();
  step.said = fmt::format(
      "{}: loading is cancelled; the lake {}", table.qualified(),
      whole ? "has all rows, as before" : "is incomplete until the table is loaded again");
  progress = {.phase = whole ? SnapshotPhase::done : SnapshotPhase::cancelled,
              .rows = progress.rows,
              .estimate = progress.estimate,
              .schema = progress.schema,
              .joined = progress.joined};
  return step;
}

}  // namespace

std::string_view name_of(SnapshotRequest::Action action) noexcept {
  return kActions[static_cast<std::size_t>(action)];
}

SnapshotRequest::Action snapshot_action_of(std::string_view name) {
  const auto* found = std::ranges::find(kActions, name);
  if (found == kActions.end())
    fail(ErrorKind::usage, "there is no snapshot action {}: use load, pause, resume or cancel",
         name);
  return static_cast<SnapshotRequest::Action>(found - kActions.begin());
}

const TableName& find_table(const CaptureState& state, std::string_view name) {
  const TableName* found = nullptr;
  for (const auto& [table, progress] : state.tables) {
    if (table.qualified() == name) return table;
    if (table.table != name) continue;
    if (found != nullptr)
      fail(ErrorKind::usage, "{} may mean {} or {}: write the schema as well", name,
           found->qualified(), table.qualified());
    found = &table;
  }
  if (found == nullptr)
    fail(ErrorKind::usage,
         "the table {} is not captured: correct the name (`freshet status` lists them), or add it "
         "to source.tables and restart",
         name);
  return *found;
}

SnapshotStep take_step(const TableName& table, TableProgress& progress,
                       const SnapshotRequest& request) {
  switch (request.action) {
    case SnapshotRequest::Action::load: return load(table, progress, request);
    case SnapshotRequest::Action::pause: return pause(table, progress);
    case SnapshotRequest::Action::resume: return resume(table, progress);
    case SnapshotRequest::Action::cancel: return cancel(table, progress);
  }
  fail(ErrorKind::internal, "a snapshot action without a name");
}

}  // namespace freshet
