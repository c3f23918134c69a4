#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lake/duckdb_session.h"
#include "lake/iceberg_table.h"
#include "lake/row_chunk.h"
#include "model/value.h"

namespace freshet {

// The rows of one table that are not in the lake yet: a DuckDB table that is only appended to,
// with the columns of the lake table (named by field id) and _id, which counts from 0. Rows
// appended lie in an open transaction of this connection until publish() commits them together
// with the view that shows them, so a reader sees all of a step or nothing. One thread at a time.
class HotTable {
 public:
  // Text of a view (table_view.h) over the hot table of the given name.
  using ViewText = std::function<std::string(const std::string& hot_table)>;

  HotTable(DuckConnection connection, std::string table) noexcept
      : connection_(std::move(connection)), table_(std::move(table)) {}
  ~HotTable();
  HotTable(const HotTable&) = delete;
  HotTable& operator=(const HotTable&) = delete;

  // Starts over, empty, with these columns and this view, in one transaction. Nothing unpublished
  // may be left.
  void restart(const IcebergSchema& schema, const ViewText& view);
  // Starts over, empty, in a table that no view shows before the next publish(). What was not
  // published is given up; what was, readers see as it is until then.
  void restart_aside();
  // The same rows and ids with other columns: those of equal id are kept, others are null.
  void change_columns(const IcebergSchema& schema, const ViewText& view);

  // Appends a row: `head`, then `tail`, one cell for each column. Returns its id.
  std::uint32_t append(std::span<const Value> head, std::span<const Value> tail);
  // Lets statements of this connection see all rows, those included that are not published.
  void flush();
  // Commits what was appended, and the view where it changes.
  void publish(const std::optional<std::string>& view);

  [[nodiscard]] std::uint32_t rows() const noexcept { return next_id_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] DuckConnection& connection() noexcept { return connection_; }

 private:
  void begin();
  void roll_back() noexcept;
  void flush_chunk();
  void replace(const IcebergSchema& schema, const ViewText& view, const std::string& fill);

  DuckConnection connection_;
  std::string table_;
  std::string name_;  // "users#3" while it exists
  IcebergSchema schema_;
  std::optional<RowChunk> chunk_;
  bool open_ = false;                 // a transaction is
  std::optional<Appender> appender_;  // in it, while there are rows to be flushed
  bool aside_ = false;                // no view shows the table yet
  std::uint32_t next_id_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace freshet
