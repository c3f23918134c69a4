#include "model/table_schema.h"

#include <array>

namespace freshet {

namespace {

constexpr std::array<std::string_view, 34> kTypeNames = {
    "tinyint",   "smallint", "mediumint", "int",        "bigint",     "decimal",  "float",
    "double",    "bit",      "year",      "date",       "time",       "datetime", "timestamp",
    "char",      "varchar",  "tinytext",  "text",       "mediumtext", "longtext", "binary",
    "varbinary", "tinyblob", "blob",      "mediumblob", "longblob",   "enum",     "set",
    "json",      "geometry", "vector",    "uuid",       "inet4",      "inet6"};

// FNV-1a, 64 bits: stable across machines and releases, which std::hash is not.
std::uint64_t hash_of(std::string_view bytes) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return hash;
}

void put_column(Bytes& out, const Column& column) {
  put_text(out, column.name);
  put_u8(out, static_cast<std::uint8_t>(column.type));
  put_u8(out, static_cast<std::uint8_t>((column.nullable ? 1 : 0) | (column.is_unsigned ? 2 : 0)));
  put_varint(out, column.length);
  put_u8(out, column.scale);
  put_varint(out, column.labels.size());
  for (const std::string& label : column.labels) put_text(out, label);
}

Column read_column(ByteReader& in) {
  Column column;
  column.name = in.text();
  const std::uint8_t type = in.u8();
  if (type >= kTypeNames.size())
    fail(ErrorKind::corrupt, "a schema has a column of unknown type {}", type);
  column.type = static_cast<ColumnType>(type);
  const std::uint8_t flags = in.u8();
  column.nullable = (flags & 1) != 0;
  column.is_unsigned = (flags & 2) != 0;
  column.length = static_cast<std::uint32_t>(in.varint());
  column.scale = in.u8();
  for (std::uint64_t n = in.varint(); n > 0; --n) column.labels.emplace_back(in.text());
  return column;
}

}  // namespace

std::string_view name_of(ColumnType type) noexcept {
  return kTypeNames[static_cast<std::size_t>(type)];
}

bool is_textual(ColumnType type) noexcept {
  return (type >= ColumnType::char_ && type <= ColumnType::longtext) ||
         type == ColumnType::enumeration || type == ColumnType::set || type == ColumnType::json;
}

std::optional<std::uint32_t> TableSchema::find(std::string_view column) const noexcept {
  for (std::uint32_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == column) return i;
  return std::nullopt;
}

std::uint64_t TableSchema::fingerprint() const {
  Bytes encoded;
  put_schema(encoded, *this);
  return hash_of(encoded);
}

void put_schema(Bytes& out, const TableSchema& schema) {
  put_text(out, schema.name.database);
  put_text(out, schema.name.table);
  put_varint(out, schema.columns.size());
  for (const Column& column : schema.columns) put_column(out, column);
  put_varint(out, schema.key.size());
  for (const std::uint32_t index : schema.key) put_varint(out, index);
}

TableSchema read_schema(ByteReader& in) {
  TableSchema schema;
  schema.name.database = in.text();
  schema.name.table = in.text();
  for (std::uint64_t n = in.varint(); n > 0; --n) schema.columns.push_back(read_column(in));
  for (std::uint64_t n = in.varint(); n > 0; --n) {
    schema.key.push_back(static_cast<std::uint32_t>(in.varint()));
    if (schema.key.back() >= schema.columns.size())
      fail(ErrorKind::corrupt, "the key of {} names column {} of {}", schema.name.qualified(),
           schema.key.back(), schema.columns.size());
  }
  return schema;
}

}  // namespace freshet
