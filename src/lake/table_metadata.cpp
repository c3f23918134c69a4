#include "lake/table_metadata.h"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "lake/ids.h"

namespace freshet {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::int32_t kFirstPartitionFieldId = 1000;
constexpr std::string_view kNameMapping = "schema.name-mapping.default";

// --- Writing ---

// Builds a JSON object member by member.
class ObjectText {
 public:
  // `json` is a value already in JSON.
  ObjectText& raw(std::string_view name, std::string_view json) {
    out_ += out_.empty() ? '{' : ',';
    put_json_string(out_, name);
    out_ += ':';
    out_ += json;
    return *this;
  }
  ObjectText& number(std::string_view name, std::int64_t value) {
    return raw(name, std::to_string(value));
  }
  ObjectText& text(std::string_view name, std::string_view value) {
    return raw(name, json_quote(value));
  }
  [[nodiscard]] std::string finish() { return out_.empty() ? "{}" : std::move(out_) + "}"; }

 private:
  std::string out_;
};

// A JSON array of what `show` makes of each item.
std::string array_text(const auto& items, auto&& show) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += show(item);
  }
  return out + "]";
}

const auto kValue = [](const auto& entry) { return entry.second; };

std::string text_map(const std::map<std::string, std::string>& map) {
  ObjectText out;
  for (const auto& [key, value] : map) out.text(key, value);
  return out.finish();
}

std::string snapshot_text(const Snapshot& snapshot) {
  ObjectText out;
  out.number("snapshot-id", snapshot.id);
  if (snapshot.parent_id) out.number("parent-snapshot-id", *snapshot.parent_id);
  out.number("sequence-number", snapshot.sequence).number("timestamp-ms", snapshot.timestamp_ms);
  out.text("manifest-list", snapshot.manifest_list).raw("summary", text_map(snapshot.summary));
  if (snapshot.schema_id) out.number("schema-id", *snapshot.schema_id);
  return out.finish();
}

std::string refs_text(const std::map<std::string, SnapshotRef>& refs) {
  ObjectText out;
  for (const auto& [name, ref] : refs) {
    ObjectText one;
    one.number("snapshot-id", ref.snapshot_id);
    for (const auto& [member, json] : ref.others) one.raw(member, json);
    out.raw(name, one.finish());
  }
  return out.finish();
}

// --- Reading ---

[[noreturn]] void fail_metadata(std::string_view why) { fail(ErrorKind::corrupt, "{}", why); }

std::string text_of(element json) { return std::string(json.get_string().value()); }
std::int64_t number_of(element json) { return json.get_int64().value(); }
std::int32_t number32_of(element json) { return static_cast<std::int32_t>(number_of(json)); }

std::optional<element> member(object json, std::string_view name) {
  element found;
  if (json[name].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return found;
}

void for_each_item(object json, std::string_view name, auto&& action) {
  const auto found = member(json, name);
  if (!found) return;
  const array items = found->get_array();
  for (const element item : items) action(object(item.get_object()));
}

void for_each_member(object json, std::string_view name, auto&& action) {
  const auto found = member(json, name);
  if (!found) return;
  const object members = found->get_object();
  for (const auto [key, value] : members) action(std::string(key), value);
}

std::map<std::string, std::string> read_text_map(object json, std::string_view name) {
  std::map<std::string, std::string> map;
  for_each_member(json, name,
                  [&](std::string key, element value) { map[std::move(key)] = text_of(value); });
  return map;
}

IcebergField read_field(object json) {
  IcebergField field;
  field.id = number32_of(json["id"].value());
  const std::string name = text_of(json["name"].value());
  const element type = json["type"].value();
  const auto column = type.is_string() ? type_of(text_of(type)) : std::nullopt;
  if (!column)
    fail(ErrorKind::unsupported, "column {} has the type {}, which Freshet does not write", name,
         simdjson::to_string(type));
  field.column = *column;
  field.column.name = name;
  field.column.required = json["required"].get_bool().value();
  return field;
}

IcebergSchema read_schema(object json) {
  IcebergSchema schema{.schema_id = number32_of(json["schema-id"].value())};
  for_each_item(json, "fields", [&](object field) { schema.fields.push_back(read_field(field)); });
  if (const auto ids = member(json, "identifier-field-ids")) {
    const array items = ids->get_array();
    for (const element id : items) schema.identifier_ids.push_back(number32_of(id));
  }
  return schema;
}

PartitionSpec read_spec(object json) {
  PartitionSpec spec{.id = number32_of(json["spec-id"].value()),
                     .fields_json = simdjson::to_string(json["fields"].value())};
  std::size_t fields = 0;
  for_each_item(json, "fields", [&](object field) {
    ++fields;
    if (fields > 1 || text_of(field["transform"].value()) != "day") {
      spec.is_foreign = true;
      return;
    }
    spec.day_field_name = text_of(field["name"].value());
    spec.day_field_id = number32_of(field["field-id"].value());
    spec.day_source_id = number32_of(field["source-id"].value());
  });
  if (spec.is_foreign) spec.day_field_name.reset();
  return spec;
}

Snapshot read_snapshot(object json) {
  Snapshot snapshot{.id = number_of(json["snapshot-id"].value()),
                    .sequence = number_of(json["sequence-number"].value()),
                    .timestamp_ms = number_of(json["timestamp-ms"].value()),
                    .manifest_list = text_of(json["manifest-list"].value()),
                    .summary = read_text_map(json, "summary"),
                    .json = simdjson::to_string(json)};
  if (const auto parent = member(json, "parent-snapshot-id"))
    snapshot.parent_id = number_of(*parent);
  if (const auto schema = member(json, "schema-id")) snapshot.schema_id = number32_of(*schema);
  return snapshot;
}

SnapshotRef read_ref(object json) {
  SnapshotRef ref{.snapshot_id = number_of(json["snapshot-id"].value())};
  for (const auto [name, value] : json)
    if (name != "snapshot-id") ref.others[std::string(name)] = simdjson::to_string(value);
  return ref;
}

void read_schemas(TableMetadata& metadata, object json) {
  const std::int32_t current = number32_of(json["current-schema-id"].value());
  bool found = false;
  for_each_item(json, "schemas", [&](object schema) {
    const std::int32_t id = number32_of(schema["schema-id"].value());
    metadata.schemas[id] = simdjson::to_string(schema);
    if (id != current) return;
    metadata.schema = read_schema(schema);
    found = true;
  });
  if (!found) fail_metadata("the current schema is missing");
}

void read_specs(TableMetadata& metadata, object json) {
  for_each_item(json, "partition-specs", [&](object spec) {
    PartitionSpec read = read_spec(spec);
    metadata.spec_json[read.id] = simdjson::to_string(spec);
    metadata.specs[read.id] = std::move(read);
  });
  metadata.default_spec_id = number32_of(json["default-spec-id"].value());
  metadata.last_partition_id = number32_of(json["last-partition-id"].value());
  if (!metadata.specs.contains(metadata.default_spec_id))
    fail_metadata("the default partition spec is missing");
}

void read_snapshots(TableMetadata& metadata, object json) {
  for_each_item(json, "snapshots",
                [&](object one) { metadata.snapshots.push_back(read_snapshot(one)); });
  // Writers list snapshots as they made them, but the spec does not promise it.
  std::stable_sort(metadata.snapshots.begin(), metadata.snapshots.end(),
                   [](const Snapshot& a, const Snapshot& b) { return a.sequence < b.sequence; });
  if (const auto id = member(json, "current-snapshot-id"); id && number_of(*id) != -1)
    metadata.current_snapshot_id = number_of(*id);
  if (metadata.current_snapshot_id != 0 && metadata.current() == nullptr)
    fail_metadata("the current snapshot is missing");
  for_each_member(json, "refs", [&](std::string name, element ref) {
    metadata.refs[std::move(name)] = read_ref(ref.get_object());
  });
}

void read_logs(TableMetadata& metadata, object json) {
  for_each_item(json, "snapshot-log", [&](object entry) {
    metadata.snapshot_log.push_back(
        {number_of(entry["timestamp-ms"].value()), number_of(entry["snapshot-id"].value())});
  });
  for_each_item(json, "metadata-log", [&](object entry) {
    metadata.metadata_log.push_back(
        {number_of(entry["timestamp-ms"].value()), text_of(entry["metadata-file"].value())});
  });
}

void read_others(TableMetadata& metadata, object json) {
  static const std::set<std::string_view> kKnown = {
      "format-version", "table-uuid",      "location",        "last-sequence-number",
      "schemas",        "last-updated-ms", "last-column-id",  "current-schema-id",
      "properties",     "partition-specs", "default-spec-id", "last-partition-id",
      "snapshots",      "snapshot-log",    "metadata-log",    "current-snapshot-id",
      "refs",           "schema",          "partition-spec",
  };
  for (const auto [name, value] : json)
    if (!kKnown.contains(name)) metadata.others[std::string(name)] = simdjson::to_string(value);
}

TableMetadata read_metadata(object json) {
  const std::int64_t version = number_of(json["format-version"].value());
  if (version != 2)
    fail(ErrorKind::unsupported, "Iceberg format version {}: Freshet reads and writes version 2",
         version);
  TableMetadata metadata;
  metadata.uuid = text_of(json["table-uuid"].value());
  metadata.location = text_of(json["location"].value());
  metadata.last_sequence = number_of(json["last-sequence-number"].value());
  metadata.last_updated_ms = number_of(json["last-updated-ms"].value());
  metadata.last_column_id = number32_of(json["last-column-id"].value());
  metadata.properties = read_text_map(json, "properties");
  read_schemas(metadata, json);
  read_specs(metadata, json);
  read_snapshots(metadata, json);
  read_logs(metadata, json);
  read_others(metadata, json);
  return metadata;
}

// Snapshots that may not be dropped from the metadata.
std::set<std::int64_t> referenced(const TableMetadata& metadata) {
  std::set<std::int64_t> ids = {metadata.current_snapshot_id};
  for (const auto& [name, ref] : metadata.refs) ids.insert(ref.snapshot_id);
  return ids;
}

void expire_snapshots(TableMetadata& metadata) {
  if (metadata.snapshots.size() <= TableMetadata::kSnapshotsKept) return;
  std::size_t surplus = metadata.snapshots.size() - TableMetadata::kSnapshotsKept;
  const std::set<std::int64_t> kept = referenced(metadata);
  std::erase_if(metadata.snapshots, [&](const Snapshot& snapshot) {
    if (surplus == 0 || kept.contains(snapshot.id)) return false;
    --surplus;
    return true;
  });
  // Spec, "Table Metadata", snapshot-log: entries before an expired snapshot go as well.
  auto& log = metadata.snapshot_log;
  const auto last_expired = std::find_if(log.rbegin(), log.rend(), [&](const auto& entry) {
    return metadata.find(entry.snapshot_id) == nullptr;
  });
  log.erase(log.begin(), last_expired.base());
}

// Names the day field like the reference implementation does: "<column>_day".
PartitionSpec day_spec(const IcebergSchema& schema, std::string_view column) {
  PartitionSpec spec;
  const IcebergField* const field = schema.find(column);
  if (field == nullptr || field->column.type != LakeType::timestamptz)
    fail(ErrorKind::internal,
         "tables are partitioned by the day of a timestamptz column; {} is none", column);
  spec.day_field_name = std::string(column) + "_day";
  spec.day_field_id = kFirstPartitionFieldId;
  spec.day_source_id = field->id;
  spec.fields_json =
      fmt::format(R"([{{"source-id":{},"field-id":{},"name":{},"transform":"day"}}])",
                  spec.day_source_id, spec.day_field_id, json_quote(*spec.day_field_name));
  return spec;
}

}  // namespace

const Snapshot* TableMetadata::find(std::int64_t snapshot_id) const noexcept {
  // From the newest: that is the one most often wanted.
  const auto found = std::find_if(snapshots.rbegin(), snapshots.rend(),
                                  [&](const Snapshot& one) { return one.id == snapshot_id; });
  return found == snapshots.rend() ? nullptr : &*found;
}

void TableMetadata::set_schema(IcebergSchema next) {
  next.schema_id = schemas.empty() ? 0 : schemas.rbegin()->first + 1;
  for (const IcebergField& field : next.fields) last_column_id = std::max(last_column_id, field.id);
  schemas[next.schema_id] = freshet::to_json(next);
  properties[std::string(kNameMapping)] = name_mapping_json(next);
  schema = std::move(next);
}

void TableMetadata::add_snapshot(Snapshot snapshot) {
  last_sequence = snapshot.sequence;
  last_updated_ms = snapshot.timestamp_ms;
  current_snapshot_id = snapshot.id;
  SnapshotRef& main = refs["main"];
  main.snapshot_id = snapshot.id;
  main.others.try_emplace("type", "\"branch\"");
  snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
  snapshot.json = snapshot_text(snapshot);
  snapshots.push_back(std::move(snapshot));
  expire_snapshots(*this);
}

void TableMetadata::forget_history() {
  std::erase_if(snapshots, [&](const Snapshot& one) { return one.id != current_snapshot_id; });
  std::erase_if(refs,
                [&](const auto& ref) { return ref.second.snapshot_id != current_snapshot_id; });
  std::erase_if(snapshot_log, [&](const SnapshotLogEntry& entry) {
    return entry.snapshot_id != current_snapshot_id;
  });
  metadata_log.clear();
  for (const char* statistics : {"statistics", "partition-statistics"}) others.erase(statistics);
}

std::vector<std::string> TableMetadata::add_previous(const std::string& file) {
  metadata_log.push_back({last_updated_ms, file});
  std::vector<std::string> fallen;
  while (metadata_log.size() > kMetadataFilesKept) {
    fallen.push_back(metadata_log.front().file);
    metadata_log.erase(metadata_log.begin());
  }
  return fallen;
}

TableMetadata new_table_metadata(std::string location, const LakeSchema& columns,
                                 std::string_view partition_day) {
  TableMetadata metadata;
  metadata.uuid = new_uuid();
  metadata.location = std::move(location);
  metadata.last_updated_ms = now_ms();
  metadata.set_schema(first_schema(columns));
  PartitionSpec spec;
  if (!partition_day.empty()) {
    spec = day_spec(metadata.schema, partition_day);
    metadata.last_partition_id = spec.day_field_id;
  }
  metadata.spec_json[spec.id] =
      fmt::format(R"({{"spec-id":{},"fields":{}}})", spec.id, spec.fields_json);
  metadata.specs[spec.id] = std::move(spec);
  metadata.others["default-sort-order-id"] = "0";
  metadata.others["sort-orders"] = R"([{"order-id":0,"fields":[]}])";
  metadata.properties.merge(std::map<std::string, std::string>{
      {"write.format.default", "parquet"},
      {"write.parquet.compression-codec", "zstd"},
      {"write.metadata.delete-after-commit.enabled", "true"},
      {"write.metadata.previous-versions-max", std::to_string(TableMetadata::kMetadataFilesKept)},
      {"write.delete.mode", "merge-on-read"},
      {"write.update.mode", "merge-on-read"},
      {"write.merge.mode", "merge-on-read"},
  });
  return metadata;
}

std::string to_json(const TableMetadata& metadata) {
  ObjectText out;
  out.number("format-version", 2).text("table-uuid", metadata.uuid);
  out.text("location", metadata.location);
  out.number("last-sequence-number", metadata.last_sequence);
  out.number("last-updated-ms", metadata.last_updated_ms);
  out.number("last-column-id", metadata.last_column_id);
  out.number("current-schema-id", metadata.schema.schema_id);
  out.raw("schemas", array_text(metadata.schemas, kValue));
  out.number("default-spec-id", metadata.default_spec_id);
  out.raw("partition-specs", array_text(metadata.spec_json, kValue));
  out.number("last-partition-id", metadata.last_partition_id);
  for (const auto& [name, json] : metadata.others) out.raw(name, json);
  out.raw("properties", text_map(metadata.properties));
  if (metadata.current_snapshot_id != 0)
    out.number("current-snapshot-id", metadata.current_snapshot_id);
  out.raw("refs", refs_text(metadata.refs));
  out.raw("snapshots",
          array_text(metadata.snapshots, [](const Snapshot& one) { return one.json; }));
  out.raw("snapshot-log", array_text(metadata.snapshot_log, [](const SnapshotLogEntry& entry) {
            return fmt::format(R"({{"timestamp-ms":{},"snapshot-id":{}}})", entry.timestamp_ms,
                               entry.snapshot_id);
          }));
  out.raw("metadata-log", array_text(metadata.metadata_log, [](const MetadataLogEntry& entry) {
            return fmt::format(R"({{"timestamp-ms":{},"metadata-file":{}}})", entry.timestamp_ms,
                               json_quote(entry.file));
          }));
  return out.finish();
}

TableMetadata table_metadata_from_json(std::string_view json, std::string_view name) {
  try {
    simdjson::dom::parser parser;
    const object top = parser.parse(json.data(), json.size()).get_object();
    return read_metadata(top);
  } catch (const simdjson::simdjson_error& error) {
    std::string_view why = error.what();
    if (why.ends_with('.')) why.remove_suffix(1);
    fail(ErrorKind::corrupt,
         "table metadata {}: {}; restore the file, or move it away to go back one version", name,
         why);
  } catch (const Error& error) {
    fail(error.kind(), "table metadata {}: {}", name, error.what());
  }
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace freshet
