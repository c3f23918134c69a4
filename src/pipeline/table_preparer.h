#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "model/change.h"
#include "model/lake_schema.h"
#include "transform/row_identity.h"
#include "transform/table_transform.h"

namespace freshet {

// Turns the changes of one source table into rows as the lake takes them: masked, flattened and
// named. Changes are prepared in one thread; verdicts and findings may be asked for in another one
// meanwhile, and tell of all that was prepared by then.
class TablePreparer {
 public:
  // `key`, `existing` and `verdicts` as for TableTransform.
  TablePreparer(const SchemaPtr& schema, const TransformOptions& options, const std::string& key,
                const std::vector<LakeColumn>& existing, TableVerdicts verdicts);

  // The columns that the table has from this change on.
  void follow(const SchemaPtr& schema);
  // Appends the cells of the row that the change leaves, or of a removal the one that it takes.
  // Their text lies in the change's images or in the arena. Returns their columns.
  const LakeSchema& prepare(const Change& change, std::vector<Value>& cells, Arena& arena);
  // Names the row of an image.
  [[nodiscard]] RowId row_id(std::string_view image) const {
    return identity_.row_id(*source_, image);
  }
  // The columns of rows that are prepared now. They live as long as this object, and as long as
  // they are in force, are the same object.
  [[nodiscard]] const LakeSchema& columns();

  // Gives the verdicts that what was prepared suffices for, and returns all.
  [[nodiscard]] TableVerdicts decide();
  [[nodiscard]] TableVerdicts verdicts() const;
  // Those columns with a verdict that a rule of the configuration overrules.
  [[nodiscard]] std::vector<std::string> overruled() const;
  [[nodiscard]] std::vector<ColumnFinding> findings() const;

 private:
  void announce_verdicts();
  const LakeSchema& current_columns();

  const bool by_column_;
  SchemaPtr source_;
  RowIdentity identity_;
  std::deque<LakeSchema> columns_;  // of each version that was asked for
  std::uint64_t version_ = 0;       // of the last one
  std::vector<Value> row_;

  mutable std::mutex mutex_;  // guards what follows
  TableTransform transform_;
  std::uint64_t announced_ = 0;  // version of the verdicts in the log
};

}  // namespace freshet
