#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/position.h"
#include "model/table_schema.h"

namespace freshet {

enum class SnapshotPhase : std::uint8_t {
  pending = 0,  // to be loaded, from the first key on
  loading = 1,  // keyed table: loaded up to last_key, exclusive of later keys
  spooled = 2,  // keyless table: read into a spool file whose blocks are entering the stream
  done = 3,
  cancelled = 4,  // given up: the lake holds some of the rows, which are kept up to date
};

// How far the snapshot of one table has come. Never ahead of what is in the stream.
struct TableProgress {
  SnapshotPhase phase = SnapshotPhase::pending;
  std::string last_key;              // loading: continues after this key (SnapshotReader's text)
  std::string spool;                 // spooled: file name within the spool directory
  std::uint64_t spooled_blocks = 0;  // spooled: blocks that are in the stream already
  std::uint64_t rows = 0;            // rows loaded so far
  std::uint64_t estimate = 0;        // rows that the server expected at the start
  SchemaPtr schema;                  // columns as last known; may be null before the first view
  // Its log changes enter the stream. A table whose columns are not certain when it comes under a
  // captured name joins with its first view: the log before that is passed over.
  bool joined = false;
  bool paused = false;        // pending or loading: nothing is read until `resume`
  bool whole_before = false;  // the lake had all rows when this load was asked for
  bool empty_first = false;   // the load begins by emptying the mirror
  std::string where;          // loads only the rows that fit, beside the others

  // To be read further, now or after a pause.
  [[nodiscard]] bool unfinished() const noexcept { return phase < SnapshotPhase::done; }
  // The lake has all rows of the table, but for the delay of log and stream.
  [[nodiscard]] bool whole() const noexcept {
    return phase == SnapshotPhase::done ||
           (whole_before && (!empty_first || phase == SnapshotPhase::pending));
  }

  friend bool operator==(const TableProgress& a, const TableProgress& b);
};

// Everything the capture must know to resume: it enters the stream in the same atomic write as
// the changes that it accounts for.
struct CaptureState {
  Position position;
  std::map<TableName, TableProgress> tables;
  // No longer captured; what the stream has told of them is out of date.
  std::map<TableName, SchemaPtr> removed;

  [[nodiscard]] Bytes encode() const;
  static CaptureState decode(std::string_view bytes);  // throws Error{corrupt}
};

}  // namespace freshet
