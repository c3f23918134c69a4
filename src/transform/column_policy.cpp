#include "transform/column_policy.h"

#include <algorithm>

#include "transform/text_scan.h"

namespace freshet {
namespace {

std::size_t wildcards(std::string_view pattern) noexcept {
  return static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '*'));
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = pattern.npos;  // the last wildcard, and how far it reaches now
  std::size_t reach = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      reach = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++reach;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

ColumnRules::ColumnRules(const SensitiveDataOptions& options, const TableName& table)
    : table_(table) {
  for (const auto& [pattern, rule] : options.columns) entries_.push_back({pattern, rule});
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    const std::size_t stars_a = wildcards(a.pattern);
    const std::size_t stars_b = wildcards(b.pattern);
    return stars_a != stars_b ? stars_a < stars_b : a.pattern.size() > b.pattern.size();
  });
}

const ColumnRule* ColumnRules::find(std::string_view column) const {
  if (entries_.empty()) return nullptr;
  const std::string in_table = table_.table + "." + std::string(column);
  const std::string in_database = table_.database + "." + in_table;
  for (const Entry& entry : entries_)
    if (matches_pattern(entry.pattern, column) || matches_pattern(entry.pattern, in_table) ||
        matches_pattern(entry.pattern, in_database))
      return &entry.rule;
  return nullptr;
}

}  // namespace freshet
