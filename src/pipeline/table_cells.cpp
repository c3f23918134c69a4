#include "pipeline/table_cells.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string>

#include "model/change.h"
#include "model/value.h"
#include "pipeline/json_cells.h"
#include "source/snapshot_view.h"
#include "transform/typing.h"

namespace freshet {
namespace {

constexpr std::size_t kChunkRows = 50'000;
constexpr std::size_t kChunkBytes = std::size_t{8} << 20;

// Gives the rows of batches to a sink.
class RowCells {
 public:
  RowCells(SchemaPtr schema, CellSink& sink, std::uint64_t limit)
      : schema_(std::move(schema)), sink_(sink), limit_(limit) {}

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t left() const noexcept { return limit_ - rows_; }

  void give(const ChangeBatch& batch) {
    const Bytes block = batch.encode();
    ChangeCursor changes(block, [&](std::uint64_t) { return schema_; });
    while (left() > 0) {
      const auto change = changes.next();
      if (!change) return;
      if (change->op != Op::load) continue;
      row(change->after);
      ++rows_;
    }
  }

 private:
  void row(std::string_view image) {
    sink_.begin_record();
    ByteReader in(image);
    for (const Column& column : schema_->columns) cell(column, read_value(in));
  }

  void cell(const Column& column, const Value& value) {
    if (conversion_of(column) == Conversion::plain) return;
    SourceCell cell{.column = column.name, .place = column.name, .text = value.text};
    switch (value.kind) {
      case ValueKind::text: break;
      case ValueKind::json: return json_.walk(value.text, column.name, sink_);
      case ValueKind::bytes:
        if (!simdjson::validate_utf8(value.text.data(), value.text.size())) return;
        break;
      case ValueKind::decimal: cell.number = true; break;
      case ValueKind::int64: return number(cell, fmt::format_int(value.integer));
      case ValueKind::uint64: return number(cell, fmt::format_int(value.natural));
      default: return;
    }
    sink_.cell(cell);
  }

  void number(SourceCell cell, const fmt::format_int& digits) {
    cell.number = true;
    cell.text = {digits.data(), digits.size()};
    sink_.cell(cell);
  }

  SchemaPtr schema_;
  CellSink& sink_;
  std::uint64_t limit_;
  std::uint64_t rows_ = 0;
  JsonCells json_;
};

struct EnoughRows : std::exception {};  // ends a read from within its sink

}  // namespace

void read_table_cells(const SourceOptions& source, const TableName& table,
                      std::optional<std::uint64_t> limit, CellSink& sink,
                      const std::function<void(std::uint64_t rows)>& progress) {
  Connection connection = Connection::open(source);
  SnapshotReader reader(source, read_server_facts(connection));
  SnapshotView view = reader.open(table);
  RowCells cells(view.schema(), sink, limit.value_or(UINT64_MAX));
  const auto give = [&](const ChangeBatch& batch) {
    cells.give(batch);
    progress(cells.rows());
  };
  ChangeBatch batch;
  if (!view.chunkable()) {
    try {
      view.read_all({}, kChunkBytes, batch, [&](ChangeBatch& rows) {
        give(rows);
        if (cells.left() == 0) throw EnoughRows();
      });
    } catch (const EnoughRows&) {
    }
    return;
  }
  ChunkResult chunk;
  while (!chunk.done && cells.left() > 0) {
    chunk = view.read_chunk({.after = chunk.last_key},
                            std::min<std::uint64_t>(kChunkRows, cells.left()), kChunkBytes, batch);
    give(batch);
    batch.clear();
  }
}

}  // namespace freshet
