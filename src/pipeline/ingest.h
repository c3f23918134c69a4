#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "pipeline/block_preparer.h"
#include "pipeline/ledger.h"
#include "pipeline/table_sink.h"
#include "stream/stream.h"

namespace freshet {

struct IngestOptions {
  SinkOptions sink;
  std::filesystem::path checkpoint_file;
  std::chrono::milliseconds flush_interval{
      5'000};                        // longest time between a change and its lake commit
  std::size_t flush_rows = 200'000;  // ... or this many changes of a table; in a longer transaction
                                     // so many are taken out of memory, into files not yet seen
  std::size_t flush_bytes = std::size_t{64} << 20;  // the same in bytes, of all tables together
};

struct IngestStatus {
  StreamOffset applied = 0;         // visible to SQL
  StreamOffset committed = 0;       // in the lake, of all tables
  std::int64_t applied_micros = 0;  // source commit time of the last applied change
  std::vector<SinkStatus> tables;
};

struct TableFindings {
  std::string table;
  std::vector<ColumnFinding> columns;
};

// The ingest loop: the stream into the lake. Whole source transactions become visible to SQL
// within moments of entering the stream (hot rows), and are committed to the Iceberg tables every
// flush interval, with the stream offset in the same commit: a restart resumes behind it.
//
// Two threads: one reads the stream and prepares rows (BlockPreparer), and the one that calls run()
// applies, publishes and commits them, so that what is visible is decided in one place.
class Ingest {
 public:
  // Throws Error{lost_position} if the stream no longer keeps what the lake lacks.
  Ingest(IngestOptions options, StreamReader& reader, Lake& lake, Ledger& ledger);

  // Until stop; then applies what was in the stream by then up to `drain()`'s offset and commits.
  void run(std::stop_token stop);
  // The last change to be applied before run() returns after a stop; without it, run() only
  // finishes the transaction at hand. From any thread, before the stop.
  void drain_to(StreamOffset offset) noexcept { drain_to_ = offset; }

  // Calls `look` in the ingest thread while SQL shows exactly the stream up to `offset`, not yet
  // more. To be called before anything behind `offset` enters the stream. `look` must not throw.
  // Not called, but destroyed with this object, if the loop ends before. From any thread.
  void look_at(StreamOffset offset, std::function<void()> look);

  [[nodiscard]] IngestStatus status() const;                  // from any thread
  [[nodiscard]] std::vector<TableFindings> findings() const;  // from any thread
  // Blocks up to here are no longer needed for a restart. From any thread.
  [[nodiscard]] StreamOffset checkpoint() const;

 private:
  void write_checkpoint();
  [[nodiscard]] std::unique_ptr<PreparedBlock> next_block(const std::stop_token& stop);
  void apply(PreparedBlock& block);
  void commit_at(StreamOffset end_of_transaction);
  [[nodiscard]] bool publish_is_due(bool caught_up) const;
  void publish();
  [[nodiscard]] bool look_is_due() const;
  void show_looks();
  [[nodiscard]] bool is_large(const TableSink& sink) const;
  [[nodiscard]] TableSink* fullest() const;
  void relieve_memory();
  void commit_due(bool all);
  void update_status();
  [[nodiscard]] std::chrono::milliseconds patience() const;
  [[nodiscard]] bool drained() const noexcept { return applied_ >= drain_to_ && !in_transaction_; }

  IngestOptions options_;
  Ledger& ledger_;
  std::map<TableName, SinkCheckpoint> checkpoints_;
  std::map<TableName, TableSink*> sinks_;  // that changes came for; they are preparer_'s
  TableSink* last_sink_ = nullptr;
  CommitPoint point_;
  StreamOffset applied_ = 0;
  bool in_transaction_ = false;
  std::atomic<StreamOffset> drain_to_{0};
  std::chrono::steady_clock::time_point published_at_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point caught_up_at_{};  // when the stream's end was last met
  std::chrono::steady_clock::time_point checkpoint_at_{};

  struct Look {
    StreamOffset offset;
    std::function<void()> call;
  };
  std::mutex looks_mutex_;
  std::vector<Look> looks_;
  std::stop_source wake_;  // ends the wait for a block: a look has come

  mutable std::mutex status_mutex_;
  IngestStatus status_;
  std::vector<TableFindings> findings_;
  StreamOffset checkpoint_ = 0;

  std::optional<BlockPreparer> preparer_;  // last: its thread goes first
};

}  // namespace freshet
