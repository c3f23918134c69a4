#include "lake/hot_rows.h"

#include <algorithm>
#include <utility>

#include "lake/table_versions.h"
#include "lake/table_view.h"

namespace freshet {

namespace {

constexpr std::uint32_t kMaxRows = 0xfffffff0;  // ids are 32-bit, and RowMap needs two of them

std::vector<LakeColumn> columns_of(std::span<const IcebergField> fields) {
  std::vector<LakeColumn> columns;
  for (const IcebergField& field : fields) columns.push_back(field.column);
  return columns;
}

bool has(std::span<const IcebergField> fields, std::int32_t id) {
  return std::ranges::find(fields, id, &IcebergField::id) != fields.end();
}

}  // namespace

HotRows::HotRows(std::string table, const IcebergSchema& schema)
    : table_(std::move(table)),
      fields_(schema.fields),
      chunk_(columns_of(fields_)),
      row_bytes_(freshet::row_bytes(columns_of(fields_))) {}

std::uint32_t HotRows::append(std::span<const Value> head, std::span<const Value> tail) {
  if (head.size() + tail.size() != fields_.size())
    fail(ErrorKind::internal, "a row of {} has {} cells where the table has {} columns", table_,
         head.size() + tail.size(), fields_.size());
  if (rows_ >= kMaxRows)
    fail(ErrorKind::unsupported, "{} has {} rows that are not committed", table_, rows_);
  chunk_->set(0, head);
  chunk_->set(head.size(), tail);
  chunk_->end_row();
  for (const Value& cell : tail) text_bytes_ += cell.text.size();
  if (chunk_->full()) close_block(chunk_->take());
  snapshot_.reset();
  return rows_++;
}

std::uint32_t HotRows::closed_rows() const noexcept {
  if (closed_.empty()) return 0;
  return closed_.back().first + static_cast<std::uint32_t>(closed_.back().block->rows);
}

void HotRows::close_block(RowBlock block) {
  const std::uint32_t first = closed_rows();
  closed_.push_back({first, std::make_shared<const RowBlock>(std::move(block))});
}

std::shared_ptr<const HotSnapshot> HotRows::snapshot() {
  if (rows_ == 0 || snapshot_) return snapshot_;
  auto snapshot = std::make_shared<HotSnapshot>(
      HotSnapshot{.fields = fields_, .parts = closed_, .rows = rows_});
  if (!chunk_->empty())
    snapshot->parts.push_back({closed_rows(), std::make_shared<const RowBlock>(chunk_->copy())});
  return snapshot_ = std::move(snapshot);
}

void HotRows::clear() {
  closed_.clear();
  chunk_->clear();
  snapshot_.reset();
  rows_ = 0;
  text_bytes_ = 0;
}

void HotRows::change_columns(const IcebergSchema& schema, DuckConnection& connection,
                             TableVersions& versions) {
  std::vector<DataChunk> chunks;
  if (rows_ > 0) {
    const ScopedVersion before(versions, {.hot = snapshot()});
    std::string select;
    for (const IcebergField& field : schema.fields)
      select += fmt::format("{}{}::{}", select.empty() ? "" : ", ",
                            has(fields_, field.id) ? column_of(field.id) : "NULL",
                            sql_type(field.column));
    Result result =
        connection.query(fmt::format("SELECT {} FROM freshet_hot({})", select, before.number()));
    while (DataChunk chunk = result.next()) chunks.push_back(std::move(chunk));
  }
  fields_ = schema.fields;
  row_bytes_ = freshet::row_bytes(columns_of(fields_));
  closed_.clear();
  for (DataChunk& chunk : chunks) {
    const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
    close_block({.text = nullptr, .columns = std::move(chunk), .rows = rows});
  }
  chunk_.emplace(columns_of(fields_));
  snapshot_.reset();
}

}  // namespace freshet
