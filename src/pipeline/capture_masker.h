#pragma once

#include <map>
#include <mutex>
#include <string>

#include "model/change.h"
#include "transform/masker.h"
#include "transform/row_identity.h"

namespace freshet {

// Masks changes between source and stream (transform.sensitive_data.at: capture), so that no byte
// of ours on any disk is clear. Images keep their order of columns and get the id that the row had
// before (masked_rows.h). Changes that are masked already stay as they are. Thread-safe.
class CaptureMasker final : private RowFilter {
 public:
  CaptureMasker(const SensitiveDataOptions& options, const std::string& key);

  void mask(ChangeBatch& batch);
  struct Finding {
    std::string table;
    std::vector<ColumnFinding> columns;
  };
  [[nodiscard]] std::vector<Finding> findings();

 private:
  SchemaPtr schema(const SchemaPtr& schema) override;
  void append(const SchemaPtr& schema, std::string_view image, Bytes& out) override;

  std::mutex mutex_;
  Masker masker_;
  RowIdentity identity_;
  std::map<SchemaPtr, SchemaPtr> schemas_;  // masked ones
};

// What is stored of rows while a table is being loaded, encrypted: the key behind which it goes on,
// the blocks of a spool.
[[nodiscard]] std::string seal(std::string_view bytes, const std::string& installation_key);
// The inverse; what was never sealed comes back as it is. Throws Error{corrupt} where it was sealed
// with another installation's key.
[[nodiscard]] std::string unseal(std::string_view bytes, const std::string& installation_key);

}  // namespace freshet
