#include "lake/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake/avro_reader.h"
#include "lake/bounds.h"
#include "lake/manifest_list.h"

namespace freshet {
namespace {

PartitionSpec by_day() {
  return {.id = 0,
          .fields_json = R"([{"source-id":2,"field-id":1000,"name":"ts_day","transform":"day"}])",
          .day_field_name = "ts_day",
          .day_source_id = 2};
}

ManifestEntry full_entry() {
  ManifestEntry entry{.status = EntryStatus::existing,
                      .snapshot_id = 7,
                      .sequence = 3,
                      .file_sequence = 4,
                      .content = 2,
                      .path = "file:///t/data/a.parquet",
                      .partition_day = -5,
                      .records = 10,
                      .bytes = 1234};
  entry.metrics = {.sizes = {{1, 100}},
                   .values = {{1, 10}, {2, 10}},
                   .nulls = {{2, 3}},
                   .nans = {{2, 1}},
                   .lower = {{1, "\x01"}},
                   .upper = {{1, "\xff"}}};
  entry.key_metadata = "key";
  entry.split_offsets = {4, 1000};
  entry.equality_ids = {1};
  entry.sort_order_id = 0;
  entry.referenced_data_file = "file:///t/data/b.parquet";
  return entry;
}

TEST(ManifestTest, KeepsEveryFieldOfAnEntry) {
  const ManifestHeader header{.schema_json = "{}", .spec = by_day()};
  ManifestEntry bare{.status = EntryStatus::deleted,
                     .snapshot_id = 1,
                     .sequence = 1,
                     .file_sequence = 1,
                     .path = "file:///x"};
  const std::vector<ManifestEntry> entries = {full_entry(), bare};
  const Bytes file = encode_manifest(header, entries);
  EXPECT_EQ(decode_manifest(file, {.path = "m", .sequence = 9}, by_day()), entries);
}

TEST(ManifestTest, HeaderHasTheKeysOfTheSpec) {
  const Bytes file = encode_manifest({.schema_json = R"({"a":1})",
                                      .schema_id = 3,
                                      .spec = by_day(),
                                      .content = ManifestContent::deletes},
                                     {});
  const AvroReader reader(file);
  const auto& keys = reader.metadata();
  EXPECT_EQ(keys.at("schema"), R"({"a":1})");
  EXPECT_EQ(keys.at("schema-id"), "3");
  EXPECT_EQ(keys.at("partition-spec"), by_day().fields_json);
  EXPECT_EQ(keys.at("partition-spec-id"), "0");
  EXPECT_EQ(keys.at("format-version"), "2");
  EXPECT_EQ(keys.at("content"), "deletes");
}

TEST(ManifestTest, NewEntriesInheritFromTheList) {
  const DataFile file{.path = "file:///f", .records = 2, .bytes = 3};
  const Bytes encoded = encode_manifest({.schema_json = "{}"}, {entry_of(file, 42)});
  const auto entries =
      decode_manifest(encoded, {.path = "m", .sequence = 5, .added_snapshot_id = 42}, {});
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].snapshot_id, 42);
  EXPECT_EQ(entries[0].sequence, 5);
  EXPECT_EQ(entries[0].file_sequence, 5);
  EXPECT_EQ(data_file_of(entries[0]).sequence, 5);
}

TEST(ManifestTest, ExistingEntryWithoutSequenceIsCorrupt) {
  ManifestEntry entry{.status = EntryStatus::existing, .path = "file:///f"};
  const Bytes encoded = encode_manifest({.schema_json = "{}"}, {entry});
  try {
    (void)decode_manifest(encoded, {.path = "file:///m.avro", .sequence = 5}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.what(), testing::HasSubstr("file:///m.avro"));
  }
}

TEST(ManifestTest, DeleteFileThatNamesOneDataFileRefersToIt) {
  constexpr std::int32_t kPath = 2147483546;
  DataFile deletes{.content = FileContent::position_deletes, .path = "file:///d", .records = 1};
  deletes.stats[kPath] = {.values = 1, .lower = "file:///a", .upper = "file:///a"};
  EXPECT_EQ(entry_of(deletes, 1).referenced_data_file, "file:///a");
  EXPECT_EQ(entry_of(deletes, 1).sort_order_id, std::nullopt);
  deletes.stats[kPath].upper = "file:///b";
  EXPECT_EQ(entry_of(deletes, 1).referenced_data_file, std::nullopt);
}

TEST(ManifestTest, WhatWeCannotReadIsSaid) {
  ManifestEntry equality{.content = ManifestEntry::kEqualityDeletes, .path = "file:///e"};
  EXPECT_THROW((void)data_file_of(equality), Error);
  ManifestEntry orc{.path = "file:///o", .format = "ORC"};
  EXPECT_THROW((void)data_file_of(orc), Error);
}

TEST(ManifestTest, DescribesCountsSequencesAndPartitions) {
  std::vector<ManifestEntry> entries(4);
  entries[0] = {.status = EntryStatus::added, .partition_day = 10, .records = 1};
  entries[1] = {.status = EntryStatus::existing, .sequence = 4, .partition_day = 8, .records = 2};
  entries[2] = {.status = EntryStatus::deleted, .sequence = 1, .partition_day = 12, .records = 4};
  entries[3] = {.status = EntryStatus::existing, .sequence = 6, .partition_day = 9, .records = 8};
  const ManifestFile line =
      describe_manifest({.schema_json = "{}", .spec = by_day()}, entries, "file:///m", 99, 42, 7);
  EXPECT_EQ(line.added_files, 1);
  EXPECT_EQ(line.existing_files, 2);
  EXPECT_EQ(line.deleted_files, 1);
  EXPECT_EQ(line.added_rows, 1);
  EXPECT_EQ(line.existing_rows, 10);
  EXPECT_EQ(line.deleted_rows, 4);
  EXPECT_EQ(line.sequence, 7);
  EXPECT_EQ(line.min_sequence, 4);  // of live entries
  ASSERT_EQ(line.partitions.size(), 1u);
  EXPECT_EQ(line.partitions[0].lower, int32_bound(8));
  EXPECT_EQ(line.partitions[0].upper, int32_bound(12));
  EXPECT_FALSE(line.partitions[0].contains_null);
}

TEST(ManifestListTest, ReadsWhatItWrote) {
  const std::vector<ManifestFile> lines = {
      {.path = "file:///m1",
       .length = 100,
       .content = ManifestContent::deletes,
       .sequence = 5,
       .min_sequence = 2,
       .added_snapshot_id = 9007199254740991,
       .added_files = 1,
       .existing_files = 2,
       .deleted_files = 3,
       .added_rows = 4,
       .existing_rows = 5,
       .deleted_rows = 6,
       .partitions = {{.contains_null = true, .contains_nan = false, .lower = "a", .upper = "b"},
                      {}},
       .key_metadata = "k"},
      {.path = "file:///m2", .spec_id = 1}};
  const Bytes file = encode_manifest_list({.snapshot_id = 3, .sequence = 5}, lines);
  EXPECT_EQ(decode_manifest_list(file, "list"), lines);
  const AvroReader reader(file);
  EXPECT_EQ(reader.metadata().at("parent-snapshot-id"), "null");
  EXPECT_EQ(reader.metadata().at("sequence-number"), "5");
}

TEST(ManifestListTest, DamageNamesTheFile) {
  try {
    (void)decode_manifest_list("Obj", "file:///snap.avro");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_STREQ(error.what(), "manifest list file:///snap.avro: not an Avro container file");
  }
}

}  // namespace
}  // namespace freshet
