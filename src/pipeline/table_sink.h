#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lake/history_writer.h"
#include "lake/lake.h"
#include "lake/mirror_writer.h"
#include "stream/stream.h"
#include "transform/row_identity.h"
#include "transform/table_transform.h"

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

// One source table's way from the stream into the lake: mask and flatten, then keep the mirror and
// the history. Skips what an Iceberg table has already. One thread.
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

  void apply(const Change& change, StreamOffset offset);
  // Makes all that was applied visible to SQL. Between transactions only.
  void publish();
  // Commits all that was applied up to `point`. Between transactions only.
  void commit(const CommitPoint& point);

  [[nodiscard]] bool unpublished() const noexcept { return unpublished_; }
  [[nodiscard]] std::size_t pending_rows() const noexcept;
  [[nodiscard]] std::size_t pending_bytes() const noexcept;
  // When the oldest change that is not committed was applied.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> pending_since()
      const noexcept {
    return pending_since_;
  }
  // Where this table could resume if all changes up to `applied` have been applied.
  [[nodiscard]] const SinkCheckpoint& checkpoint(StreamOffset applied);
  [[nodiscard]] SinkStatus status();
  [[nodiscard]] std::vector<ColumnFinding> findings() const { return transform_.findings(); }

 private:
  void settle(StreamOffset offset);
  void announce_verdicts();
  void follow(Op op) noexcept;
  void apply_to_mirror(const Change& change);
  void apply_to_history(const Change& change, StreamOffset offset);
  void apply_mark(const Change& change, StreamOffset offset);
  MirrorWriter& mirror();
  HistoryWriter& history();
  [[nodiscard]] bool mirror_wants(StreamOffset offset) const noexcept {
    return options_.mirror && offset > mirror_start_;
  }
  [[nodiscard]] bool history_wants(StreamOffset offset) const noexcept {
    return options_.history && offset > history_start_;
  }

  Lake& lake_;
  SinkOptions options_;
  std::string table_;
  SchemaPtr source_;
  std::uint64_t schema_version_;  // of source_, for the history
  RowIdentity identity_;
  TableTransform transform_;
  // Writers are made, and follow the transform's columns, only when a change comes that their
  // table lacks: a replay from before must not take a table back to older columns.
  std::optional<MirrorWriter> mirror_;
  std::optional<HistoryWriter> history_;
  std::uint64_t mirror_version_ = 0;  // of the transform's schema that the writer has
  std::uint64_t history_version_ = 0;
  StreamOffset mirror_committed_ = 0;  // as the Iceberg table says
  StreamOffset history_committed_ = 0;
  StreamOffset mirror_start_ = 0;  // changes up to here are in the table already
  StreamOffset history_start_ = 0;
  bool begun_ = false;
  bool complete_ = false;
  bool unpublished_ = false;
  SinkCheckpoint settled_;  // as of the last commit
  std::uint64_t changes_ = 0;
  std::uint64_t announced_ = 0;  // version of the verdicts in the log
  std::optional<std::chrono::steady_clock::time_point> pending_since_;
  std::vector<Value> cells_;
  Arena arena_;
};

}  // namespace freshet
