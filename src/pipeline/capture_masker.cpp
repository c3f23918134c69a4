#include "pipeline/capture_masker.h"

#include "base/error.h"
#include "transform/mask_keys.h"
#include "transform/masked_rows.h"

namespace freshet {
namespace {

constexpr std::string_view kDomain = "snapshot";

}  // namespace

CaptureMasker::CaptureMasker(const SensitiveDataOptions& options, const std::string& key)
    : masker_(options, key), identity_(key) {}

void CaptureMasker::mask(ChangeBatch& batch) {
  const std::lock_guard lock(mutex_);
  batch.rewrite_rows(*this);
}

std::vector<CaptureMasker::Finding> CaptureMasker::findings() {
  const std::lock_guard lock(mutex_);
  std::vector<Finding> findings;
  for (const auto& [schema, masked] : schemas_)
    findings.push_back({schema->name.table, masker_.findings(schema)});
  return findings;
}

SchemaPtr CaptureMasker::schema(const SchemaPtr& schema) {
  if (schema->columns.empty() || is_masked(*schema)) return schema;
  SchemaPtr& masked = schemas_[schema];
  if (!masked)
    masked = std::make_shared<const TableSchema>(with_row_id(*masker_.masked_schema(schema)));
  return masked;
}

void CaptureMasker::append(const SchemaPtr& schema, std::string_view image, Bytes& out) {
  if (is_masked(*schema)) {
    out.append(image);
    return;
  }
  out.append(masker_.mask_image(schema, image));
  put_row_id(out, identity_.row_id(*schema, image));
}

std::string seal(std::string_view bytes, const std::string& installation_key) {
  return bytes.empty() ? "" : MaskKeys({}, installation_key).token(bytes, kDomain);
}

// Neither the text of a key nor a block begins as a token does.
std::string unseal(std::string_view bytes, const std::string& installation_key) {
  if (!bytes.starts_with("tok_")) return std::string(bytes);
  try {
    return MaskKeys({}, installation_key).reveal(bytes);
  } catch (const Error&) {
    fail(ErrorKind::corrupt,
         "the stored progress of a snapshot was sealed with another installation's key: restore "
         "state/key from a backup");
  }
}

}  // namespace freshet
