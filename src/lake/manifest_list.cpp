#include "lake/manifest_list.h"

#include "lake/avro_reader.h"
#include "lake/avro_writer.h"

namespace freshet {
namespace {

// Iceberg spec, "Manifest Lists": order, names and ids of the v2 fields.
constexpr std::string_view kSchema =
    R"({"type":"record","name":"manifest_file","fields":[)"
    R"({"name":"manifest_path","type":"string","field-id":500},)"
    R"({"name":"manifest_length","type":"long","field-id":501},)"
    R"({"name":"partition_spec_id","type":"int","field-id":502},)"
    R"({"name":"content","type":"int","field-id":517},)"
    R"({"name":"sequence_number","type":"long","field-id":515},)"
    R"({"name":"min_sequence_number","type":"long","field-id":516},)"
    R"({"name":"added_snapshot_id","type":"long","field-id":503},)"
    R"({"name":"added_files_count","type":"int","field-id":504},)"
    R"({"name":"existing_files_count","type":"int","field-id":505},)"
    R"({"name":"deleted_files_count","type":"int","field-id":506},)"
    R"({"name":"added_rows_count","type":"long","field-id":512},)"
    R"({"name":"existing_rows_count","type":"long","field-id":513},)"
    R"({"name":"deleted_rows_count","type":"long","field-id":514},)"
    R"({"name":"partitions","default":null,"field-id":507,"type":["null",{"type":"array",)"
    R"("element-id":508,"items":{"type":"record","name":"r508","fields":[)"
    R"({"name":"contains_null","type":"boolean","field-id":509},)"
    R"({"name":"contains_nan","type":["null","boolean"],"default":null,"field-id":518},)"
    R"({"name":"lower_bound","type":["null","bytes"],"default":null,"field-id":510},)"
    R"({"name":"upper_bound","type":["null","bytes"],"default":null,"field-id":511}]}}]},)"
    R"({"name":"key_metadata","type":["null","bytes"],"default":null,"field-id":519}]})";

void put_optional(Bytes& out, const std::optional<std::string>& value) {
  if (!value) return put_avro_null(out);
  put_avro_present(out);
  put_avro_bytes(out, *value);
}

void put_summary(Bytes& out, const FieldSummary& summary) {
  put_avro_bool(out, summary.contains_null);
  if (summary.contains_nan) {
    put_avro_present(out);
    put_avro_bool(out, *summary.contains_nan);
  } else {
    put_avro_null(out);
  }
  put_optional(out, summary.lower);
  put_optional(out, summary.upper);
}

void put_manifest(Bytes& out, const ManifestFile& manifest) {
  put_avro_bytes(out, manifest.path);
  put_avro_long(out, manifest.length);
  put_avro_long(out, manifest.spec_id);
  put_avro_long(out, static_cast<std::int64_t>(manifest.content));
  put_avro_long(out, manifest.sequence);
  put_avro_long(out, manifest.min_sequence);
  put_avro_long(out, manifest.added_snapshot_id);
  put_avro_long(out, manifest.added_files);
  put_avro_long(out, manifest.existing_files);
  put_avro_long(out, manifest.deleted_files);
  put_avro_long(out, manifest.added_rows);
  put_avro_long(out, manifest.existing_rows);
  put_avro_long(out, manifest.deleted_rows);
  put_avro_present(out);
  if (!manifest.partitions.empty()) {
    put_avro_long(out, static_cast<std::int64_t>(manifest.partitions.size()));
    for (const FieldSummary& summary : manifest.partitions) put_summary(out, summary);
  }
  put_avro_long(out, 0);  // end of the array
  put_optional(out, manifest.key_metadata);
}

std::optional<std::string> optional_text(const AvroValue& value) {
  return value.is_null() ? std::nullopt : std::optional(value.text());
}

std::int64_t integer_or(const AvroValue& value, std::int64_t fallback) {
  return value.is_null() ? fallback : value.integer();
}

FieldSummary read_summary(const AvroRecord& record) {
  FieldSummary summary;
  summary.contains_null = record[509].boolean();
  if (!record[518].is_null()) summary.contains_nan = record[518].boolean();
  summary.lower = optional_text(record[510]);
  summary.upper = optional_text(record[511]);
  return summary;
}

ManifestFile read_manifest_file(const AvroRecord& record) {
  ManifestFile manifest;
  manifest.path = record[500].text();
  manifest.length = record[501].integer();
  manifest.spec_id = static_cast<std::int32_t>(record[502].integer());
  manifest.content = static_cast<ManifestContent>(integer_or(record[517], 0));
  manifest.sequence = integer_or(record[515], 0);  // absent in lists of format version 1
  manifest.min_sequence = integer_or(record[516], 0);
  manifest.added_snapshot_id = record[503].integer();
  // Version 1 may leave counts out: such a manifest counts as live.
  manifest.added_files = static_cast<std::int32_t>(integer_or(record[504], 1));
  manifest.existing_files = static_cast<std::int32_t>(integer_or(record[505], 0));
  manifest.deleted_files = static_cast<std::int32_t>(integer_or(record[506], 0));
  manifest.added_rows = integer_or(record[512], 0);
  manifest.existing_rows = integer_or(record[513], 0);
  manifest.deleted_rows = integer_or(record[514], 0);
  if (!record[507].is_null())
    for (const AvroValue& item : record[507].items())
      manifest.partitions.push_back(read_summary(item.record()));
  manifest.key_metadata = optional_text(record[519]);
  return manifest;
}

}  // namespace

Bytes encode_manifest_list(const ManifestListHeader& header,
                           const std::vector<ManifestFile>& manifests) {
  AvroWriter writer(kSchema,
                    {{"format-version", "2"},
                     {"snapshot-id", std::to_string(header.snapshot_id)},
                     {"parent-snapshot-id",
                      header.parent_id ? std::to_string(*header.parent_id) : std::string("null")},
                     {"sequence-number", std::to_string(header.sequence)}});
  for (const ManifestFile& manifest : manifests) {
    put_manifest(writer.record(), manifest);
    writer.end_record();
  }
  return std::move(writer).finish();
}

std::vector<ManifestFile> decode_manifest_list(std::string_view file, std::string_view name) {
  try {
    std::vector<ManifestFile> manifests;
    for (const AvroRecord& record : AvroReader(file).read_all())
      manifests.push_back(read_manifest_file(record));
    return manifests;
  } catch (const Error& error) {
    fail(error.kind(), "manifest list {}: {}", name, error.what());
  }
}

}  // namespace freshet
