#include "source/schema_tracker.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "source/charset.h"
#include "source/table_map.h"

namespace freshet {

namespace {

constexpr std::string_view kRemedy =
    "take the table out of source.tables, let Freshet pass this place, and add it again, so that "
    "it "
    "is loaded anew; with SET GLOBAL binlog_row_metadata=FULL the log tells by itself from there "
    "on";

constexpr char kTablePart = 't';
constexpr char kDatabasePart = 'd';

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

// Text whose character set a statement or the log must tell; other strings are bytes.
bool needs_charset(ColumnType type, bool mariadb) noexcept {
  return (type >= ColumnType::char_ && type <= ColumnType::longtext) ||
         (mariadb && type == ColumnType::json);
}

bool has_charset(FieldType type) noexcept {
  return has_characters(type) || type == FieldType::enumeration || type == FieldType::set;
}

std::string name_of(const Charset* charset) {
  return charset == nullptr || charset->binary() ? std::string() : std::string(charset->name);
}

// The definition that an event with names tells in full.
TableDefinition described(const TableMap& map) {
  TableDefinition definition;
  definition.schema.name = map.name;
  definition.schema.key = map.key;
  for (const MappedColumn& mapped : map.columns) {
    const Charset* charset =
        mapped.collation ? known_charset(*mapped.collation, map, mapped) : nullptr;
    Column& column = definition.schema.columns.emplace_back(describe(mapped, charset));
    column.labels = labels_of(mapped, charset);
    definition.traits.push_back({has_charset(mapped.type) ? name_of(charset) : std::string()});
  }
  return definition;
}

std::vector<const Charset*> charsets_of(const TableMap& map, const TableDefinition& definition) {
  std::vector<const Charset*> charsets;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const std::string& name = definition.traits[i].charset;
    const Charset*& charset = charsets.emplace_back(nullptr);
    if (!has_characters(map.columns[i].type)) continue;
    charset = charset_of_name(name.empty() ? "binary" : name);
    if (charset == nullptr)
      fail(ErrorKind::unsupported,
           "column {} of {} is in character set {}, which is unknown here: exclude the table or "
           "convert the column to utf8mb4",
           definition.schema.columns[i].name, map.name.qualified(), name);
  }
  return charsets;
}

// Whether a column of the definition is the event's; what the event alone knows is taken over.
bool fits(Column& column, TableDefinition::Trait& trait, const MappedColumn& mapped, bool mariadb) {
  const Charset* charset = nullptr;
  if (mapped.collation) {
    charset = charset_of_collation(*mapped.collation, mariadb);
    if (charset == nullptr) return false;
    if (has_charset(mapped.type) && name_of(charset) != trait.charset) return false;
  } else if (!trait.charset.empty()) {
    charset = charset_of_name(trait.charset);
  } else if (needs_charset(column.type, mariadb)) {
    return false;
  }
  const bool sign = !mapped.is_unsigned || column.type > ColumnType::real64 ||
                    *mapped.is_unsigned == column.is_unsigned;
  if (trait.nullable_untold) column.nullable = mapped.nullable;
  trait.nullable_untold = false;
  return sign && labels_fit(column, mapped) &&
         is_same_physically(column, describe(mapped, charset), mapped);
}

// The definition as the event settles it; or why it cannot be the event's.
std::expected<TableDefinition, std::string> settled(const TableDefinition& definition,
                                                    const TableMap& map) {
  if (map.columns.size() != definition.schema.columns.size())
    return std::unexpected(fmt::format("the log has {} columns there instead of {}",
                                       map.columns.size(), definition.schema.columns.size()));
  TableDefinition result = definition;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    Column& column = result.schema.columns[i];
    if (!fits(column, result.traits[i], map.columns[i], map.mariadb))
      return std::unexpected(fmt::format("column {} is another one there", column.name));
  }
  return result;
}

void take_finer_columns(TableDefinition& event, const TableMap& map, const TableSchema& finer) {
  for (std::size_t i = 0; i < event.schema.columns.size(); ++i) {
    Column& column = event.schema.columns[i];
    const std::optional<std::uint32_t> index = finer.find(column.name);
    if (index && is_same_physically(finer.columns[*index], column, map.columns[i]))
      take_finer(column, finer.columns[*index]);
  }
}

bool same_key(const TableSchema& a, const TableSchema& b) {
  return std::ranges::equal(a.key, b.key, [&](std::uint32_t i, std::uint32_t j) {
    Column x = a.columns[i];
    Column y = b.columns[j];
    x.nullable = y.nullable = false;
    return x == y;
  });
}

std::string table_key(const TableName& name) {
  return kTablePart + name.database + '\0' + name.table;
}

}  // namespace

SchemaTracker::SchemaTracker(SchemaLookup lookup, std::function<bool(std::string_view)> tracks)
    : lookup_(std::move(lookup)), tracks_(std::move(tracks)) {}

bool SchemaTracker::tracks(std::string_view database) const {
  return !tracks_ || tracks_(database);
}

std::string SchemaTracker::charset_of_database(const std::string& database) const {
  const auto found = databases_.find(database);
  return found == databases_.end() ? std::string() : found->second;
}

void SchemaTracker::know(TableDefinition definition) {
  Entry& entry = tables_[definition.schema.name];
  set(entry, std::move(definition));
}

void SchemaTracker::know_database(const std::string& database, const std::string& charset) {
  databases_[database] = charset;
  changed_databases_.insert(database);
}

bool SchemaTracker::knows_database(const std::string& database) const {
  return databases_.contains(database);
}

SchemaPtr SchemaTracker::known(const TableName& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second.schema;
}

const TableDefinition* SchemaTracker::definition(const TableName& name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() || !found->second.schema ? nullptr : &found->second.definition;
}

bool SchemaTracker::is_certain(const TableName& name) const {
  const auto found = tables_.find(name);
  return found != tables_.end() && found->second.schema && found->second.doubt.empty();
}

std::vector<TableName> SchemaTracker::tables_of(const std::string& database) const {
  std::vector<TableName> names;
  for (const auto& [name, entry] : tables_)
    if (name.database == database && entry.schema) names.push_back(name);
  return names;
}

// The shared schema stays the same object while its content does.
void SchemaTracker::set(Entry& entry, TableDefinition definition) {
  mark(definition.schema.name);
  if (!entry.schema || *entry.schema != definition.schema)
    entry.schema = std::make_shared<const TableSchema>(definition.schema);
  entry.definition = std::move(definition);
  entry.doubt.clear();
}

void SchemaTracker::suspect(const TableName& name) {
  tables_[name].doubt = "a statement may have changed it before it was first looked at";
  mark(name);
}

void SchemaTracker::doubt(Entry& entry, const LogCoordinate& at, std::string_view why) {
  entry.doubt = fmt::format("the statement at {} was not understood: {}", to_string(at), why);
}

// ---- rows

ResolvedTable SchemaTracker::resolve(const TableMap& map, const LogCoordinate& at) {
  Entry& entry = tables_[map.name];
  return map.has_names ? resolve_named(map, entry) : resolve_unnamed(map, entry, at);
}

bool SchemaTracker::is_sequence(const TableMap& map) const {
  if (!has_columns_of_sequence(map)) return false;
  if (map.has_names) return !is_certain(map.name);
  return !tables_.contains(map.name) && knows_database(map.name.database);
}

ResolvedTable SchemaTracker::resolve_named(const TableMap& map, Entry& entry) {
  const SchemaPtr before = entry.schema;
  TableDefinition event = described(map);
  event.charset = entry.definition.charset;
  const bool certain = entry.schema && entry.doubt.empty();
  if (certain) take_finer_columns(event, map, *entry.schema);
  if (!certain || event.schema != *entry.schema) {
    // New here, or changed: what the server says now holds for columns that have stayed the same.
    const auto now = lookup_.definition ? lookup_.definition(map.name) : std::nullopt;
    if (now)
      take_finer_columns(event, map, now->schema);
    else if (entry.schema)
      take_finer_columns(event, map, *entry.schema);
    for (std::size_t i = 0; i < map.columns.size(); ++i)
      if (map.mariadb && has_untold_width(map.columns[i].type) &&
          !(now && now->schema.find(event.schema.columns[i].name)))
        fail(ErrorKind::unsupported,
             "column {} of {} has a time type of before MariaDB 10.1, whose precision the log does "
             "not tell: rebuild the table (ALTER TABLE ... FORCE)",
             event.schema.columns[i].name, map.name.qualified());
  }
  std::vector<const Charset*> charsets = charsets_of(map, event);
  if (!certain || event != entry.definition) set(entry, std::move(event));
  return {entry.schema, std::move(charsets), entry.schema != before};
}

ResolvedTable SchemaTracker::resolve_unnamed(const TableMap& map, Entry& entry,
                                             const LogCoordinate& at) {
  const SchemaPtr before = entry.schema;
  std::string why = entry.schema ? entry.doubt : "nothing of how it was made is known";
  if (why.empty()) {
    auto definition = settled(entry.definition, map);
    if (definition) {
      if (*definition != entry.definition) set(entry, std::move(*definition));
    } else {
      why = definition.error();
    }
  }
  if (!why.empty()) set(entry, ask(map, at, why));
  return {entry.schema, charsets_of(map, entry.definition), entry.schema != before};
}

// What information_schema says, if it is sure to be in force at `at` (see the class).
TableDefinition SchemaTracker::ask(const TableMap& map, const LogCoordinate& at,
                                   const std::string& why) const {
  const auto refuse = [&](std::string_view what) {
    fail(ErrorKind::unsupported,
         "the log at {} does not name the columns of {}, which are in doubt ({}), and {}: {}",
         to_string(at), map.name.qualified(), why, what, kRemedy);
  };
  if (!lookup_.definition || !lookup_.touched) refuse("there is no server to ask");
  const std::optional<TableDefinition> now = lookup_.definition(map.name);
  if (!now) refuse("the server has no such table any more");
  auto definition = settled(*now, map);
  if (!definition)
    refuse("information_schema describes another table (" + definition.error() + ")");
  if (const auto touched = lookup_.touched(map.name, at))
    refuse(fmt::format("what information_schema says may come from the later statement at {}",
                       to_string(*touched)));
  return std::move(*definition);
}

// ---- statements

SchemaEffect SchemaTracker::altered(const TableName& name, const TableEdit& edit,
                                    const LogCoordinate& at) {
  SchemaEffect effect;
  const auto found = tables_.find(name);
  if (edit.empty()) {
    const SchemaPtr schema = known(name);
    return {schema, schema, true, true};
  }
  if (found == tables_.end()) return effect;
  Entry& entry = found->second;
  effect.before = entry.schema;
  if (!entry.schema || !entry.doubt.empty()) {
    doubt(entry, at, "the columns before it are not known");
    mark(name);
    return effect;
  }
  auto after = apply_edit(entry.definition, edit, charset_of_database(name.database));
  if (!after) {
    doubt(entry, at, after.error());
    mark(name);
    return effect;
  }
  effect.keeps_values = freshet::keeps_values(entry.definition, *after, edit);
  effect.keeps_key = same_key(entry.definition.schema, after->schema);
  set(entry, std::move(*after));
  effect.after = entry.schema;
  return effect;
}

SchemaEffect SchemaTracker::created(const TableName& name, const TableEdit& edit,
                                    bool if_not_exists, const LogCoordinate& at) {
  if (!tracks(name.database)) return {};
  if (if_not_exists && tables_.contains(name)) return {known(name), known(name), true, true};
  Entry& entry = tables_[name] = Entry();
  mark(name);
  if (if_not_exists && !knows_database(name.database)) {
    doubt(entry, at, "the table may have been there before");
    return {};
  }
  TableDefinition empty;
  empty.schema.name = name;
  if (!edit.like) {
    auto made = apply_edit(empty, edit, charset_of_database(name.database));
    if (made)
      set(entry, std::move(*made));
    else
      doubt(entry, at, made.error());
    return {.before = nullptr, .after = entry.schema};
  }
  const auto model = tables_.find(*edit.like);
  if (model == tables_.end() || !is_certain(*edit.like)) {
    doubt(entry, at, "the columns of " + edit.like->qualified() + " are not known");
    return {};
  }
  TableDefinition copy = model->second.definition;
  copy.schema.name = name;
  set(entry, std::move(copy));
  return {.before = nullptr, .after = entry.schema};
}

void SchemaTracker::dropped(const TableName& name) {
  if (tables_.erase(name) > 0) mark(name);
}

void SchemaTracker::renamed(const TableName& from, const TableName& to, const LogCoordinate& at) {
  dropped(to);
  auto node = tables_.extract(from);
  mark(from);
  if (!tracks(to.database)) return;
  if (node.empty()) {
    doubt(tables_[to], at, "the columns of " + from.qualified() + " are not known");
    mark(to);
    return;
  }
  Entry& entry = node.mapped();
  if (entry.schema) {
    entry.definition.schema.name = to;
    entry.schema = std::make_shared<const TableSchema>(entry.definition.schema);
  }
  node.key() = to;
  tables_.insert(std::move(node));
  mark(to);
}

void SchemaTracker::database_created(const std::string& database, const std::string& charset) {
  if (tracks(database)) know_database(database, charset);
}

void SchemaTracker::database_altered(const std::string& database, const std::string& charset) {
  if (knows_database(database)) know_database(database, charset);
}

void SchemaTracker::database_dropped(const std::string& database) {
  for (const auto& [name, entry] : tables_)
    if (name.database == database) mark(name);
  std::erase_if(tables_, [&](const auto& entry) { return entry.first.database == database; });
  if (databases_.erase(database) > 0) changed_databases_.insert(database);
}

// ---- over a restart

// A table: flag whether there is a definition, the definition, doubt. A database: its character
// set behind a flag, so that the content is never empty.
std::vector<std::pair<std::string, Bytes>> SchemaTracker::take_changes() {
  std::vector<std::pair<std::string, Bytes>> parts;
  for (const TableName& name : std::exchange(changed_tables_, {})) {
    Bytes content;
    if (const auto found = tables_.find(name); found != tables_.end()) {
      put_u8(content, found->second.schema ? 1 : 0);
      if (found->second.schema) put_definition(content, found->second.definition);
      put_text(content, found->second.doubt);
    }
    parts.emplace_back(table_key(name), std::move(content));
  }
  for (const std::string& database : std::exchange(changed_databases_, {})) {
    Bytes content;
    if (const auto found = databases_.find(database); found != databases_.end()) {
      put_u8(content, 1);
      put_text(content, found->second);
    }
    parts.emplace_back(kDatabasePart + database, std::move(content));
  }
  return parts;
}

void SchemaTracker::forget() {
  for (const auto& [name, entry] : tables_) mark(name);
  for (const auto& [name, charset] : databases_) changed_databases_.insert(name);
  tables_.clear();
  databases_.clear();
}

void SchemaTracker::restore(std::string_view key, std::string_view content) {
  ByteReader in(content);
  const bool has_content = in.u8() != 0;
  if (key.starts_with(kDatabasePart)) {
    databases_[std::string(key.substr(1))] = in.text();
    return;
  }
  const std::size_t cut = key.find('\0');
  if (!key.starts_with(kTablePart) || cut == std::string_view::npos)
    fail(ErrorKind::corrupt, "the stored capture state has a part of an unknown kind");
  Entry& entry = tables_[{std::string(key.substr(1, cut - 1)), std::string(key.substr(cut + 1))}];
  if (has_content) {
    entry.definition = read_definition(in);
    entry.schema = std::make_shared<const TableSchema>(entry.definition.schema);
  }
  entry.doubt = in.text();
}

}  // namespace freshet
