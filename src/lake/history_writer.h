#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lake/lake.h"
#include "model/change.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// What the history tells of a change beside its cells.
struct HistoryEntry {
  Op op = Op::insert;  // load, insert, update, remove or truncate
  std::int64_t commit_micros = 0;
  std::string_view gtid;         // empty = null
  std::string_view binlog_file;  // empty = null
  std::uint64_t binlog_position = 0;
  std::uint64_t row = 0;     // ordinal in its transaction
  std::uint64_t offset = 0;  // in the stream
  std::uint64_t schema_version = 0;
};

// Appends every change of a source table to the Iceberg table <table>_history, partitioned by day
// of commit. Columns: _op, _commit_ts, _gtid, _binlog_file, _binlog_pos, _row, _offset,
// _schema_version, then the table's, none of them required. Levels (applied, published,
// committed), restart and exceptions as in MirrorWriter. One thread at a time.
class HistoryWriter {
 public:
  static constexpr std::string_view kSuffix = "_history";

  HistoryWriter(Lake& lake, const std::string& table, const LakeSchema& schema);
  ~HistoryWriter();
  HistoryWriter(HistoryWriter&&) noexcept;

  // `cells`: after image, or before image of a removal, in the order of the schema's columns;
  // empty (truncate) and absent ones are null.
  void append(const HistoryEntry& entry, std::span<const Value> cells);
  void evolve(const LakeSchema& schema);

  void publish();
  void stage();  // as MirrorWriter's
  void commit(const CommitPoint& point);

  [[nodiscard]] std::uint64_t committed_offset() const;
  [[nodiscard]] std::size_t pending_rows() const noexcept;
  [[nodiscard]] std::size_t held_rows() const noexcept;
  [[nodiscard]] std::size_t held_bytes() const noexcept;
  [[nodiscard]] std::int64_t rows() const;

  void set_commit_hook(std::function<void(std::string_view)> hook);  // as in MirrorWriter

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet
