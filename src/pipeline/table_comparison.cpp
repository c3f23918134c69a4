#include "pipeline/table_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "pipeline/range_sums.h"

namespace freshet {

namespace {

struct RowIdHash {
  std::size_t operator()(const RowId& id) const noexcept { return id.low; }
};

// A row of a range that is looked into, as the lake has it.
struct KeptRow {
  RowId row;
  std::uint64_t times = 1;  // equal ones
  std::string key;
  std::vector<CellDigest> cells;
};

// One reading of both sides: sums of all ranges, and the rows of the watched ones.
class Reading {
 public:
  Reading(const ComparisonOptions& options, const std::vector<bool>& watched)
      : options_(options),
        watched_(watched),
        digester_(options.secret, options.key, options.ignored) {}

  void read(const TableReading& sides) {
    sides.lake([this](const LakeRow& row) { take_lake_row(row); });
    sides.source([this](const LakeRow& row) { take_source_row(row); });
    for (const auto& [key, row] : kept_) report_extra(key, row);
  }

  [[nodiscard]] std::vector<std::size_t> differing() const { return source_.differing(lake_); }
  [[nodiscard]] const RangeSums& source() const noexcept { return source_; }
  [[nodiscard]] const RangeSums& lake() const noexcept { return lake_; }
  ComparisonResult result;

 private:
  using Kind = RowDifference::Kind;

  [[nodiscard]] bool is_watched(const RowId& key) const {
    return watched_[RangeSums::range_of(key)];
  }
  [[nodiscard]] bool keyless() const noexcept { return options_.key.empty(); }

  void take_lake_row(const LakeRow& row) {
    const RowDigest digest = digester_.digest(row);
    lake_.add(digest.key, digest.row);
    if (!is_watched(digest.key)) return;
    if (keyless()) {
      const auto [at, fresh] = kept_.try_emplace(digest.key, KeptRow{.row = digest.row});
      if (!fresh) ++at->second.times;
      return;
    }
    const auto [at, fresh] = kept_.try_emplace(digest.key);
    KeptRow kept{.row = digest.row, .key = digester_.key_text(row), .cells = digester_.cells(row)};
    if (fresh)
      at->second = std::move(kept);
    else  // a key that the lake has twice: one of them is too many
      note(Kind::extra, digest.key, kept.key, 1, {});
  }

  void take_source_row(const LakeRow& row) {
    const RowDigest digest = digester_.digest(row);
    source_.add(digest.key, digest.row);
    if (!is_watched(digest.key)) return;
    const auto found = kept_.find(digest.key);
    if (found == kept_.end())
      return keyless() ? miss_one(digest.key)
                       : note(Kind::missing, digest.key, digester_.key_text(row), 1, {});
    if (keyless()) {
      if (--found->second.times == 0) kept_.erase(found);
      return;
    }
    if (found->second.row != digest.row)
      note(Kind::changed, digest.key, found->second.key, 1,
           changed_columns(found->second.cells, digester_.cells(row)));
    kept_.erase(found);
  }

  // Equal rows that are missing are one difference. (A row that the lake had often enough is not
  // kept any more, and comes here as well.)
  void miss_one(const RowId& key) {
    ++result.missing;
    const std::string digest = hex(key);
    const auto at = std::ranges::find_if(result.differences, [&](const RowDifference& d) {
      return d.kind == Kind::missing && d.digest == digest;
    });
    if (at != result.differences.end()) {
      ++at->times;
    } else if (result.differences.size() < options_.most_differences) {
      result.differences.push_back(
          {.kind = Kind::missing, .key = "{}", .digest = digest, .columns = {}});
    }
  }

  void report_extra(const RowId& key, const KeptRow& row) {
    note(Kind::extra, key, row.key.empty() ? "{}" : row.key, row.times, {});
  }

  void note(Kind kind, const RowId& key, std::string text, std::uint64_t times,
            std::vector<std::string> columns) {
    (kind == Kind::missing ? result.missing
     : kind == Kind::extra ? result.extra
                           : result.changed) += times;
    if (result.differences.size() >= options_.most_differences) return;
    result.differences.push_back({.kind = kind,
                                  .key = std::move(text),
                                  .digest = keyless() ? hex(key) : "",
                                  .times = times,
                                  .columns = std::move(columns)});
  }

  // Both in order of column numbers; a column that only one side has is null on the other.
  std::vector<std::string> changed_columns(const std::vector<CellDigest>& a,
                                           const std::vector<CellDigest>& b) const {
    std::vector<CellDigest> different;
    std::ranges::set_symmetric_difference(a, b, std::back_inserter(different));
    std::vector<std::string> names;
    for (const CellDigest& cell : different)
      if (const std::string& name = digester_.column_name(cell.column);
          names.empty() || names.back() != name)
        names.push_back(name);
    return names;
  }

  static std::string hex(const RowId& id) { return fmt::format("{:016x}{:016x}", id.high, id.low); }

  const ComparisonOptions& options_;
  const std::vector<bool>& watched_;
  RowDigester digester_;
  RangeSums lake_, source_;
  std::unordered_map<RowId, KeptRow, RowIdHash> kept_;
};

// As many of the ranges as memory allows to look into; one at least.
std::vector<bool> choose(const std::vector<std::size_t>& ranges, const Reading& reading,
                         std::size_t most_rows) {
  std::vector<bool> chosen(RangeSums::kRanges, false);
  std::uint64_t rows = 0;
  for (const std::size_t range : ranges) {
    rows += std::max(reading.source().rows_in(range), reading.lake().rows_in(range));
    if (rows > most_rows && range != ranges.front()) break;
    chosen[range] = true;
  }
  return chosen;
}

}  // namespace

std::string_view name_of(RowDifference::Kind kind) noexcept {
  switch (kind) {
    case RowDifference::Kind::missing: return "missing";
    case RowDifference::Kind::extra: return "extra";
    case RowDifference::Kind::changed: return "changed";
  }
  return "unknown";
}

ComparisonResult compare_table(const ComparisonOptions& options,
                               const std::function<TableReading()>& read) {
  std::vector<bool> watched(RangeSums::kRanges, false);
  for (int readings = 1;; ++readings) {
    Reading reading(options, watched);
    reading.read(read());
    const std::vector<std::size_t> differing = reading.differing();
    const bool named = !reading.result.differences.empty();
    if (differing.empty() || named || readings == options.most_readings) {
      reading.result.source_rows = reading.source().rows();
      reading.result.lake_rows = reading.lake().rows();
      reading.result.ranges_different = differing.size();
      reading.result.readings = readings;
      reading.result.complete =
          std::ranges::all_of(differing, [&](std::size_t range) { return watched[range]; });
      return std::move(reading.result);
    }
    watched = choose(differing, reading, options.most_rows);
  }
}

}  // namespace freshet
