#include "lake/row_chunk.h"

#include <cstring>
#include <limits>

#include "lake/decimal_text.h"

namespace freshet {

namespace {

// Texts up to this length live inside duckdb_string_t.
constexpr std::size_t kInlineText = 12;

// Width up to which DuckDB keeps a decimal in 16, 32 and 64 bits.
constexpr int kDecimal16 = 4, kDecimal32 = 9, kDecimal64 = 18;

}  // namespace

RowChunk::RowChunk(std::vector<LakeColumn> columns)
    : columns_(std::move(columns)), slots_(columns_.size()), capacity_(duckdb_vector_size()) {
  std::vector<LogicalType> types;
  std::vector<duckdb_logical_type> raw;
  for (const LakeColumn& column : columns_) {
    types.push_back(logical_type(column));
    raw.push_back(types.back().get());
  }
  chunk_ = DataChunk(duckdb_create_data_chunk(raw.data(), raw.size()));
  find_slots();
}

void RowChunk::find_slots() noexcept {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].vector = duckdb_data_chunk_get_vector(chunk_.get(), i);
    slots_[i].data = duckdb_vector_get_data(slots_[i].vector);
    slots_[i].validity = nullptr;
  }
}

const DataChunk& RowChunk::filled() noexcept {
  duckdb_data_chunk_set_size(chunk_.get(), rows_);
  return chunk_;
}

void RowChunk::clear() noexcept {
  duckdb_data_chunk_reset(chunk_.get());
  find_slots();
  rows_ = 0;
}

void RowChunk::set(std::size_t first, std::span<const Value> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].kind <= ValueKind::null)
      set_null(first + i);
    else
      set_cell(first + i, cells[i]);
  }
}

void RowChunk::set_null(std::size_t column) {
  Slot& slot = slots_[column];
  if (!slot.validity) {
    duckdb_vector_ensure_validity_writable(slot.vector);
    slot.validity = duckdb_vector_get_validity(slot.vector);
  }
  slot.validity[rows_ / 64] &= ~(std::uint64_t{1} << (rows_ % 64));
}

void RowChunk::set_cell(std::size_t column, const Value& cell) {
  switch (columns_[column].type) {
    case LakeType::boolean: store(column, integer(column, cell) != 0); return;
    case LakeType::int32:
    case LakeType::date: {
      const std::int64_t number = integer(column, cell);
      if (number != static_cast<std::int32_t>(number))
        fail(ErrorKind::unsupported, "column {}: a number does not fit its 32 bits",
             columns_[column].name);
      store(column, static_cast<std::int32_t>(number));
      return;
    }
    case LakeType::int64:
    case LakeType::timestamp:
    case LakeType::timestamptz: store(column, integer(column, cell)); return;
    case LakeType::float32:
      if (cell.kind != ValueKind::float32) refuse(column, cell);
      store(column, cell.real32);
      return;
    case LakeType::float64:
      if (cell.kind == ValueKind::float64)
        store(column, cell.real);
      else if (cell.kind == ValueKind::float32)
        store(column, static_cast<double>(cell.real32));
      else
        refuse(column, cell);
      return;
    case LakeType::decimal:
      if (cell.kind != ValueKind::decimal) refuse(column, cell);
      set_decimal(column, cell.text);
      return;
    case LakeType::string:
      if (!cell.is_text()) refuse(column, cell);
      set_text(column, cell.text);
      return;
    case LakeType::binary:
      if (cell.kind != ValueKind::bytes) refuse(column, cell);
      set_text(column, cell.text);
      return;
  }
}

std::int64_t RowChunk::integer(std::size_t column, const Value& cell) const {
  if (cell.kind != ValueKind::int64) refuse(column, cell);
  return cell.integer;
}

void RowChunk::set_decimal(std::size_t column, std::string_view text) {
  const LakeColumn& type = columns_[column];
  const auto value = unscaled_decimal(text, type.precision, type.scale);
  if (!value)
    fail(ErrorKind::unsupported, "column {}: a number does not fit {}", type.name, sql_type(type));
  if (type.precision <= kDecimal16)
    store(column, static_cast<std::int16_t>(*value));
  else if (type.precision <= kDecimal32)
    store(column, static_cast<std::int32_t>(*value));
  else if (type.precision <= kDecimal64)
    store(column, static_cast<std::int64_t>(*value));
  else
    store(column, *value);  // duckdb_hugeint: lower, then upper word, as Int128 lies in memory
}

// DuckDB checks UTF-8 when it takes a long text; short ones are valid by contract of the cell.
void RowChunk::set_text(std::size_t column, std::string_view text) {
  if (text.size() > kInlineText) {
    duckdb_vector_assign_string_element_len(slots_[column].vector, rows_, text.data(), text.size());
    return;
  }
  duckdb_string_t short_text{};
  short_text.value.inlined.length = static_cast<std::uint32_t>(text.size());
  std::memcpy(short_text.value.inlined.inlined, text.data(), text.size());
  store(column, short_text);
}

void RowChunk::refuse(std::size_t column, const Value& cell) const {
  fail(ErrorKind::internal, "column {} of type {} was given a cell of kind {}",
       columns_[column].name, sql_type(columns_[column]), static_cast<int>(cell.kind));
}

}  // namespace freshet
