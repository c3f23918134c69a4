#include "lake/row_chunk.h"

#include <simdjson.h>

#include <cstring>
#include <limits>

#include "lake/decimal_text.h"

namespace freshet {

namespace {

// Texts up to this length live inside duckdb_string_t.
constexpr std::size_t kInlineText = 12;

// Width up to which DuckDB keeps a decimal in 16, 32 and 64 bits.
constexpr int kDecimal16 = 4, kDecimal32 = 9, kDecimal64 = 18;

std::size_t width_of(const LakeColumn& column) noexcept {
  switch (column.type) {
    case LakeType::boolean: return 1;
    case LakeType::int32:
    case LakeType::float32:
    case LakeType::date: return 4;
    case LakeType::int64:
    case LakeType::float64:
    case LakeType::timestamp:
    case LakeType::timestamptz: return 8;
    case LakeType::decimal:
      return column.precision <= kDecimal16   ? 2
             : column.precision <= kDecimal32 ? 4
             : column.precision <= kDecimal64 ? 8
                                              : 16;
    case LakeType::string:
    case LakeType::binary: return sizeof(duckdb_string_t);
  }
  return 0;
}

DataChunk new_chunk(std::span<const LogicalType> types) {
  std::vector<duckdb_logical_type> raw;
  for (const LogicalType& type : types) raw.push_back(type.get());
  return DataChunk(duckdb_create_data_chunk(raw.data(), raw.size()));
}

std::uint64_t* writable_validity(duckdb_vector vector) {
  duckdb_vector_ensure_validity_writable(vector);
  return duckdb_vector_get_validity(vector);
}

}  // namespace

std::size_t row_bytes(std::span<const LakeColumn> columns) noexcept {
  std::size_t bytes = 0;
  for (const LakeColumn& column : columns) bytes += width_of(column);
  return bytes;
}

RowChunk::RowChunk(std::vector<LakeColumn> columns)
    : columns_(std::move(columns)), slots_(columns_.size()), capacity_(duckdb_vector_size()) {
  for (const LakeColumn& column : columns_) types_.push_back(logical_type(column));
  renew();
}

void RowChunk::renew() {
  chunk_ = new_chunk(types_);
  text_ = std::make_shared<Arena>();
  rows_ = 0;
  find_slots();
}

void RowChunk::find_slots() noexcept {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk_.get(), i);
    slots_[i] = {.vector = vector,
                 .data = duckdb_vector_get_data(vector),
                 .validity = nullptr,
                 .width = width_of(columns_[i])};
  }
}

const DataChunk& RowChunk::filled() noexcept {
  duckdb_data_chunk_set_size(chunk_.get(), rows_);
  return chunk_;
}

void RowChunk::clear() {
  if (text_.use_count() > 1) return renew();
  duckdb_data_chunk_reset(chunk_.get());
  text_->clear();
  rows_ = 0;
  find_slots();
}

RowBlock RowChunk::take() {
  RowBlock block{.text = std::move(text_), .columns = std::move(chunk_), .rows = rows_};
  renew();
  return block;
}

// Texts stay where they are: the arena only grows while it is shared.
RowBlock RowChunk::copy() const {
  RowBlock block{.text = text_, .columns = new_chunk(types_), .rows = rows_};
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(block.columns.get(), i);
    std::memcpy(duckdb_vector_get_data(vector), slots_[i].data, rows_ * slots_[i].width);
    if (slots_[i].validity)
      std::memcpy(writable_validity(vector), slots_[i].validity, (rows_ + 63) / 64 * 8);
  }
  return block;
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
  if (!slot.validity) slot.validity = writable_validity(slot.vector);
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

// Cells hold valid UTF-8 by contract. A long text that does not would make a file that nobody can
// read, so it is looked at once more.
void RowChunk::set_text(std::size_t column, std::string_view text) {
  duckdb_string_t out{};
  if (text.size() <= kInlineText) {
    out.value.inlined.length = static_cast<std::uint32_t>(text.size());
    std::memcpy(out.value.inlined.inlined, text.data(), text.size());
    return store(column, out);
  }
  duckdb_string_t& last = slots_[column].last;
  if (text_at(last) == text) return store(column, last);
  if (columns_[column].type == LakeType::string && !simdjson::validate_utf8(text))
    fail(ErrorKind::internal, "column {} was given a text that is not UTF-8",
         columns_[column].name);
  out.value.pointer.length = static_cast<std::uint32_t>(text.size());
  std::memcpy(out.value.pointer.prefix, text.data(), sizeof out.value.pointer.prefix);
  out.value.pointer.ptr = const_cast<char*>(text_->keep(text).data());
  last = out;
  store(column, out);
}

void RowChunk::refuse(std::size_t column, const Value& cell) const {
  fail(ErrorKind::internal, "column {} of type {} was given a cell of kind {}",
       columns_[column].name, sql_type(columns_[column]), static_cast<int>(cell.kind));
}

}  // namespace freshet
