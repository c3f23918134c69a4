#include "transform/masker.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "model/value.h"
#include "transform/cell_masker.h"
#include "transform/column_policy.h"
#include "transform/typing.h"

namespace freshet {

using Mode = ColumnPolicy::Mode;

class Masker::Impl {
 public:
  Impl(const SensitiveDataOptions& options, std::string key)
      : options_(options), masker_(options, std::move(key)), counts_(masker_.no_counts()) {}

  Bytes mask_image(const TableSchema& schema, std::string_view image) {
    if (!schema_ || *schema_ != schema) learn(schema);
    arena_.clear();
    Bytes out;
    ByteReader in(image);
    for (std::size_t i = 0; i < schema.columns.size(); ++i)
      put_value(out, mask_cell(schema.columns[i], policies_[i], read_value(in)));
    return out;
  }

  std::string mask_text(std::string_view text) {
    arena_.clear();
    return std::string(
        masker_.mask_text(text, ColumnPolicy{.rule = options_.action}, counts_, arena_).text);
  }

 private:
  void learn(const TableSchema& schema) {
    const ColumnRules rules(options_, schema.name);
    policies_.clear();
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      const bool key = std::find(schema.key.begin(), schema.key.end(), i) != schema.key.end();
      const std::string& name = schema.columns[i].name;
      policies_.push_back(masker_.policy(rules, name, name, {}, key));
    }
    schema_ = schema;
  }

  Value mask_cell(const Column& column, const ColumnPolicy& policy, const Value& value) {
    switch (value.kind) {
      case ValueKind::absent:
      case ValueKind::null: return value;
      case ValueKind::text:
        if (conversion_of(column) == Conversion::plain && !policy.by_rule) return value;
        return masker_.mask_text(value.text, policy, counts_, arena_);
      case ValueKind::json: {
        Value masked = masker_.mask_json_text(value.text, policy, counts_, arena_);
        if (!masked.is_null()) masked.kind = ValueKind::json;
        return masked;
      }
      case ValueKind::bytes: return masker_.mask_bytes(value.text, policy, counts_, arena_);
      default: return is_masked_number(policy, column) ? Value::null() : value;
    }
  }

  static bool is_masked_number(const ColumnPolicy& policy, const Column& column) noexcept {
    if (policy.mode != Mode::whole) return false;
    return policy.by_rule || (policy.masks_numbers() && can_hold_digits(column.type)) ||
           (policy.masks_dates() && can_hold_day(column.type));
  }

  SensitiveDataOptions options_;
  CellMasker masker_;
  ColumnCounts counts_;
  std::optional<TableSchema> schema_;  // that policies_ belong to
  std::vector<ColumnPolicy> policies_;
  Arena arena_;
};

Masker::Masker(const SensitiveDataOptions& options, std::string hmac_key)
    : impl_(std::make_unique<Impl>(options, std::move(hmac_key))) {}
Masker::~Masker() = default;
Masker::Masker(Masker&&) noexcept = default;
Masker& Masker::operator=(Masker&&) noexcept = default;

Bytes Masker::mask_image(const TableSchema& schema, std::string_view image) {
  return impl_->mask_image(schema, image);
}
std::string Masker::mask_text(std::string_view text) { return impl_->mask_text(text); }

}  // namespace freshet
