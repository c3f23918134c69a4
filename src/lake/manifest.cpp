#include "lake/manifest.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "lake/avro_reader.h"
#include "lake/avro_writer.h"
#include "lake/bounds.h"

namespace freshet {
namespace {

// Reserved id of `file_path` in position delete files (spec, "Reserved Field IDs").
constexpr std::int32_t kDeletedPathId = 2147483546;

// --- Avro schema (spec, "Manifests"; order and ids of version 2) ---

std::string map_field(std::string_view name, int id, int key_id, int value_id,
                      std::string_view value_type) {
  return fmt::format(
      R"({{"name":"{0}","default":null,"field-id":{1},"type":["null",{{"type":"array",)"
      R"("logicalType":"map","items":{{"type":"record","name":"k{2}_v{3}","fields":[)"
      R"({{"name":"key","type":"int","field-id":{2}}},)"
      R"({{"name":"value","type":"{4}","field-id":{3}}}]}}}}]}},)",
      name, id, key_id, value_id, value_type);
}

std::string partition_type(const PartitionSpec& spec) {
  if (!spec.day_field_name) return R"({"type":"record","name":"r102","fields":[]})";
  return fmt::format(
      R"({{"type":"record","name":"r102","fields":[{{"name":{},)"
      R"("type":["null",{{"type":"int","logicalType":"date"}}],"default":null,"field-id":{}}}]}})",
      json_quote(*spec.day_field_name), spec.day_field_id);
}

std::string data_file_type(const PartitionSpec& spec) {
  return R"({"type":"record","name":"r2","fields":[)"
         R"({"name":"content","type":"int","field-id":134},)"
         R"({"name":"file_path","type":"string","field-id":100},)"
         R"({"name":"file_format","type":"string","field-id":101},)"
         R"({"name":"partition","field-id":102,"type":)" +
         partition_type(spec) +
         R"(},{"name":"record_count","type":"long","field-id":103},)"
         R"({"name":"file_size_in_bytes","type":"long","field-id":104},)" +
         map_field("column_sizes", 108, 117, 118, "long") +
         map_field("value_counts", 109, 119, 120, "long") +
         map_field("null_value_counts", 110, 121, 122, "long") +
         map_field("nan_value_counts", 137, 138, 139, "long") +
         map_field("lower_bounds", 125, 126, 127, "bytes") +
         map_field("upper_bounds", 128, 129, 130, "bytes") +
         R"({"name":"key_metadata","type":["null","bytes"],"default":null,"field-id":131},)"
         R"({"name":"split_offsets","default":null,"field-id":132,)"
         R"("type":["null",{"type":"array","element-id":133,"items":"long"}]},)"
         R"({"name":"equality_ids","default":null,"field-id":135,)"
         R"("type":["null",{"type":"array","element-id":136,"items":"int"}]},)"
         R"({"name":"sort_order_id","type":["null","int"],"default":null,"field-id":140},)"
         R"({"name":"referenced_data_file","type":["null","string"],"default":null,)"
         R"("field-id":143}]})";
}

std::string entry_schema(const PartitionSpec& spec) {
  return R"({"type":"record","name":"manifest_entry","fields":[)"
         R"({"name":"status","type":"int","field-id":0},)"
         R"({"name":"snapshot_id","type":["null","long"],"default":null,"field-id":1},)"
         R"({"name":"sequence_number","type":["null","long"],"default":null,"field-id":3},)"
         R"({"name":"file_sequence_number","type":["null","long"],"default":null,"field-id":4},)"
         R"({"name":"data_file","field-id":2,"type":)" +
         data_file_type(spec) + "}]}";
}

// --- Encoding ---

void put_item(Bytes& out, std::int64_t value) { put_avro_long(out, value); }
void put_item(Bytes& out, const std::string& value) { put_avro_bytes(out, value); }
template <typename T>
void put_item(Bytes& out, const std::pair<const std::int32_t, T>& key_value) {
  put_item(out, key_value.first);
  put_item(out, key_value.second);
}

// An optional array or map; null when it is empty.
void put_array(Bytes& out, const auto& items) {
  if (items.empty()) return put_avro_null(out);
  put_avro_present(out);
  put_avro_long(out, static_cast<std::int64_t>(items.size()));
  for (const auto& item : items) put_item(out, item);
  put_avro_long(out, 0);
}

void put_optional(Bytes& out, const auto& value) {
  if (!value) return put_avro_null(out);
  put_avro_present(out);
  put_item(out, *value);
}

void put_data_file(Bytes& out, const ManifestEntry& entry, const PartitionSpec& spec) {
  put_avro_long(out, entry.content);
  put_avro_bytes(out, entry.path);
  put_avro_bytes(out, entry.format);
  if (spec.day_field_name) put_optional(out, entry.partition_day);
  put_avro_long(out, entry.records);
  put_avro_long(out, entry.bytes);
  put_array(out, entry.metrics.sizes);
  put_array(out, entry.metrics.values);
  put_array(out, entry.metrics.nulls);
  put_array(out, entry.metrics.nans);
  put_array(out, entry.metrics.lower);
  put_array(out, entry.metrics.upper);
  put_optional(out, entry.key_metadata);
  put_array(out, entry.split_offsets);
  put_array(out, entry.equality_ids);
  put_optional(out, entry.sort_order_id);
  put_optional(out, entry.referenced_data_file);
}

// --- Decoding ---

std::optional<std::int64_t> optional_integer(const AvroValue& value) {
  return value.is_null() ? std::nullopt : std::optional(value.integer());
}

std::optional<std::string> optional_text(const AvroValue& value) {
  return value.is_null() ? std::nullopt : std::optional(value.text());
}

void read_value_into(std::int64_t& out, const AvroValue& value) { out = value.integer(); }
void read_value_into(std::string& out, const AvroValue& value) { out = value.text(); }

template <typename T>
void read_map(std::map<std::int32_t, T>& out, const AvroValue& value, std::int32_t key_id,
              std::int32_t value_id) {
  if (value.is_null()) return;
  for (const AvroValue& item : value.items()) {
    const AvroRecord& pair = item.record();
    read_value_into(out[static_cast<std::int32_t>(pair[key_id].integer())], pair[value_id]);
  }
}

template <typename T>
void read_array(std::vector<T>& out, const AvroValue& value) {
  if (value.is_null()) return;
  for (const AvroValue& item : value.items()) out.push_back(static_cast<T>(item.integer()));
}

void read_data_file(ManifestEntry& entry, const AvroRecord& file, const PartitionSpec& spec) {
  entry.content = static_cast<std::int32_t>(optional_integer(file[134]).value_or(0));
  entry.path = file[100].text();
  entry.format = file[101].text();
  if (spec.day_field_name) {
    const auto day = optional_integer(file[102].record()[spec.day_field_id]);
    if (day) entry.partition_day = static_cast<std::int32_t>(*day);
  }
  entry.records = file[103].integer();
  entry.bytes = file[104].integer();
  read_map(entry.metrics.sizes, file[108], 117, 118);
  read_map(entry.metrics.values, file[109], 119, 120);
  read_map(entry.metrics.nulls, file[110], 121, 122);
  read_map(entry.metrics.nans, file[137], 138, 139);
  read_map(entry.metrics.lower, file[125], 126, 127);
  read_map(entry.metrics.upper, file[128], 129, 130);
  entry.key_metadata = optional_text(file[131]);
  read_array(entry.split_offsets, file[132]);
  read_array(entry.equality_ids, file[135]);
  if (const auto id = optional_integer(file[140]))
    entry.sort_order_id = static_cast<std::int32_t>(*id);
  entry.referenced_data_file = optional_text(file[143]);
}

// Spec, "Sequence Number Inheritance": only added entries may leave their numbers to the manifest.
void inherit(ManifestEntry& entry, const ManifestFile& from) {
  if (!entry.snapshot_id) entry.snapshot_id = from.added_snapshot_id;
  if (entry.status != EntryStatus::added && from.sequence > 0 &&
      (!entry.sequence || !entry.file_sequence))
    fail(ErrorKind::corrupt, "an entry that is not new has no sequence number");
  if (!entry.sequence) entry.sequence = from.sequence;
  if (!entry.file_sequence) entry.file_sequence = from.sequence;
}

ManifestEntry read_entry(const AvroRecord& record, const ManifestFile& from,
                         const PartitionSpec& spec) {
  ManifestEntry entry;
  const std::int64_t status = record[0].integer();
  if (status < 0 || status > 2)
    fail(ErrorKind::corrupt, "an entry has the unknown status {}", status);
  entry.status = static_cast<EntryStatus>(status);
  entry.snapshot_id = optional_integer(record[1]);
  entry.sequence = optional_integer(record[3]);
  entry.file_sequence = optional_integer(record[4]);
  read_data_file(entry, record[2].record(), spec);
  inherit(entry, from);
  return entry;
}

// Range of the partition day over the entries.
FieldSummary summarize_days(const std::vector<ManifestEntry>& entries) {
  FieldSummary summary;
  summary.contains_nan = false;
  std::optional<std::int32_t> least, greatest;
  for (const ManifestEntry& entry : entries) {
    if (!entry.partition_day) {
      summary.contains_null = true;
      continue;
    }
    least = std::min(least.value_or(*entry.partition_day), *entry.partition_day);
    greatest = std::max(greatest.value_or(*entry.partition_day), *entry.partition_day);
  }
  if (least) summary.lower = int32_bound(*least);
  if (greatest) summary.upper = int32_bound(*greatest);
  return summary;
}

}  // namespace

ManifestEntry entry_of(const DataFile& file, std::int64_t snapshot_id) {
  ManifestEntry entry;
  entry.snapshot_id = snapshot_id;
  entry.content = static_cast<std::int32_t>(file.content);
  entry.path = file.path;
  entry.partition_day = file.partition_day;
  entry.records = file.records;
  entry.bytes = file.bytes;
  for (const auto& [id, stats] : file.stats) {
    entry.metrics.sizes[id] = stats.bytes;
    entry.metrics.values[id] = stats.values;
    entry.metrics.nulls[id] = stats.nulls;
    if (stats.lower) entry.metrics.lower[id] = *stats.lower;
    if (stats.upper) entry.metrics.upper[id] = *stats.upper;
  }
  entry.split_offsets = file.split_offsets;
  if (file.content == FileContent::data) {
    entry.sort_order_id = 0;
  } else if (const auto path = file.stats.find(kDeletedPathId);
             path != file.stats.end() && path->second.lower == path->second.upper) {
    // Full-length bounds that agree name the only data file whose rows are deleted.
    entry.referenced_data_file = path->second.lower;
  }
  return entry;
}

DataFile data_file_of(const ManifestEntry& entry) {
  if (entry.content == ManifestEntry::kEqualityDeletes)
    fail(ErrorKind::unsupported,
         "{} holds equality deletes: compact the table with the engine that wrote them",
         entry.path);
  if (entry.format != "PARQUET" && entry.format != "parquet")
    fail(ErrorKind::unsupported, "{} is {}, not Parquet: rewrite it with the engine that wrote it",
         entry.path, entry.format);
  DataFile file;
  file.content = static_cast<FileContent>(entry.content);
  file.path = entry.path;
  file.records = entry.records;
  file.bytes = entry.bytes;
  for (const auto& [id, size] : entry.metrics.sizes) file.stats[id].bytes = size;
  for (const auto& [id, count] : entry.metrics.values) file.stats[id].values = count;
  for (const auto& [id, count] : entry.metrics.nulls) file.stats[id].nulls = count;
  for (const auto& [id, bound] : entry.metrics.lower) file.stats[id].lower = bound;
  for (const auto& [id, bound] : entry.metrics.upper) file.stats[id].upper = bound;
  file.split_offsets = entry.split_offsets;
  file.partition_day = entry.partition_day;
  file.sequence = entry.sequence.value_or(0);
  return file;
}

Bytes encode_manifest(const ManifestHeader& header, const std::vector<ManifestEntry>& entries) {
  const bool data = header.content == ManifestContent::data;
  AvroWriter writer(entry_schema(header.spec),
                    {{"schema", header.schema_json},
                     {"schema-id", std::to_string(header.schema_id)},
                     {"partition-spec", header.spec.fields_json},
                     {"partition-spec-id", std::to_string(header.spec.id)},
                     {"format-version", "2"},
                     {"content", data ? "data" : "deletes"}});
  for (const ManifestEntry& entry : entries) {
    Bytes& out = writer.record();
    put_avro_long(out, static_cast<std::int64_t>(entry.status));
    put_optional(out, entry.snapshot_id);
    put_optional(out, entry.sequence);
    put_optional(out, entry.file_sequence);
    put_data_file(out, entry, header.spec);
    writer.end_record();
  }
  return std::move(writer).finish();
}

ManifestFile describe_manifest(const ManifestHeader& header,
                               const std::vector<ManifestEntry>& entries, std::string path,
                               std::int64_t length, std::int64_t snapshot_id,
                               std::int64_t sequence) {
  ManifestFile manifest{.path = std::move(path),
                        .length = length,
                        .spec_id = header.spec.id,
                        .content = header.content,
                        .sequence = sequence,
                        .min_sequence = sequence,
                        .added_snapshot_id = snapshot_id};
  for (const ManifestEntry& entry : entries) {
    const bool added = entry.status == EntryStatus::added;
    if (entry.is_live())
      manifest.min_sequence = std::min(manifest.min_sequence, entry.sequence.value_or(sequence));
    auto& files = added             ? manifest.added_files
                  : entry.is_live() ? manifest.existing_files
                                    : manifest.deleted_files;
    auto& rows = added             ? manifest.added_rows
                 : entry.is_live() ? manifest.existing_rows
                                   : manifest.deleted_rows;
    ++files;
    rows += entry.records;
  }
  if (header.spec.day_field_name) manifest.partitions.push_back(summarize_days(entries));
  return manifest;
}

std::vector<ManifestEntry> decode_manifest(std::string_view file, const ManifestFile& from,
                                           const PartitionSpec& spec) {
  try {
    std::vector<ManifestEntry> entries;
    for (const AvroRecord& record : AvroReader(file).read_all())
      entries.push_back(read_entry(record, from, spec));
    return entries;
  } catch (const Error& error) {
    fail(error.kind(), "manifest {}: {}", from.path, error.what());
  }
}

}  // namespace freshet
