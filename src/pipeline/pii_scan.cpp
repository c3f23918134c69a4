#include "pipeline/pii_scan.h"

#include <simdjson.h>

#include <algorithm>

namespace freshet {
namespace {

constexpr std::string_view kOtherColumns = "(other columns)";
constexpr std::string_view kKeys = " (keys)";
constexpr std::size_t kFewestDigits = 7;  // as CellMasker::rule_for_number()

// "phones[]" is named as the column or key "phones".
std::string without_indexes(std::string_view column) {
  std::string name(column);
  for (std::size_t at = name.find("[]"); at != name.npos; at = name.find("[]", at))
    name.erase(at, 2);
  return name;
}

}  // namespace

PiiScan::PiiScan(const SensitiveDataOptions& options, const TableName& table, SpanSink spans)
    // No hash is ever shown, so any key will do.
    : masker_(options, std::string(32, '\0')), rules_(options, table), spans_(std::move(spans)) {}

std::string PiiScan::shown_name(std::string_view name) { return masker_.mask_key(name); }

PiiScan::Entry& PiiScan::entry_of(std::string_view column) {
  if (const auto known = by_column_.find(column); known != by_column_.end())
    return entries_[known->second];
  if (entries_.size() >= kMaxColumns && column != kOtherColumns) return entry_of(kOtherColumns);
  by_column_.emplace(column, entries_.size());
  entries_.push_back({.column = std::string(column),
                      .policy = policy_of(column),
                      .hits = std::vector<std::uint64_t>(masker_.detectors().size())});
  return entries_.back();
}

void PiiScan::cell(const SourceCell& cell) {
  if (cell.text.empty()) return;
  ++cells_;
  bytes_ += cell.text.size();
  if (cell.number && cell.text.size() < kFewestDigits)
    hits_.clear();
  else
    hits_ =
        masker_.look(cell.text, cell.key ? DetectorBits{} : entry_of(cell.column).policy.context);
  if (!cell.key) return count(entry_of(cell.column), cell);
  if (!hits_.empty()) count(entry_of(std::string(cell.column).append(kKeys)), cell);
}

// Where the name of a column tells what it holds, its cells are personal data as a whole.
void PiiScan::report_known(const Entry& entry, const SourceCell& cell) {
  const ColumnPolicy& policy = entry.policy;
  if (policy.mode != ColumnPolicy::Mode::whole || policy.by_rule || cell.key) return;
  if (cell.number && !policy.prior.numeric) return;
  for (const Hit& hit : hits_)
    if (hit.detector == policy.detector && hit.begin == 0 && hit.end == cell.text.size()) return;
  spans_({.record = records_,
          .cell = cell,
          .begin = 0,
          .end = cell.text.size(),
          .type = policy.prior.type,
          .by_name = true});
}

void PiiScan::count(Entry& entry, const SourceCell& cell) {
  ++entry.cells;
  if (spans_) report_known(entry, cell);
  if (hits_.empty()) return;
  ++entry.found;
  const bool whole = hits_.front().begin == 0 && hits_.front().end == cell.text.size();
  const bool judged = !whole || simdjson::validate_utf8(cell.text.data(), cell.text.size());
  if (!judged) ++entry.not_utf8;
  for (auto hit = hits_.begin(); hit != hits_.end(); ++hit) {
    const auto same = [&](const Hit& other) { return other.detector == hit->detector; };
    if (judged && std::find_if(hits_.begin(), hit, same) == hit) ++entry.hits[hit->detector];
    if (spans_)
      spans_({.record = records_,
              .cell = cell,
              .begin = hit->begin,
              .end = hit->end,
              .type = judged ? masker_.detectors().type(hit->detector) : ScannedColumn::kNotUtf8,
              .confidence = hit->confidence});
  }
}

ColumnPolicy PiiScan::policy_of(std::string_view column) const {
  return masker_.policy_of_path(rules_, without_indexes(column), ".", false);
}

std::vector<ScannedColumn> PiiScan::columns() const {
  std::vector<ScannedColumn> columns;
  for (const Entry& entry : entries_) {
    ScannedColumn column{.column = entry.column,
                         .cells = entry.cells,
                         .found = entry.found,
                         .types = {},
                         .policy = entry.policy};
    for (std::size_t i = 0; i < entry.hits.size(); ++i)
      if (entry.hits[i] > 0)
        column.types.push_back({std::string(masker_.detectors().type(i)), entry.hits[i]});
    if (entry.not_utf8 > 0)
      column.types.push_back({std::string(ScannedColumn::kNotUtf8), entry.not_utf8});
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace freshet
