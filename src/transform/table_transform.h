#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/lake_schema.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "transform/column_finding.h"
#include "transform/column_verdict.h"
#include "transform/options.h"

namespace freshet {

// Turns the row images of one source table into masked, flattened lake rows. One per table and
// thread: not thread-safe.
//
// Flattening. A JSON column `col` becomes one column per leaf, `col.a.b`. Arrays stay JSON text.
// A document that is no object goes as JSON text to a column `col`; so does text that is no JSON.
// An object without members leaves no trace. A key that holds the separator or '%' is written
// with %XX in its place; a key that is itself personal data is replaced by `key_` and its keyed
// hash. Objects deeper than max_levels, and what exceeds max_columns, stay JSON text, the latter
// together in `col._rest`, an object from path to value.
//
// Types. A leaf column's type is that of its first value that is not null, or the one that the
// lake table has already: boolean, int64, float64, string. A later value of another type goes to
// a sibling: `col.a_boolean`, `col.a_long`, `col.a_double`, `col.a_string` (Glue's make_cols does
// the same). So no type ever changes and no value is lost. A whole number that a double holds
// exactly may stand in a float64 column; integers beyond int64 are strings.
//
// Names are compared without letter case, as Athena does; a name that is taken gets `_2`, `_3`.
class TableTransform {
 public:
  // `hmac_key`: the installation's secret, 32 bytes. `existing`: the columns that the lake table
  // has from an earlier run; those that came from flattening keep name, type and place.
  // `verdicts`: those of earlier runs, which hold for ever. Throws Error{config} on a rule that
  // cannot be followed.
  TableTransform(SchemaPtr source, const TransformOptions& options, std::string hmac_key,
                 const std::vector<LakeColumn>& existing = {}, TableVerdicts verdicts = {});
  ~TableTransform();
  TableTransform(TableTransform&&) noexcept;
  TableTransform& operator=(TableTransform&&) noexcept;

  // Grows at the end only, while apply() meets new JSON leaves.
  [[nodiscard]] const LakeSchema& schema() const noexcept;
  // Rises whenever schema() changed.
  [[nodiscard]] std::uint64_t version() const noexcept;

  // One row image to cells parallel to schema().columns. Text points into the image or the arena.
  // Throws Error{unsupported} where a cell is absent from the image, or a zero date stands in a
  // key or (by policy) anywhere; Error{corrupt} where the image does not fit the table.
  void apply(std::string_view image, std::vector<Value>& row, Arena& arena);

  // DDL. Columns that stay keep their places relative to one another; those of dropped source
  // columns go; new ones come at the end.
  void change_schema(SchemaPtr source);

  // Gives verdicts on columns whose cells so far suffice (MaskMode::column). apply() does this
  // itself now and then; call it before what was applied becomes durable.
  void decide();
  [[nodiscard]] const TableVerdicts& verdicts() const noexcept;
  // Columns with a verdict that a rule of the configuration overrules.
  [[nodiscard]] std::vector<std::string> overruled() const;

  [[nodiscard]] std::vector<ColumnFinding> findings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freshet
