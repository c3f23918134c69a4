#include "source/schema_tracker.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "source/charset.h"
#include "source/table_map.h"

namespace freshet {

namespace {

constexpr std::string_view kRemedy =
    "run SET GLOBAL binlog_row_metadata=FULL on the server, then load the table anew (freshet "
    "snapshot)";

bool is_binary(const Charset* charset) noexcept { return charset == nullptr || charset->binary(); }

// TINYTEXT..LONGTEXT and TINYBLOB..LONGBLOB, by the bytes of a value's length.
ColumnType blob_type(std::uint32_t width, bool characters) noexcept {
  using enum ColumnType;
  constexpr ColumnType kText[] = {tinytext, text, mediumtext, longtext};
  constexpr ColumnType kBlob[] = {tinyblob, blob, mediumblob, longblob};
  return characters ? kText[width - 1] : kBlob[width - 1];
}

std::uint32_t blob_length(std::uint32_t width) noexcept {
  return static_cast<std::uint32_t>((std::uint64_t{1} << 8 * width) - 1);
}

void describe_string(Column& column, const MappedColumn& mapped, const Charset* charset,
                     bool variable) {
  using enum ColumnType;
  const bool characters = !is_binary(charset);
  if (variable)
    column.type = characters ? varchar : varbinary;
  else
    column.type = characters ? char_ : binary;
  column.length = characters ? mapped.length / charset->max_bytes : mapped.length;
}

// The column as the event alone tells it; names, signs and labels as far as it does.
Column describe(const MappedColumn& mapped, const Charset* charset) {
  using enum ColumnType;
  Column column;
  column.name = mapped.name;
  column.nullable = mapped.nullable;
  switch (mapped.type) {
    case FieldType::tiny: column.type = tinyint; break;
    case FieldType::short_: column.type = smallint; break;
    case FieldType::int24: column.type = mediumint; break;
    case FieldType::long_: column.type = integer; break;
    case FieldType::longlong: column.type = bigint; break;
    case FieldType::float_: column.type = real32; break;
    case FieldType::double_: column.type = real64; break;
    case FieldType::year: column.type = year; break;
    case FieldType::date: column.type = date; break;
    case FieldType::time:
    case FieldType::time2: column.type = time; break;
    case FieldType::datetime:
    case FieldType::datetime2: column.type = datetime; break;
    case FieldType::timestamp:
    case FieldType::timestamp2: column.type = timestamp; break;
    case FieldType::newdecimal:
      column.type = decimal;
      column.length = mapped.length;
      break;
    case FieldType::bit:
      column.type = bit;
      column.length = mapped.length;
      break;
    case FieldType::enumeration: column.type = enumeration; break;
    case FieldType::set: column.type = set; break;
    case FieldType::json: column.type = json; break;
    case FieldType::geometry: column.type = geometry; break;
    case FieldType::vector: column.type = vector; break;
    case FieldType::varchar:
    case FieldType::var_string: describe_string(column, mapped, charset, true); break;
    case FieldType::string: describe_string(column, mapped, charset, false); break;
    case FieldType::varchar_compressed: {
      MappedColumn plain = mapped;  // its longest value counts the head byte too
      plain.length -= plain.length > 0 ? 1 : 0;
      describe_string(column, plain, charset, true);
      break;
    }
    case FieldType::blob:
    case FieldType::blob_compressed:
      column.type = blob_type(mapped.length, !is_binary(charset));
      column.length = blob_length(mapped.length);
      break;
  }
  column.scale = mapped.scale;
  // YEAR has a sign bit in the log, but no sign.
  if (column.type <= ColumnType::real64) column.is_unsigned = mapped.is_unsigned.value_or(false);
  return column;
}

// Whether `finer`, from a schema, can be the column that the event describes: the same values in
// the same bytes. Names, signs and labels are compared by who knows them.
bool is_same_physically(const Column& finer, const Column& described, const MappedColumn& mapped) {
  using enum ColumnType;
  if (finer.nullable != described.nullable) return false;
  if (has_untold_width(mapped.type)) return finer.type == described.type;
  switch (finer.type) {
    case json: return described.type == json || described.type == longtext;
    case uuid:
    case inet6: return described.type == binary && described.length == 16;
    case inet4: return described.type == binary && described.length == 4;
    case vector:
      return described.type == vector ||
             (described.type >= varbinary && described.type <= longblob);
    case tinytext:
    case text:
    case mediumtext:
    case longtext: return finer.type == described.type;
    default:
      return finer.type == described.type && finer.length == described.length &&
             finer.scale == described.scale;
  }
}

std::size_t set_bytes(std::size_t members) noexcept {
  const std::size_t bytes = (members + 7) / 8;
  return bytes > 4 ? 8 : bytes;
}

// For events that carry no labels.
bool labels_fit(const Column& column, const MappedColumn& mapped) {
  if (mapped.type == FieldType::enumeration)
    return mapped.length == (column.labels.size() < 256 ? 1U : 2U);
  if (mapped.type == FieldType::set) return mapped.length == set_bytes(column.labels.size());
  return true;
}

// Takes over what a schema knows better than the event.
void take_finer(Column& described, const Column& finer) {
  described.type = finer.type;
  described.length = finer.length;
  described.scale = finer.scale;
}

const Charset* known_charset(std::uint64_t collation, const TableMap& map,
                             const MappedColumn& column) {
  const Charset* charset = charset_of_collation(collation, map.mariadb);
  if (charset == nullptr)
    fail(ErrorKind::unsupported,
         "column {} of {} has collation {}, whose character set is unknown here: exclude the table "
         "or "
         "convert the column to utf8mb4",
         column.name.empty() ? "?" : column.name, map.name.qualified(), collation);
  return charset;
}

// Labels stand in the log in the column's own character set.
std::vector<std::string> labels_of(const MappedColumn& mapped, const Charset* charset) {
  std::vector<std::string> labels;
  for (const std::string& raw : mapped.labels) {
    std::string& label = labels.emplace_back();
    if (is_binary(charset))
      label = raw;
    else
      append_utf8(label, raw, *charset);
  }
  return labels;
}

bool has_characters(FieldType type) noexcept {
  switch (type) {
    case FieldType::varchar:
    case FieldType::var_string:
    case FieldType::string:
    case FieldType::blob:
    case FieldType::varchar_compressed:
    case FieldType::blob_compressed: return true;
    default: return false;
  }
}

}  // namespace

SchemaTracker::SchemaTracker(SchemaLookup lookup) : lookup_(std::move(lookup)) {}

void SchemaTracker::know(TableSchema schema) {
  const TableName name = schema.name;
  tables_[name] = Entry{std::make_shared<const TableSchema>(std::move(schema)), {}, {}};
}

SchemaPtr SchemaTracker::known(const TableName& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second.schema;
}

std::vector<TableName> SchemaTracker::tables_of(const std::string& database) const {
  std::vector<TableName> names;
  for (const auto& [name, entry] : tables_)
    if (name.database == database && entry.schema) names.push_back(name);
  return names;
}

ResolvedTable SchemaTracker::resolve(const TableMap& map, const LogCoordinate& at) {
  Entry& entry = tables_[map.name];
  ResolvedTable table = map.has_names ? resolve_named(map, entry) : resolve_unnamed(map, entry, at);
  table.changed |= std::exchange(entry.renamed, false);
  return table;
}

// The schema that the event tells in full; character sets beside it.
TableSchema SchemaTracker::described(const TableMap& map,
                                     std::vector<const Charset*>& charsets) const {
  TableSchema schema;
  schema.name = map.name;
  schema.key = map.key;
  for (const MappedColumn& mapped : map.columns) {
    const Charset* charset =
        mapped.collation ? known_charset(*mapped.collation, map, mapped) : nullptr;
    Column& column = schema.columns.emplace_back(describe(mapped, charset));
    column.labels = labels_of(mapped, charset);
    charsets.push_back(has_characters(mapped.type) ? charset : nullptr);
  }
  return schema;
}

ResolvedTable SchemaTracker::resolve_named(const TableMap& map, Entry& entry) const {
  ResolvedTable table;
  TableSchema schema = described(map, table.charsets);
  const auto take_from = [&](const TableSchema& finer) {
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      Column& column = schema.columns[i];
      const std::optional<std::uint32_t> index = finer.find(column.name);
      if (index && is_same_physically(finer.columns[*index], column, map.columns[i]))
        take_finer(column, finer.columns[*index]);
    }
  };
  if (entry.schema && entry.outdated_at.empty()) {
    take_from(*entry.schema);
    if (schema == *entry.schema) {
      table.schema = entry.schema;
      return table;
    }
  }
  // New here, or changed: what the server says now holds for columns that have stayed the same.
  const std::optional<TableSchema> now = lookup_.schema ? lookup_.schema(map.name) : std::nullopt;
  if (now)
    take_from(*now);
  else if (entry.schema)
    take_from(*entry.schema);
  for (std::size_t i = 0; i < schema.columns.size(); ++i)
    if (map.mariadb && has_untold_width(map.columns[i].type) &&
        !(now && now->find(schema.columns[i].name)))
      fail(ErrorKind::unsupported,
           "column {} of {} has a time type of before MariaDB 10.1, whose precision the log does "
           "not tell: "
           "rebuild the table (ALTER TABLE ... FORCE)",
           schema.columns[i].name, map.name.qualified());
  table.changed = !entry.schema || schema != *entry.schema;
  if (table.changed) entry.schema = std::make_shared<const TableSchema>(std::move(schema));
  entry.outdated_at.clear();
  table.schema = entry.schema;
  return table;
}

std::vector<const Charset*> SchemaTracker::charsets_of(const TableMap& map,
                                                       const Entry& entry) const {
  std::vector<const Charset*> charsets;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const MappedColumn& mapped = map.columns[i];
    const Charset*& charset = charsets.emplace_back(nullptr);
    if (!has_characters(mapped.type)) continue;
    if (mapped.collation) {
      charset = known_charset(*mapped.collation, map, mapped);
      continue;
    }
    if (i < entry.charsets.size()) {
      charset = entry.charsets[i];
      continue;
    }
    if (names.empty() && lookup_.charsets) names = lookup_.charsets(map.name);
    if (names.size() != map.columns.size())
      fail(ErrorKind::unsupported, "the log does not tell the character sets of {}: {}",
           map.name.qualified(), kRemedy);
    charset = names[i].empty() ? charset_of_name("binary") : charset_of_name(names[i]);
    if (charset == nullptr)
      fail(ErrorKind::unsupported,
           "{} has a column in character set {}, which is unknown here: exclude the table or "
           "convert the "
           "column to utf8mb4",
           map.name.qualified(), names[i]);
  }
  return charsets;
}

ResolvedTable SchemaTracker::resolve_unnamed(const TableMap& map, Entry& entry,
                                             const LogCoordinate& at) const {
  if (!entry.schema)
    fail(ErrorKind::unsupported,
         "the log at {} has no column names for {}, and no schema of it is known: {}",
         to_string(at), map.name.qualified(), kRemedy);
  if (!entry.outdated_at.empty())
    fail(ErrorKind::unsupported,
         "the log at {} has no column names for {}, which a statement at {} has changed: {}",
         to_string(at), map.name.qualified(), entry.outdated_at, kRemedy);
  const TableSchema& schema = *entry.schema;
  const auto mismatch = [&](std::string_view what) {
    fail(ErrorKind::unsupported, "the log at {} has no column names for {}, and {}: {}",
         to_string(at), map.name.qualified(), what, kRemedy);
  };
  if (map.columns.size() != schema.columns.size())
    mismatch(fmt::format("it has {} columns there instead of {}", map.columns.size(),
                         schema.columns.size()));
  ResolvedTable table{entry.schema, charsets_of(map, entry), false};
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const MappedColumn& mapped = map.columns[i];
    const Column& column = schema.columns[i];
    const bool sign = !mapped.is_unsigned || column.type > ColumnType::real64 ||
                      *mapped.is_unsigned == column.is_unsigned;
    if (!sign || !labels_fit(column, mapped) ||
        !is_same_physically(column, describe(mapped, table.charsets[i]), mapped))
      mismatch(fmt::format("column {} is there not what the schema says", column.name));
  }
  entry.charsets = table.charsets;
  return table;
}

void SchemaTracker::altered(const TableName& name, const LogCoordinate& at) {
  const auto found = tables_.find(name);
  if (found != tables_.end()) found->second.outdated_at = to_string(at);
}

void SchemaTracker::dropped(const TableName& name) { tables_.erase(name); }

void SchemaTracker::renamed(const TableName& from, const TableName& to) {
  tables_.erase(to);
  auto node = tables_.extract(from);
  if (node.empty()) return;
  Entry& entry = node.mapped();
  if (entry.schema) {
    TableSchema schema = *entry.schema;
    schema.name = to;
    entry.schema = std::make_shared<const TableSchema>(std::move(schema));
    entry.renamed = true;
  }
  node.key() = to;
  tables_.insert(std::move(node));
}

}  // namespace freshet
