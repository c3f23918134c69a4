#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "model/change.h"
#include "model/position.h"
#include "model/table_schema.h"
#include "source/connection.h"
#include "source/table_definition.h"

namespace freshet {

// Rows of a table in key order: behind `after`, up to and with `to`, both as ChunkResult::last_key
// (nothing = no bound), and only those that fit the SQL condition `where`, if it is not empty.
struct ChunkRange {
  std::optional<std::string> after;
  std::optional<std::string> to;
  std::string where;
};

// What one chunk held. `last_key` names the last row in a form that a later view, also of another
// process, continues from; it is absent only if the chunk is empty and its range has no bounds.
// `done`: no further row of the range stands in this view.
struct ChunkResult {
  std::uint64_t rows = 0;
  std::optional<std::string> last_key;
  bool done = false;
};

class SnapshotReader;

// One table as it stood at one place of the log: every change of this table before log() is
// visible, none from there on. (Of other tables the view tells nothing: on MySQL their commits may
// stand before log() and be invisible.) While the view lives the table's definition cannot change:
// a DDL statement on the server waits for it, so views should be short where that matters.
//
// A row carries the same values as the log gives for it. The loads of each chunk and of each batch
// of read_all() are a pseudo transaction of their own, with log() as its place.
class SnapshotView {
 public:
  SnapshotView(SnapshotView&& other) noexcept;
  SnapshotView& operator=(SnapshotView&&) = delete;
  ~SnapshotView();  // ends the view; the reader keeps the connection

  [[nodiscard]] const LogCoordinate& log() const noexcept { return log_; }
  // GTIDs up to log() on a MySQL server with gtid_mode=ON: never more than stand before log(). Else
  // empty.
  [[nodiscard]] const std::string& gtid() const noexcept { return gtid_; }
  [[nodiscard]] const SchemaPtr& schema() const noexcept { return schema_; }
  // The same with what the log asks beyond it.
  [[nodiscard]] const TableDefinition& definition() const noexcept { return definition_; }
  // The table can be read in chunks: it has a primary key whose index can be followed
  // (has_scannable_key). Else read_all().
  [[nodiscard]] bool chunkable() const noexcept { return chunkable_; }

  // Where a chunk of max_rows, or as many fewer as make max_bytes, that begins with the range is to
  // end: the key of its last row; nothing where the rest of the range is less. So the range behind
  // it can be read in another view at the same time. Rows are counted whether or not they fit
  // `where`. Requires chunkable(). Throws as read_chunk().
  [[nodiscard]] std::optional<std::string> chunk_end(const ChunkRange& range, std::size_t max_rows,
                                                     std::size_t max_bytes);

  // Appends the first rows of the range as Op::load: at most max_rows, and ending soon after
  // max_bytes. Requires chunkable() and a `batch` outside a transaction. Throws Error{unavailable}
  // when the link breaks: the batch then holds a torn transaction and is to be thrown away.
  [[nodiscard]] ChunkResult read_chunk(const ChunkRange& range, std::size_t max_rows,
                                       std::size_t max_bytes, ChangeBatch& batch);

  // Streams all rows, or those that fit `where`, in the server's own order; gives them to `sink` in
  // batches of about max_bytes and clears `batch` after each. Returns the number of rows.
  std::uint64_t read_all(std::string_view where, std::size_t max_bytes, ChangeBatch& batch,
                         const std::function<void(ChangeBatch&)>& sink);

 private:
  friend class SnapshotReader;
  explicit SnapshotView(SnapshotReader& reader) noexcept : reader_(&reader) {}
  [[nodiscard]] Transaction pseudo_transaction() const;
  void demand_chunkable() const;
  void demand_progress(const std::string& key, const std::optional<std::string>& after) const;
  // Opens a load in the batch; tells where its image begins.
  std::size_t open_load(ChangeBatch& batch) const;

  SnapshotReader* reader_;
  LogCoordinate log_;
  std::string gtid_;
  SchemaPtr schema_;
  TableDefinition definition_;
  bool chunkable_ = false;
};

struct ViewOptions {
  // Tables whose engine has no transactions, so that no view of them stands still, are locked
  // against writing for as long as their view lives. Else such a view shows what is written
  // meanwhile, or a part of it.
  bool lock_non_transactional = false;
  // How often to try where something is in the way of a lock, a second and more each time.
  int open_attempts = 6;
};

// Whether table_read_lock() is a FLUSH, which needs the privilege RELOAD beside LOCK TABLES.
[[nodiscard]] bool locks_tables_by_flush(const ServerFacts& facts) noexcept;
// The statement that locks a table of a MySQL server against writing once no commit that changes it
// is under way.
[[nodiscard]] std::string table_read_lock(const ServerFacts& facts, const TableName& table);

// Opens views, one at a time, over connections that it keeps: a session for the views and, on
// MySQL, one that holds the table lock for the instant in which a view is opened under one.
// Reconnects after a failure. One thread at a time; several readers work side by side.
class SnapshotReader {
 public:
  SnapshotReader(SourceOptions options, ServerFacts facts, ViewOptions views = {});
  SnapshotReader(const SnapshotReader&) = delete;
  SnapshotReader& operator=(const SnapshotReader&) = delete;
  ~SnapshotReader();

  // MariaDB: no lock. MySQL from 8.0.30 on with gtid_mode=ON: no lock, unless commits leave no gap
  // for 50 ms. Else table_read_lock() for milliseconds; where a long transaction or DDL statement
  // is in the way, tries again up to `open_attempts` times, then throws Error{conflict}. Throws
  // Error{config} if the table does not exist or may not be read, Error{unsupported} on a column
  // that cannot be carried.
  [[nodiscard]] SnapshotView open(const TableName& table);

  // Where the log ends now. After open() has found no table, the statement that took it away stands
  // before that.
  [[nodiscard]] LogCoordinate log_end();

  // Unblocks a read in another thread, which then fails with Error{unavailable}.
  void cancel() noexcept;

 private:
  friend class SnapshotView;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet
