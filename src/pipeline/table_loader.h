#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "pipeline/capture_state.h"
#include "pipeline/load_pace.h"
#include "source/connection.h"
#include "source/snapshot_view.h"

namespace freshet {

struct LoadLimits {
  std::size_t chunk_rows = 50'000;
  std::size_t chunk_bytes = std::size_t{8} << 20;
  std::size_t workers = 2;  // chunks that are read at the same time; one more may be read already
  std::uint64_t rows_per_second = 0;  // of all keyed tables together; 0 = as many as can be had
  // While the log reader is further behind than this no view is opened; 0 = they always are.
  std::chrono::milliseconds pause_behind{0};
  ViewOptions views;
  // Tables of a higher number come first; without it all are alike.
  std::function<std::int64_t(const TableName&)> order;
};

// One read view, read to its end. A keyed table's rows are in `rows`, from the mark that opens the
// snapshot (first chunk) to the mark that closes it (last chunk); the rows of a table without a
// usable key are in the sealed spool file instead, marks included. Rows that were chosen by a
// condition (TableProgress::where) come without marks.
struct LoadedChunk {
  TableName table;
  LogCoordinate at;  // the rows are as of here: they enter the stream when the log has come here
  SchemaPtr schema;
  TableDefinition definition;  // the same with what the log asks beyond it
  bool first = false;          // of the table's load
  ChangeBatch rows;
  ChunkResult result;  // done: no rows of the table are left
  std::string spool;   // file name; empty for keyed tables
};

// Reads tables in chunks, each in a read view of its own, some at the same time and one ahead of
// the stream. Reading goes on in the background; views are opened by the caller's thread, which
// also reads the log: so the log reader can never be past a view when it is opened, and no key must
// be tracked. All calls from that one thread.
//
// The chunks of a table follow one another by key: once a chunk's last key is known, which the
// index tells sooner than the rows come, the next one is opened behind it. They are handed out in
// the order in which they were opened, which is that of their places in the log. So at any time
// what is in the stream of a table ends at one key, and a restart needs to know nothing else.
class TableLoader {
 public:
  // `seal` encrypts what is spooled (capture_masker.h); empty: spools are clear.
  TableLoader(SourceOptions source, ServerFacts facts, LoadLimits limits,
              std::filesystem::path spool_directory, std::string seal);
  ~TableLoader();  // cancels what is being read

  // Opens the next view if there is a table to load and a free place. Takes milliseconds. A table
  // that is not there any more waits for the log, which is to tell that it was dropped or renamed
  // (forget()); where it does not, throws Error{config} with the remedy.
  void advance(const CaptureState& state);
  // Rows have come faster than LoadLimits::rows_per_second: the next view waits for that.
  [[nodiscard]] bool paced() const;
  // Where the log reader has to stop for the oldest view; nothing when none is open.
  [[nodiscard]] std::optional<LogCoordinate> until() const;
  // The oldest view's rows, once they are read; waits up to `wait`. Throws what reading threw.
  // Nothing, too, where the log was read to see what became of a table.
  [[nodiscard]] std::optional<LoadedChunk> take(std::chrono::milliseconds wait);
  // Whose view that is. Only while until() is known.
  [[nodiscard]] const TableName& next_table() const;
  // Drops the views of a table: what they hold is void, or not wanted any more.
  void forget(const TableName& table);

 private:
  struct Task;
  struct Plan {
    TableName table;
    ChunkRange range;
    bool empty_first = false;
  };
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] std::optional<Plan> plan(const CaptureState& state) const;
  void open(const Plan& plan);
  void wait_for(const TableName& table, const Error& error);
  void look_into_log(const TableName& table, const Error& error);
  [[nodiscard]] std::unique_ptr<SnapshotReader> free_reader();

  SourceOptions source_;
  ServerFacts facts_;
  LoadLimits limits_;
  std::filesystem::path spool_directory_;
  std::string seal_;
  LoadPace pace_;
  std::deque<std::unique_ptr<Task>> tasks_;
  std::vector<std::unique_ptr<SnapshotReader>> readers_;  // not in use by a task
  std::set<TableName> missed_;  // no view can be opened, and the log has not told why
  std::chrono::steady_clock::time_point retry_at_{};
  unsigned failures_ = 0;
};

}  // namespace freshet
