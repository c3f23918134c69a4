#include "source/table_map.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "source/binlog_event.h"

namespace freshet {

namespace {

constexpr std::uint64_t kMaxColumns = 4096;  // of a table, on both servers

// Kinds of optional metadata (MySQL Table_map_event::Optional_metadata_field_type).
enum Metadata : std::uint8_t {
  kSignedness = 1,
  kDefaultCharset = 2,
  kColumnCharset = 3,
  kColumnName = 4,
  kSetLabels = 5,
  kEnumLabels = 6,
  kSimpleKey = 8,
  kPrefixedKey = 9,
  kEnumSetDefaultCharset = 10,
  kEnumSetColumnCharset = 11,
};

bool is_numeric(FieldType type) noexcept {
  switch (type) {
    case FieldType::tiny:
    case FieldType::short_:
    case FieldType::int24:
    case FieldType::long_:
    case FieldType::longlong:
    case FieldType::float_:
    case FieldType::double_:
    case FieldType::year:
    case FieldType::newdecimal: return true;
    default: return false;
  }
}

bool is_labelled(FieldType type) noexcept {
  return type == FieldType::enumeration || type == FieldType::set;
}

// STRING hides ENUM, SET and lengths above 255 in its two bytes.
void read_string_meta(MappedColumn& column, ByteReader& meta) {
  const std::uint8_t first = meta.u8();
  const std::uint8_t second = meta.u8();
  if ((first & 0x30) == 0x30) {
    column.type = static_cast<FieldType>(first);
    column.length = second;
  } else {
    column.type = static_cast<FieldType>(first | 0x30);
    column.length = second | ((first & 0x30U) ^ 0x30U) << 4;
  }
  const bool known = column.type == FieldType::string || is_labelled(column.type);
  if (!known)
    fail(ErrorKind::corrupt, "a STRING column says that it is of type {}",
         static_cast<int>(column.type));
  if (is_labelled(column.type) && (column.length == 0 || column.length > 8))
    fail(ErrorKind::corrupt, "an ENUM or SET column has values of {} bytes", column.length);
}

void read_meta(MappedColumn& column, ByteReader& meta) {
  switch (column.type) {
    case FieldType::tiny:
    case FieldType::short_:
    case FieldType::int24:
    case FieldType::long_:
    case FieldType::longlong:
    case FieldType::year:
    case FieldType::date:
    case FieldType::time:
    case FieldType::datetime:
    case FieldType::timestamp: return;
    case FieldType::float_:
    case FieldType::double_: meta.skip(1); return;
    case FieldType::newdecimal:
      column.length = meta.u8();
      column.scale = meta.u8();
      return;
    case FieldType::time2:
    case FieldType::datetime2:
    case FieldType::timestamp2:
      column.scale = meta.u8();
      if (column.scale > 6)
        fail(ErrorKind::corrupt, "a time column has {} fraction digits", column.scale);
      return;
    case FieldType::varchar:
    case FieldType::var_string:
    case FieldType::varchar_compressed:
      column.length = static_cast<std::uint32_t>(meta.le(2));
      return;
    case FieldType::blob:
    case FieldType::blob_compressed:
    case FieldType::json:
    case FieldType::geometry:
    case FieldType::vector:
      column.length = meta.u8();
      if (column.length == 0 || column.length > 4)
        fail(ErrorKind::corrupt, "a BLOB column has lengths of {} bytes", column.length);
      return;
    case FieldType::bit: {
      const std::uint32_t bits = meta.u8();
      column.length = meta.u8() * 8U + bits;
      if (column.length == 0 || column.length > 64)
        fail(ErrorKind::corrupt, "BIT({}) does not exist", column.length);
      return;
    }
    case FieldType::string: read_string_meta(column, meta); return;
    case FieldType::enumeration:
    case FieldType::set: break;
  }
  fail(ErrorKind::unsupported, "the log has a column of type {}, which no server is known to write",
       static_cast<int>(column.type));
}

// Bits stand most significant first, one for each column that `counts`.
template <typename Counts, typename Set>
void read_bits(ByteReader value, std::vector<MappedColumn>& columns, Counts counts, Set set) {
  std::uint8_t byte = 0;
  int left = 0;
  for (MappedColumn& column : columns) {
    if (!counts(column)) continue;
    if (left == 0) {
      byte = value.u8();
      left = 8;
    }
    set(column, (byte >> --left & 1) != 0);
  }
}

// One collation for all, and pairs of (index among those that count, collation).
template <typename Counts>
void read_default_charset(ByteReader value, std::vector<MappedColumn>& columns, Counts counts) {
  const std::uint64_t common = read_lenenc(value);
  std::vector<MappedColumn*> counted;
  for (MappedColumn& column : columns)
    if (counts(column)) {
      column.collation = common;
      counted.push_back(&column);
    }
  while (!value.empty()) {
    const std::uint64_t index = read_lenenc(value);
    if (index >= counted.size())
      fail(ErrorKind::corrupt, "a table map gives column {} a character set", index);
    counted[index]->collation = read_lenenc(value);
  }
}

template <typename Counts>
void read_column_charset(ByteReader value, std::vector<MappedColumn>& columns, Counts counts) {
  for (MappedColumn& column : columns)
    if (counts(column)) column.collation = read_lenenc(value);
}

void read_labels(ByteReader value, std::vector<MappedColumn>& columns, FieldType type) {
  for (MappedColumn& column : columns) {
    if (column.type != type) continue;
    for (std::uint64_t n = read_lenenc(value); n > 0; --n)
      column.labels.emplace_back(value.take(read_lenenc(value)));
  }
}

void read_key(ByteReader value, TableMap& map, bool prefixed) {
  map.key.clear();
  while (!value.empty()) {
    const std::uint64_t index = read_lenenc(value);
    if (prefixed) static_cast<void>(read_lenenc(value));
    if (index >= map.columns.size())
      fail(ErrorKind::corrupt, "a table map has a key over column {}", index);
    map.key.push_back(static_cast<std::uint32_t>(index));
  }
}

void read_optional(std::uint8_t kind, ByteReader value, TableMap& map) {
  const auto numeric = [](const MappedColumn& c) { return is_numeric(c.type); };
  const auto character = [&](const MappedColumn& c) { return is_character(c.type, map.mariadb); };
  const auto labelled = [](const MappedColumn& c) { return is_labelled(c.type); };
  switch (kind) {
    case kSignedness:
      return read_bits(value, map.columns, numeric,
                       [](MappedColumn& c, bool bit) { c.is_unsigned = bit; });
    case kDefaultCharset: return read_default_charset(value, map.columns, character);
    case kColumnCharset: return read_column_charset(value, map.columns, character);
    case kEnumSetDefaultCharset: return read_default_charset(value, map.columns, labelled);
    case kEnumSetColumnCharset: return read_column_charset(value, map.columns, labelled);
    case kColumnName:
      for (MappedColumn& column : map.columns) column.name = value.take(read_lenenc(value));
      map.has_names = true;
      return;
    case kSetLabels: return read_labels(value, map.columns, FieldType::set);
    case kEnumLabels: return read_labels(value, map.columns, FieldType::enumeration);
    case kSimpleKey: return read_key(value, map, false);
    case kPrefixedKey: return read_key(value, map, true);
    default: return;  // geometry types, visibility, vector dimensions: not needed to read values
  }
}

TableName read_name(ByteReader& in) {
  TableName name;
  name.database = in.take(in.u8());
  in.skip(1);
  name.table = in.take(in.u8());
  in.skip(1);
  return name;
}

}  // namespace

bool is_character(FieldType type, bool mariadb) noexcept {
  switch (type) {
    case FieldType::string:
    case FieldType::var_string:
    case FieldType::varchar:
    case FieldType::blob: return true;
    case FieldType::vector: return !mariadb;
    case FieldType::geometry:
    case FieldType::blob_compressed:
    case FieldType::varchar_compressed: return mariadb;
    default: return false;
  }
}

std::uint64_t table_id_of(std::string_view body) { return ByteReader(body).le(6); }

TableName parse_table_name(std::string_view body) {
  ByteReader in(body);
  in.skip(8);
  return read_name(in);
}

TableMap parse_table_map(std::string_view body, bool mariadb) {
  ByteReader in(body);
  TableMap map;
  map.mariadb = mariadb;
  map.id = in.le(6);
  in.skip(2);
  map.name = read_name(in);
  const std::uint64_t count = read_lenenc(in);
  if (count > kMaxColumns)
    fail(ErrorKind::corrupt, "a table map of {} has {} columns", map.name.qualified(), count);
  map.columns.resize(count);
  for (MappedColumn& column : map.columns) column.type = static_cast<FieldType>(in.u8());
  ByteReader meta(in.take(read_lenenc(in)));
  for (MappedColumn& column : map.columns) read_meta(column, meta);
  const std::string_view nullable = in.take((count + 7) / 8);
  for (std::size_t i = 0; i < count; ++i)
    map.columns[i].nullable = (static_cast<std::uint8_t>(nullable[i / 8]) >> i % 8 & 1) != 0;
  while (!in.empty()) {
    const std::uint8_t kind = in.u8();
    read_optional(kind, ByteReader(in.take(read_lenenc(in))), map);
  }
  return map;
}

bool has_columns_of_sequence(const TableMap& map) {
  constexpr std::array<std::string_view, 8> kNames = {
      "next_not_cached_value", "minimum_value", "maximum_value",
      "start_value",           "increment",     "cache_size",
      "cycle_option",          "cycle_count"};
  constexpr std::size_t kValues = 5;  // these have the sequence's own type
  const std::vector<MappedColumn>& columns = map.columns;
  if (!map.mariadb || columns.size() != kNames.size() ||
      std::ranges::any_of(columns, &MappedColumn::nullable))
    return false;
  if (map.has_names) return std::ranges::equal(columns, kNames, {}, &MappedColumn::name);
  using enum FieldType;
  constexpr std::array kIntegers = {tiny, short_, int24, long_, longlong};
  const FieldType own = columns[0].type;
  return std::ranges::find(kIntegers, own) != kIntegers.end() &&
         std::all_of(columns.begin(), columns.begin() + kValues,
                     [own](const MappedColumn& column) { return column.type == own; }) &&
         columns[5].type == longlong && columns[6].type == tiny && columns[7].type == longlong;
}

}  // namespace freshet
