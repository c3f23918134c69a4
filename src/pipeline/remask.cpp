#include "pipeline/remask.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>

#include "base/ascii.h"
#include "lake/history_writer.h"
#include "lake/iceberg_table.h"
#include "lake/table_rewrite.h"
#include "transform/cell_masker.h"
#include "transform/column_policy.h"

namespace freshet {

namespace {

using Mode = ColumnPolicy::Mode;

// Decides, column by column of a lake table.
class Remask {
 public:
  Remask(const TableName& source, const TransformOptions& options, const std::string& key,
         const TableVerdicts& verdicts, RemaskScope scope)
      : options_(options),
        masker_(std::make_shared<CellMasker>(options.sensitive_data, key)),
        rules_(options.sensitive_data, source),
        verdicts_(verdicts),
        scope_(scope) {}

  // `keys`: names of the mirror's key columns.
  std::vector<ColumnRewrite> columns(const IcebergSchema& schema,
                                     const std::set<std::string>& keys) const {
    std::vector<ColumnRewrite> rewrites;
    for (const IcebergField& field : schema.fields) {
      const LakeColumn& column = field.column;
      const bool keyed = keys.contains(lower_case(column.name));
      const ColumnPolicy policy = policy_of(schema, column.name, keyed);
      if (is_concerned(column, policy)) rewrites.push_back(rewrite(column, policy));
    }
    return rewrites;
  }

 private:
  // "profile.n_string" takes what "profile.n" cannot.
  static std::string place_of(const IcebergSchema& schema, const std::string& column) {
    for (const std::string_view suffix : {"_boolean", "_long", "_double", "_string"})
      if (column.ends_with(suffix))
        if (std::string base = column.substr(0, column.size() - suffix.size()); schema.find(base))
          return base;
    return column;
  }

  ColumnPolicy policy_of(const IcebergSchema& schema, const std::string& column, bool keyed) const {
    const std::string place = place_of(schema, column);
    ColumnPolicy policy = masker_->policy_of_path(rules_, place, options_.flatten.separator, keyed);
    if (options_.sensitive_data.mode == MaskMode::column)
      if (const ColumnVerdict* verdict = verdicts_.find(place)) masker_->follow(*verdict, policy);
    return policy;
  }

  bool is_concerned(const LakeColumn& column, const ColumnPolicy& policy) const {
    if (policy.mode == Mode::keep) return false;
    if (scope_ == RemaskScope::verdicts && !policy.by_verdict) return false;
    const bool text = column.type == LakeType::string || column.type == LakeType::binary;
    return text || (policy.mode == Mode::whole && !policy.keyed && masks(column.type, policy));
  }

  // Numbers and moments become null where the masking of new ones would.
  static bool masks(LakeType type, const ColumnPolicy& policy) {
    if (type == LakeType::boolean) return policy.by_rule;
    const bool dated =
        type == LakeType::date || type == LakeType::timestamp || type == LakeType::timestamptz;
    return dated ? policy.masks_dates() : policy.masks_numbers();
  }

  ColumnRewrite rewrite(const LakeColumn& column, const ColumnPolicy& policy) const {
    const bool bytes = column.type == LakeType::binary;
    if (!bytes && column.type != LakeType::string) return {.column = column.name, .cell = {}};
    return {.column = column.name,
            .cell = [masker = masker_, policy, bytes](std::string_view cell) {
              return masker->mask_again(cell, bytes, policy);
            }};
  }

  const TransformOptions& options_;
  std::shared_ptr<CellMasker> masker_;
  ColumnRules rules_;
  const TableVerdicts& verdicts_;
  RemaskScope scope_;
};

std::string history_of(const std::string& lake_table) {
  return lake_table + std::string(HistoryWriter::kSuffix);
}

std::set<std::string> key_columns(const std::optional<IcebergTable>& mirror) {
  std::set<std::string> keys;
  if (!mirror) return keys;
  for (const std::int32_t id : mirror->schema().identifier_ids)
    keys.insert(lower_case(mirror->schema().find(id)->column.name));
  return keys;
}

}  // namespace

std::vector<std::string> remask(Lake& lake, const std::string& lake_table, const TableName& source,
                                const TransformOptions& options, const std::string& key,
                                const TableVerdicts& verdicts, RemaskScope scope,
                                const std::map<std::string, std::string>& notes) {
  const Remask remask(source, options, key, verdicts, scope);
  const auto keys = key_columns(IcebergTable::open(lake.table_directory(lake_table)));
  std::vector<std::string> masked;
  for (const std::string& name : {history_of(lake_table), lake_table}) {
    const auto table = IcebergTable::open(lake.table_directory(name));
    if (!table) continue;
    const std::vector<ColumnRewrite> columns = remask.columns(table->schema(), keys);
    if (columns.empty()) continue;
    rewrite_table(lake, name, columns, notes);
    for (const ColumnRewrite& column : columns)
      if (std::ranges::find(masked, column.column) == masked.end()) masked.push_back(column.column);
  }
  return masked;
}

void finish_remask(Lake& lake, const std::string& lake_table) {
  for (const std::string& name : {history_of(lake_table), lake_table}) finish_rewrite(lake, name);
}

}  // namespace freshet
