#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lake/lake.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

enum class MirrorStart : std::uint8_t {
  resume,   // from the table's last commit
  rebuild,  // empty: the table's rows and the key index are given up, as by truncate()
};

// Keeps one Iceberg table equal to its source table. Three levels of having happened:
//   applied    insert/update/remove/load/truncate returned: in this writer's memory
//   published  publish() returned: SQL in this process sees it, all of it or none
//   committed  commit() returned: durable, and every Iceberg reader sees it
// What was not committed is applied again after a restart, from committed_offset() + 1.
//
// Tables without a key are multisets: a RowId may occur many times, and remove() takes any one.
//
// A row is found when a few thousand changes have gathered, so Error{corrupt} for an impossible
// change (the key of an insert exists, the row of a removal does not) may come from a later call,
// from publish() at the latest. After any exception the writer is to be destroyed; the table
// stands at its last commit. One thread at a time.
class MirrorWriter {
 public:
  // Opens or creates the Iceberg table, brings its columns to `schema`, and shows its view.
  // Throws Error{corrupt} where table and key index do not belong together, Error{unsupported}
  // where the primary key is another one than the table was built with and rows are left.
  MirrorWriter(Lake& lake, std::string table, const LakeSchema& schema,
               MirrorStart start = MirrorStart::resume);
  ~MirrorWriter();
  MirrorWriter(MirrorWriter&&) noexcept;

  // `cells` in the order of the schema's columns, one of them each; absent is not allowed here.
  void insert(const RowId& id, std::span<const Value> cells);
  void update(const RowId& before, const RowId& after, std::span<const Value> cells);
  void remove(const RowId& id);
  // A row as a snapshot found it: replaces the row of that key, if there is one.
  void load(const RowId& id, std::span<const Value> cells);
  // While a snapshot of the table runs, a change may find its row missing or there already.
  void set_lenient(bool lenient);
  void truncate();
  // The columns from here on; SQL sees them with the next publish(). Rows so far keep the columns
  // of equal name and fitting type; new columns are null in them. A changed primary key needs an
  // empty table (truncate first).
  void evolve(const LakeSchema& schema);

  void publish();
  // Writes the rows of the window that are in memory into files, for a transaction that is larger
  // than memory: nothing of it is seen or committed before publish() and commit().
  void stage();
  // Commits everything applied, and publishes it so; with nothing to write there is no commit.
  // Error{conflict}: another program changed the table, nothing of ours is in it.
  void commit(const CommitPoint& point);

  [[nodiscard]] std::uint64_t committed_offset() const;     // 0 before the first commit
  [[nodiscard]] std::size_t pending_rows() const noexcept;  // changes since the last commit
  [[nodiscard]] std::size_t held_rows() const noexcept;     // changes that stage() would write
  [[nodiscard]] std::size_t held_bytes() const noexcept;    // memory of them
  [[nodiscard]] std::int64_t rows();                        // live rows, all that was applied

  // Tests: called between the steps of a commit with the step's name ("files written",
  // "delta stored", "published", "index applied"); what it throws stands for a crash there.
  void set_commit_hook(std::function<void(std::string_view)> hook);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet
