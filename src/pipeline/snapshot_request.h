#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/capture_state.h"

namespace freshet {

// What people ask of the loading of tables while it runs: `freshet snapshot`.
struct SnapshotRequest {
  enum class Action : std::uint8_t { load, pause, resume, cancel };
  Action action = Action::load;
  std::vector<std::string> tables;  // "schema.table", or "table" where only one has that name
  std::string where;                // load: an SQL condition; only rows that fit are read
  bool empty_first = false;         // load: the mirror is emptied before the first row comes
};

[[nodiscard]] std::string_view name_of(SnapshotRequest::Action action) noexcept;
// Throws Error{usage} on an unknown name.
[[nodiscard]] SnapshotRequest::Action snapshot_action_of(std::string_view name);

// The captured table that is meant. Throws Error{usage} where there is none, or more than one.
[[nodiscard]] const TableName& find_table(const CaptureState& state, std::string_view name);

// What remains to be done once a table's progress has become what was asked for.
struct SnapshotStep {
  bool drop_views = false;  // what is being read of the table is void
  bool end_mark = false;  // the stream has a snapshot_begin of this load: it needs the end as well
  std::string said;       // for people: "shop.users is to be loaded"
};

// Changes the progress of one table as asked:
//   load    all rows from the first key on; or those that fit `where`, without marks, beside what
//           the lake has. Throws Error{conflict} while the table is being loaded.
//   pause   nothing more is read until `resume`; resume goes on where the pause found it.
//   cancel  the load ends. A table of which the lake had all rows keeps them all, those that were
//           read anew included: done. Any other stays incomplete: cancelled.
// Throws Error{conflict} where there is nothing to pause, resume or cancel, and while the rows of a
// table without a key are on their way from the spool into the stream, which takes moments.
[[nodiscard]] SnapshotStep take_step(const TableName& table, TableProgress& progress,
                                     const SnapshotRequest& request);

}  // namespace freshet
