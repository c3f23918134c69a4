#include "transform/masker.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/ascii.h"
#include "model/value.h"
#include "transform/cell_masker.h"
#include "transform/column_policy.h"
#include "transform/masked_rows.h"
#include "transform/typing.h"

namespace freshet {

class Masker::Impl {
 public:
  Impl(const SensitiveDataOptions& options, std::string key, VerdictsOf verdicts)
      : options_(options),
        masker_(options, std::move(key)),
        verdicts_(std::move(verdicts)),
        counts_(masker_.no_counts()) {}

  SchemaPtr masked_schema(const SchemaPtr& schema) {
    return is_masked(*schema) ? schema : plan_of(schema).masked;
  }

  Bytes mask_image(const SchemaPtr& schema, std::string_view image) {
    if (is_masked(*schema)) return Bytes(image);
    Plan& plan = plan_of(schema);
    arena_.clear();
    Bytes out;
    ByteReader in(image);
    for (std::size_t i = 0; i < schema->columns.size(); ++i)
      put_value(out, mask_cell(schema->columns[i], plan.columns[i], read_value(in)));
    return out;
  }

  std::vector<ColumnFinding> findings(const SchemaPtr& schema) {
    const Plan& plan = plan_of(schema);
    std::vector<ColumnFinding> findings;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      findings.push_back(masker_.finding(plan.columns[i].policy, plan.columns[i].counts));
      findings.back().column = schema->columns[i].name;
    }
    return findings;
  }

  std::string mask_text(std::string_view text) {
    arena_.clear();
    return std::string(
        masker_.mask_text(text, ColumnPolicy{.rule = options_.action}, counts_, arena_).text);
  }

 private:
  struct ColumnPlan {
    ColumnPolicy policy;
    CellForm form = CellForm::looked_at;
    ColumnCounts counts;
  };
  struct Plan {
    std::vector<ColumnPlan> columns;
    SchemaPtr masked;
  };

  Plan& plan_of(const SchemaPtr& schema) {
    const auto found = plans_.find(schema);
    return found != plans_.end() ? found->second
                                 : plans_.emplace(schema, make_plan(*schema)).first->second;
  }

  Plan make_plan(const TableSchema& schema) const {
    const ColumnRules rules(options_, schema.name);
    const bool by_column = verdicts_ && options_.mode == MaskMode::column;
    const TableVerdicts verdicts = by_column ? verdicts_(schema.name) : TableVerdicts();
    Plan plan;
    TableSchema masked = schema;
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      const bool key = std::ranges::find(schema.key, i) != schema.key.end();
      const Column& column = schema.columns[i];
      ColumnPlan result{.policy = masker_.policy(rules, column.name, column.name, {}, key)};
      if (const ColumnVerdict* verdict = verdict_on(schema, column, verdicts))
        masker_.follow(*verdict, result.policy);
      result.form = settle(column, result.policy);
      result.counts = masker_.no_counts();
      if (result.form == CellForm::made_text)
        masked.columns[i] = {
            .name = column.name, .type = ColumnType::varchar, .nullable = column.nullable};
      plan.columns.push_back(std::move(result));
    }
    plan.masked = std::make_shared<const TableSchema>(std::move(masked));
    return plan;
  }

  static const ColumnVerdict* verdict_on(const TableSchema& schema, const Column& column,
                                         const TableVerdicts& verdicts) {
    if (column.type != ColumnType::json) return verdicts.find(column.name);
    const auto within = [&](const ColumnVerdict& verdict) {
      return lower_case(verdict.column).starts_with(lower_case(column.name)) &&
             (verdict.column.size() == column.name.size() || !schema.find(verdict.column));
    };
    const auto found = std::ranges::find_if(verdicts.all(), within);
    return found == verdicts.all().end() ? nullptr : &*found;
  }

  Value mask_cell(const Column& column, ColumnPlan& plan, const Value& value) {
    const ColumnPolicy& policy = plan.policy;
    if (value.is_null() || value.is_absent() || plan.form == CellForm::kept) return value;
    if (plan.form != CellForm::looked_at) {
      ++plan.counts.cells;
      ++plan.counts.masked;
      if (policy.detector != kNoDetector) ++plan.counts.hits[policy.detector];
    }
    if (plan.form == CellForm::made_null) return Value::null();
    if (plan.form == CellForm::made_text)
      return masker_.replace_whole(display_text(value, column), policy.rule, policy.keyed,
                                   ValueKind::text, arena_);
    switch (value.kind) {
      case ValueKind::json: {
        Value masked = masker_.mask_json_text(value.text, policy, plan.counts, arena_);
        if (!masked.is_null()) masked.kind = ValueKind::json;
        return masked;
      }
      case ValueKind::bytes: return masker_.mask_bytes(value.text, policy, plan.counts, arena_);
      default: return masker_.mask_text(value.text, policy, plan.counts, arena_);
    }
  }

  SensitiveDataOptions options_;
  CellMasker masker_;
  VerdictsOf verdicts_;
  ColumnCounts counts_;
  std::map<SchemaPtr, Plan> plans_;
  Arena arena_;
};

Masker::Masker(const SensitiveDataOptions& options, std::string hmac_key, VerdictsOf verdicts)
    : impl_(std::make_unique<Impl>(options, std::move(hmac_key), std::move(verdicts))) {}
Masker::~Masker() = default;
Masker::Masker(Masker&&) noexcept = default;
Masker& Masker::operator=(Masker&&) noexcept = default;

SchemaPtr Masker::masked_schema(const SchemaPtr& schema) { return impl_->masked_schema(schema); }
Bytes Masker::mask_image(const SchemaPtr& schema, std::string_view image) {
  return impl_->mask_image(schema, image);
}
std::vector<ColumnFinding> Masker::findings(const SchemaPtr& schema) {
  return impl_->findings(schema);
}
std::string Masker::mask_text(std::string_view text) { return impl_->mask_text(text); }

}  // namespace freshet
