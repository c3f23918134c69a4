#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/table_schema.h"
#include "transform/column_finding.h"
#include "transform/column_verdict.h"
#include "transform/options.h"

namespace freshet {

// Masks row images without flattening them: for showing records (`freshet tail`) and for masking
// before the stream. Not thread-safe.
class Masker {
 public:
  // The verdicts that are known on a table's columns (MaskMode::column).
  using VerdictsOf = std::function<TableVerdicts(const TableName&)>;

  // As TableTransform. Verdicts are asked for when a table is met. A JSON column with a verdict on
  // a place in it is masked as a whole.
  Masker(const SensitiveDataOptions& options, std::string hmac_key, VerdictsOf verdicts = {});
  ~Masker();
  Masker(Masker&&) noexcept;
  Masker& operator=(Masker&&) noexcept;

  // The columns of masked images: numbers that masks turn into text are VARCHAR, the others as
  // they were. Of columns that were masked at capture, themselves.
  [[nodiscard]] SchemaPtr masked_schema(const SchemaPtr& schema);

  // An image of these columns with all personal data masked. Columns that the rules drop are null;
  // JSON stays JSON; absent cells stay absent.
  [[nodiscard]] Bytes mask_image(const SchemaPtr& schema, std::string_view image);

  // What was found in the columns of images with these columns.
  [[nodiscard]] std::vector<ColumnFinding> findings(const SchemaPtr& schema);

  // Text that belongs to no column (a message, a default, a comment).
  [[nodiscard]] std::string mask_text(std::string_view text);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freshet
