#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lake/history_writer.h"
#include "lake/lake.h"
#include "lake/mirror_writer.h"
#include "pipeline/table_preparer.h"
#include "stream/stream.h"

namespace freshet {

struct SinkOptions {
  TransformOptions transform;
  std::string key;  // the installation's secret, 32 bytes
  bool mirror = true;
  bool history = true;
  std::string prefix;  // of lake table names; empty as a rule
};

// The lake table of a source table; its history is that name and HistoryWriter::kSuffix.
[[nodiscard]] std::string lake_table_of(const SinkOptions& options, const TableName& table);

// Verdicts on columns of a lake table that its snapshots, or those of its history, tell.
[[nodiscard]] TableVerdicts committed_verdicts(const Lake& lake, const std::string& lake_table);

// How far one source table had come when everything was last known to be in the lake. Shortens a
// restart; the snapshot summaries of the Iceberg tables are the truth.
struct SinkCheckpoint {
  StreamOffset offset = 0;   // all changes of the table up to here are in the lake
  StreamOffset mirror = 0;   // committed_offset() of the writers then: a smaller one now means that
  StreamOffset history = 0;  // the lake was replaced, and the checkpoint is void
  bool begun = false;        // its snapshot has begun
  bool complete = false;     // ... and ended

  friend bool operator==(const SinkCheckpoint&, const SinkCheckpoint&) = default;
};

struct SinkStatus {
  std::string table;          // in the lake
  std::int64_t rows = 0;      // live rows of the mirror
  std::size_t pending = 0;    // changes applied but not committed
  std::uint64_t changes = 0;  // applied since start
  bool complete = false;
  TableVerdicts verdicts;              // on the table's columns
  std::vector<std::string> overruled;  // those of them that a rule of the configuration overrules
};

class TableSink;

// What a change brings to the lake.
struct PreparedRow {
  TableSink* sink = nullptr;            // none: nothing
  const LakeSchema* columns = nullptr;  // none: the tables of the sink have the change already
  std::size_t first_cell = 0;           // of a row: the first of columns->columns.size()
  RowId before, after;                  // of the images that the change has, for the mirror
};

// One source table's way from the stream into the lake: mask and flatten, then keep the mirror and
// the history. Skips what an Iceberg table has already. prepare() is called in one thread, all else
// in another: for each change first the one, then apply() with what it gave.
//
// A keyless table's mirror begins with its snapshot: what the log tells of it earlier stands in the
// history alone, for the snapshot holds it already and rows without a key cannot be merged. Where a
// statement makes another snapshot due, the mirror stays as it is until that begins. The mirror of
// a table with a key takes changes all the time; until its snapshot has ended, also of rows that it
// lacks.
class TableSink {
 public:
  TableSink(Lake& lake, const SinkOptions& options, const SchemaPtr& schema,
            const std::optional<SinkCheckpoint>& checkpoint);

  // Appends the cells of the change's row, whose text lies in its images or in the arena.
  [[nodiscard]] PreparedRow prepare(const Change& change, StreamOffset offset,
                                    std::vector<Value>& cells, Arena& arena);
  // `cells`: those that prepare() has appended to.
  void apply(const Change& change, StreamOffset offset, const PreparedRow& row,
             std::span<const Value> cells);
  // Makes all that was applied visible to SQL. Between transactions only.
  void publish();
  // Takes what was applied out of memory, into files that nobody sees yet; within a transaction
  // too.
  void stage();
  // Commits all that was applied up to `point`. Between transactions only.
  void commit(const CommitPoint& point);

  [[nodiscard]] bool unpublished() const noexcept { return unpublished_; }
  [[nodiscard]] std::size_t pending_rows() const noexcept;  // applied but not committed
  [[nodiscard]] std::size_t held_rows() const noexcept;     // of these, in memory
  [[nodiscard]] std::size_t held_bytes() const noexcept;
  // When the oldest change that is not committed was applied.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> pending_since()
      const noexcept {
    return pending_since_;
  }
  // Where this table could resume if all changes up to `applied` have been applied.
  [[nodiscard]] const SinkCheckpoint& checkpoint(StreamOffset applied);
  [[nodiscard]] SinkStatus status();
  [[nodiscard]] std::vector<ColumnFinding> findings() const { return preparer_.findings(); }

 private:
  void settle(StreamOffset offset);
  void follow(Op op) noexcept;
  void apply_to_mirror(const Change& change, const PreparedRow& row, std::span<const Value> cells);
  void apply_to_history(const Change& change, StreamOffset offset, const PreparedRow& row,
                        std::span<const Value> cells);
  void apply_mark(const Change& change, StreamOffset offset, const PreparedRow& row);
  void finish_earlier();
  [[nodiscard]] bool is_new_to_rows(const ColumnVerdict& verdict) const;
  void mask_earlier_rows(const TableVerdicts& verdicts);
  MirrorWriter& mirror(const LakeSchema& columns);
  HistoryWriter& history(const LakeSchema& columns);
  [[nodiscard]] bool mirror_wants(StreamOffset offset) const noexcept {
    return options_.mirror && offset > mirror_start_;
  }
  [[nodiscard]] bool history_wants(StreamOffset offset) const noexcept {
    return options_.history && offset > history_start_;
  }

  Lake& lake_;
  SinkOptions options_;
  std::string table_;
  std::vector<LakeColumn> existing_;  // of the lake table at start
  TablePreparer preparer_;
  TableName source_name_;
  TableVerdicts known_at_start_;
  bool opened_ = false;               // what an earlier process left is finished
  std::uint64_t followed_ = 0;        // verdicts by which all rows in the lake are masked
  SchemaPtr source_;                  // of the last change applied
  std::uint64_t schema_version_ = 0;  // of source_, for the history
  // Writers are made, and follow the columns, only when a change comes that their table lacks: a
  // replay from before must not take a table back to older columns.
  std::optional<MirrorWriter> mirror_;
  std::optional<HistoryWriter> history_;
  const LakeSchema* mirror_columns_ = nullptr;  // that the writer has
  const LakeSchema* history_columns_ = nullptr;
  StreamOffset mirror_committed_ = 0;  // as the Iceberg table says
  StreamOffset history_committed_ = 0;
  StreamOffset mirror_start_ = 0;  // changes up to here are in the table already
  StreamOffset history_start_ = 0;
  bool begun_ = false;
  bool complete_ = false;
  bool unpublished_ = false;
  SinkCheckpoint settled_;  // as of the last commit
  std::uint64_t changes_ = 0;
  std::optional<std::chrono::steady_clock::time_point> pending_since_;
};

}  // namespace freshet
