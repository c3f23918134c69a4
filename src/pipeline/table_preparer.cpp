#include "pipeline/table_preparer.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace freshet {

TablePreparer::TablePreparer(const SchemaPtr& schema, const TransformOptions& options,
                             const std::string& key, const std::vector<LakeColumn>& existing,
                             TableVerdicts verdicts)
    : by_column_(options.sensitive_data.mode == MaskMode::column),
      source_(schema),
      identity_(key),
      transform_(schema, options, key, existing, std::move(verdicts)) {
  announce_verdicts();
}

void TablePreparer::follow(const SchemaPtr& schema) {
  if (schema == source_) return;
  const bool same = *schema == *source_;
  const std::lock_guard lock(mutex_);
  source_ = schema;
  if (!same) transform_.change_schema(schema);
}

const LakeSchema& TablePreparer::prepare(const Change& change, std::vector<Value>& cells,
                                         Arena& arena) {
  const std::lock_guard lock(mutex_);
  transform_.apply(change.op == Op::remove ? change.before : change.after, row_, arena);
  cells.insert(cells.end(), row_.begin(), row_.end());
  if (transform_.verdicts().version() != announced_) announce_verdicts();
  return current_columns();
}

const LakeSchema& TablePreparer::columns() {
  const std::lock_guard lock(mutex_);
  return current_columns();
}

const LakeSchema& TablePreparer::current_columns() {
  if (version_ != transform_.version()) {
    columns_.push_back(transform_.schema());
    version_ = transform_.version();
  }
  return columns_.back();
}

TableVerdicts TablePreparer::decide() {
  const std::lock_guard lock(mutex_);
  transform_.decide();
  announce_verdicts();
  return transform_.verdicts();
}

TableVerdicts TablePreparer::verdicts() const {
  const std::lock_guard lock(mutex_);
  return transform_.verdicts();
}

std::vector<std::string> TablePreparer::overruled() const {
  const std::lock_guard lock(mutex_);
  return transform_.overruled();
}

std::vector<ColumnFinding> TablePreparer::findings() const {
  const std::lock_guard lock(mutex_);
  return transform_.findings();
}

void TablePreparer::announce_verdicts() {
  const auto& verdicts = transform_.verdicts().all();
  if (announced_ == verdicts.size()) return;
  const std::vector<std::string> overruled = transform_.overruled();
  for (; announced_ < verdicts.size(); ++announced_) {
    const ColumnVerdict& verdict = verdicts[announced_];
    const std::string column = source_->name.qualified() + "." + verdict.column;
    if (std::ranges::find(overruled, verdict.column) != overruled.end())
      log_warn("{} holds {}, but a rule of the configuration overrules this verdict", column,
               verdict.type);
    else if (!by_column_)
      log_warn(
          "{} holds {}, but transform.sensitive_data.mode is cell: the verdict is not followed",
          column, verdict.type);
    else
      log_info("{} holds {} ({}): all of it is masked", column, verdict.type,
               verdict.name_type.empty()
                   ? fmt::format("{} of {} cells", verdict.hits, verdict.cells)
                   : "its name says so");
  }
}

}  // namespace freshet
