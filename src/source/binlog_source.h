#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "model/change.h"
#include "model/position.h"
#include "model/table_schema.h"
#include "source/connection.h"
#include "source/schema_tracker.h"
#include "source/spool.h"

namespace freshet {

class EventReader;

// A statement that changed a captured table as a whole. The reader has told the SchemaTracker, and
// has put a mark that empties() the table into the batch where the rows are gone.
struct DdlNotice {
  enum class Kind : std::uint8_t {
    altered,       // ALTER TABLE, CREATE INDEX ...: `neutral` tells whether existing values stay
    renamed_from,  // the name is gone; its rows live on under another name
    renamed_to,    // the name now means the rows that another table had
    dropped,       // DROP TABLE, DROP DATABASE, and the old table of CREATE OR REPLACE
    created,
    truncated,
    unseen,  // rows of unknown tables: of an XA transaction that was prepared before our start
  };
  TableName table;
  Kind kind = Kind::altered;
  bool neutral = false;
  LogCoordinate at;  // start of the statement's transaction
};

[[nodiscard]] std::string_view name_of(DdlNotice::Kind kind) noexcept;

struct ReadResult {
  bool reached = false;        // everything before `until` has been consumed
  std::vector<DdlNotice> ddl;  // at most those of one statement, the last event consumed
  // Row changes: rows_read = rows_emitted + rows_filtered + rows_repeated.
  std::uint64_t rows_read = 0;
  std::uint64_t rows_emitted = 0;
  std::uint64_t rows_filtered = 0;  // of tables that are not captured
  std::uint64_t rows_repeated = 0;  // of captured tables, taken before a restart (Position::rows)
  std::uint64_t transactions = 0;   // ended
  std::uint64_t events = 0;
};

// Reads a server's binary log as changes of the captured tables.
//
// Every event is emitted, filtered or refused: what cannot be carried without loss throws
// Error{unsupported} that names the table, the place and the remedy. Error{lost_position}: the
// server cannot continue from `start`, or is another server. Error{unavailable}: the link broke.
// After an exception the source is spent; position() still matches what was appended to the batch.
//
// One thread at a time.
class BinlogSource {
 public:
  // Opens a connection of its own and starts the dump at `start`: by GTID where `start` carries one
  // and the server can, else by file and offset, which demands the same server.
  // `captured` must give the same answers for as long as `start` may lie within a transaction.
  // `schemas` must outlive the source. `spool`: for XA transactions (see
  // prepared_transactions.h), the same after a restart.
  BinlogSource(const SourceOptions& options, const ServerFacts& facts, Position start,
               std::function<bool(const TableName&)> captured, SchemaTracker& schemas,
               const Spool& spool);
  // Reads from any reader: recorded logs.
  BinlogSource(std::unique_ptr<EventReader> reader, const ServerFacts& facts, Position start,
               std::function<bool(const TableName&)> captured, SchemaTracker& schemas,
               const Spool& spool);
  ~BinlogSource();
  BinlogSource(const BinlogSource&) = delete;
  BinlogSource& operator=(const BinlogSource&) = delete;

  // Appends changes to `out` and returns when it holds about `max_bytes`; when nothing more can be
  // had at once and something was appended; when `wait` passed with nothing appended, or a few
  // milliseconds with too little; when `until` is reached; after a statement that changed a
  // captured table; or on `stop`. A transaction that begins at or after `until` is never touched.
  // A part of a transaction leaves `out` in_transaction(); pass the same batch, cleared, or another
  // one to the next call: the transaction goes on in it.
  ReadResult read(ChangeBatch& out, std::size_t max_bytes, std::chrono::milliseconds wait,
                  const std::optional<LogCoordinate>& until, std::stop_token stop);

  // `position`, which position() gave, is durable: what only a restart before it needs may go.
  void forget_before(const Position& position);
  // Rows of captured tables for which `passes` holds are passed over, as if the table were not
  // captured; its statements are not. Before the first read().
  void pass_over(std::function<bool(const TableName&)> passes);
  // To be called where `captured` or `passes` has begun to answer differently, between
  // transactions.
  void ask_again_what_is_captured();

  // Where to resume after what was appended so far: the start of the current or next transaction,
  // and how many of its rows were taken.
  [[nodiscard]] const Position& position() const noexcept;
  // After the last consumed event. Not known() before the first one on another server.
  [[nodiscard]] LogCoordinate log_end() const;
  // Commit time of the last transaction seen, microseconds since the epoch; 0 before the first.
  [[nodiscard]] std::int64_t last_event_micros() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freshet
