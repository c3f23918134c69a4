#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "model/change.h"

namespace freshet {

// How changes look when they leave the stream as records.
enum class RecordFormat : std::uint8_t { dms };

enum class DmsMessageFormat : std::uint8_t {
  json,              // indented with tabs, a tab after each colon
  json_unformatted,  // one line and a line feed
};

enum class DmsPartitionType : std::uint8_t {
  automatic,    // loads by primary key, changes by table: DMS without object mapping
  primary_key,  // DMS with ParallelApply; a table without a key goes by table
  schema_table,
};

enum class DmsBeforeImage : std::uint8_t { pk_only, non_lob, all };

// Names and defaults are those of the DMS endpoint settings, but for two: records are one line
// each, and big integers stay exact. DMS prints integers of more than 16 digits in scientific
// notation, unless UseLargeIntegerValue is set, which spares up to 18 digits; Freshet then spares
// all of them. Source: AWS DMS user guide, "Using Amazon Kinesis Data Streams as a target", and
// captures.
struct DmsOptions {
  DmsMessageFormat message_format = DmsMessageFormat::json_unformatted;
  bool include_transaction_details = false;
  bool include_partition_value = false;
  bool partition_include_schema_table = false;
  bool include_null_and_empty = false;
  bool include_table_alter_operations = false;
  bool include_control_details = false;
  bool no_hex_prefix = false;
  bool use_large_integer_value = true;
  DmsPartitionType partition_type = DmsPartitionType::automatic;
  std::string before_image_field;  // BeforeImageSettings.FieldName; empty = no before images
  DmsBeforeImage before_image_filter = DmsBeforeImage::pk_only;
  std::string task_id = "freshet";  // partitions control records
};

// Renders changes as AWS DMS records. What DMS leaves open is decided so:
//   - binary values are lower-case hexadecimal; BIT is a number; TIME is MySQL's text;
//   - a date or time that is all zeros is null; one with a zero part keeps its digits;
//   - several key columns are joined by a dot in the partition key;
//   - the three log positions of stream-position are all the start of the transaction;
//   - create-table stands at the start of a snapshot. What takes a table's rows away is always told
//     (truncate-table, drop-table, rename-table under the old name), other statements with
//     include_table_alter_operations: create-table; add-column, drop-column, rename-column or
//     column-type-change where a statement does nothing else to columns; else change-columns.
//   - these carry the whole table definition as it is afterwards, and beside it "columns": the
//   names
//     that the operation speaks of, or for rename-column the new name of each old one;
//     rename-table carries "new-schema-name" and "new-table-name".
// Not thread-safe: it remembers the record before for prev-transaction-id.
class DmsRenderer {
 public:
  explicit DmsRenderer(DmsOptions options);
  ~DmsRenderer();
  DmsRenderer(DmsRenderer&&) noexcept;
  DmsRenderer& operator=(DmsRenderer&&) noexcept;

  // Appends the record of a change; nothing for a change that has none (snapshot_end). `micros` is
  // the record's own time. Throws Error{corrupt} on a malformed row image.
  void render(const Change& change, std::int64_t micros, Bytes& out);

  // The key that decides the shard of the record.
  [[nodiscard]] std::string partition_key(const Change& change) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freshet
