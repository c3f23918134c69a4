#include "lake/table_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet {
namespace {

using testing::HasSubstr;

LakeSchema columns() {
  return {.columns = {{.name = "id", .type = LakeType::int64, .required = true},
                      {.name = "ts", .type = LakeType::timestamptz}},
          .key = {0}};
}

// As another writer may leave a table: things we do not use, in an order that is not ours.
constexpr std::string_view kForeign = R"json({
  "format-version":2, "location":"file:///w/t", "table-uuid":"u-1", "last-sequence-number":4,
  "last-updated-ms":50, "last-column-id":9, "current-schema-id":1, "default-spec-id":1,
  "last-partition-id":1001, "default-sort-order-id":1, "next-thing":{"a":[1,2.5,"x"]},
  "schemas":[
    {"type":"struct","schema-id":0,"fields":[{"id":1,"name":"s","required":true,"type":
       {"type":"struct","fields":[]}}]},
    {"type":"struct","schema-id":1,"identifier-field-ids":[2],"doc":"d","fields":[
       {"id":2,"name":"id","required":true,"type":"long","doc":"the key"},
       {"id":3,"name":"d","required":false,"type":"decimal(9,2)"
}]
}],
  "partition-specs":[{"spec-id":0,"fields":[]},
    {"spec-id":1,"fields":[{"source-id":2,"field-id":1001,"name":"b","transform":"bucket[8]"}]}],
  "sort-orders":[{"order-id":1,"fields":[{"transform":"identity","source-id":2,"direction":"asc","null-order":"nulls-first"}]}],
  "properties":{"owner":"\u00e9\"x"}, "current-snapshot-id":12,
  "snapshots":[
    {"snapshot-id":12,"parent-snapshot-id":11,"sequence-number":4,"timestamp-ms":50,"schema-id":1,
     "manifest-list":"file:///w/t/metadata/b.avro","summary":{"operation":"append","k":"v"},"extra":true},
    {"snapshot-id":11,"sequence-number":3,"timestamp-ms":40,"manifest-list":"file:///w/t/metadata/a.avro"}],
  "refs":{"main":{"snapshot-id":12,"type":"branch","max-ref-age-ms":99},"old":{"snapshot-id":11,"type":"tag"}},
  "snapshot-log":[{"timestamp-ms":40,"snapshot-id":11},{"timestamp-ms":50,"snapshot-id":12}],
  "metadata-log":[{"timestamp-ms":40,"metadata-file":"file:///w/t/metadata/v1.metadata.json"}],
  "statistics":[{"snapshot-id":12,"statistics-path":"p"}]
})json";

TEST(TableMetadataTest, NewTableReadsBackTheSame) {
  const TableMetadata made = new_table_metadata("file:///w/t", columns(), "ts");
  const std::string json = to_json(made);
  const TableMetadata read = table_metadata_from_json(json, "m");
  EXPECT_EQ(to_json(read), json);
  EXPECT_EQ(read.schema.identifier_ids, std::vector<std::int32_t>{1});
  EXPECT_EQ(read.last_column_id, 2);
  EXPECT_EQ(read.last_partition_id, 1000);
  EXPECT_EQ(read.spec().day_field_name, "ts_day");
  EXPECT_EQ(read.spec().day_source_id, 2);
  EXPECT_EQ(read.current(), nullptr);
  EXPECT_THAT(json, HasSubstr(R"("properties":{"schema.name-mapping.default":"[{\"field-id\":1)"));
  EXPECT_THAT(json, testing::Not(HasSubstr("current-snapshot-id")));
}

TEST(TableMetadataTest, UnpartitionedTableHasAnEmptySpec) {
  const TableMetadata made = new_table_metadata("file:///w/t", columns(), "");
  EXPECT_EQ(made.last_partition_id, 999);
  EXPECT_THAT(to_json(made), HasSubstr(R"("partition-specs":[{"spec-id":0,"fields":[]}])"));
}

TEST(TableMetadataTest, OnlyTimestamptzColumnsPartition) {
  EXPECT_THROW((void)new_table_metadata("file:///w/t", columns(), "id"), Error);
  EXPECT_THROW((void)new_table_metadata("file:///w/t", columns(), "none"), Error);
}

TEST(TableMetadataTest, LosesNothingOfOtherWriters) {
  const TableMetadata read = table_metadata_from_json(kForeign, "m");
  EXPECT_EQ(read.schema.find("d")->column.precision, 9);
  EXPECT_TRUE(read.spec().is_foreign);
  ASSERT_EQ(read.snapshots.size(), 2u);
  EXPECT_EQ(read.snapshots[0].id, 11);  // oldest first
  const std::string json = to_json(read);
  for (const char* part :
       {R"("next-thing":{"a":[1,2.5,"x"]})", R"("doc":"the key")", R"("transform":"bucket[8]")",
        R"("statistics":[{"snapshot-id":12,"statistics-path":"p"}])", R"("max-ref-age-ms":99)",
        R"("old":{"snapshot-id":11,"type":"tag"})", R"("extra":true)",
        R"("null-order":"nulls-first")", R"("owner":"é\"x")", R"("default-sort-order-id":1)",
        R"("snapshot-id":11})", R"("metadata-file":"file:///w/t/metadata/v1.metadata.json")"})
    EXPECT_THAT(json, HasSubstr(part));
  EXPECT_EQ(to_json(table_metadata_from_json(json, "m")), json);
}

TEST(TableMetadataTest, NewSnapshotMovesMainAndKeepsItsRetention) {
  TableMetadata metadata = table_metadata_from_json(kForeign, "m");
  metadata.add_snapshot({.id = 13,
                         .parent_id = 12,
                         .sequence = 5,
                         .timestamp_ms = 60,
                         .manifest_list = "file:///l",
                         .summary = {{"operation", "append"}}});
  const std::string json = to_json(metadata);
  EXPECT_THAT(json, HasSubstr(R"("main":{"snapshot-id":13,"max-ref-age-ms":99,"type":"branch"})"));
  EXPECT_THAT(json, HasSubstr(R"("current-snapshot-id":13)"));
  EXPECT_THAT(json, HasSubstr(R"("last-sequence-number":5)"));
}

TEST(TableMetadataTest, ExpiresOldSnapshotsButNotThoseWithAName) {
  TableMetadata metadata = table_metadata_from_json(kForeign, "m");
  for (int i = 0; i < 150; ++i)
    metadata.add_snapshot({.id = 100 + i, .sequence = 5 + i, .timestamp_ms = 60 + i});
  EXPECT_EQ(metadata.snapshots.size(), TableMetadata::kSnapshotsKept);
  EXPECT_NE(metadata.find(11), nullptr);  // tag "old"
  EXPECT_EQ(metadata.find(12), nullptr);
  EXPECT_NE(metadata.find(249), nullptr);
  // No log entry before an expired one stays.
  EXPECT_EQ(metadata.snapshot_log.size(), TableMetadata::kSnapshotsKept - 1);
}

TEST(TableMetadataTest, MetadataLogGivesBackWhatFallsOff) {
  TableMetadata metadata = new_table_metadata("file:///w/t", columns(), "");
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(metadata.add_previous("v" + std::to_string(i)).empty());
  EXPECT_EQ(metadata.add_previous("v100"), std::vector<std::string>{"v0"});
}

struct Broken {
  const char* name;
  std::string from, to;  // replaced in kForeign
  ErrorKind kind;
  const char* says;
};

class BrokenMetadata : public testing::TestWithParam<Broken> {};

TEST_P(BrokenMetadata, IsOneLineThatNamesTheFile) {
  std::string json(kForeign);
  const auto at = json.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  json.replace(at, GetParam().from.size(), GetParam().to);
  try {
    (void)table_metadata_from_json(json, "/w/t/metadata/v3.metadata.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), GetParam().kind) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("/w/t/metadata/v3.metadata.json"));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().says));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenMetadata,
    testing::Values(Broken{"cut", kForeign.substr(400).data(), "", ErrorKind::corrupt,
                           "A string is opened, but never closed; restore"},
                    Broken{"no_uuid", "table-uuid", "uuid-table", ErrorKind::corrupt, ""},
                    Broken{"text_number", "\"last-column-id\":9", "\"last-column-id\":\"9\"",
                           ErrorKind::corrupt, ""},
                    Broken{"version_3", "\"format-version\":2", "\"format-version\":3",
                           ErrorKind::unsupported, "version 3"},
                    Broken{"no_schema", "\"current-schema-id\":1", "\"current-schema-id\":7",
                           ErrorKind::corrupt, "current schema is missing"},
                    Broken{"no_spec", "\"default-spec-id\":1", "\"default-spec-id\":7",
                           ErrorKind::corrupt, "partition spec is missing"},
                    Broken{"no_snapshot", "\"current-snapshot-id\":12", "\"current-snapshot-id\":7",
                           ErrorKind::corrupt, "current snapshot is missing"},
                    Broken{"nested", "\"current-schema-id\":1", "\"current-schema-id\":0",
                           ErrorKind::unsupported, "column s"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace freshet
