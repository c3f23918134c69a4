#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "model/table_schema.h"
#include "transform/options.h"

namespace freshet {

// Masks row images without changing their shape: for showing records (`freshet tail`) and for
// masking before the stream. Not thread-safe.
class Masker {
 public:
  // As TableTransform.
  Masker(const SensitiveDataOptions& options, std::string hmac_key);
  ~Masker();
  Masker(Masker&&) noexcept;
  Masker& operator=(Masker&&) noexcept;

  // An image of the same table with all personal data masked. Columns that the rules drop are
  // null; numbers that cannot hold a mask are null; JSON stays JSON; absent cells stay absent.
  [[nodiscard]] Bytes mask_image(const TableSchema& schema, std::string_view image);

  // Text that belongs to no column (a message, a default, a comment).
  [[nodiscard]] std::string mask_text(std::string_view text);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace freshet
