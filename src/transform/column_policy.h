#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"
#include "transform/options.h"

namespace freshet {

// Case-insensitive match of a pattern in which `*` stands for any characters, `?` for one.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

// The configured rules of one table, in order of precedence (SensitiveDataOptions::columns).
class ColumnRules {
 public:
  ColumnRules(const SensitiveDataOptions& options, const TableName& table);

  // The rule for a column, or null.
  [[nodiscard]] const ColumnRule* find(std::string_view column) const;

 private:
  struct Entry {
    std::string pattern;
    ColumnRule rule;
  };
  std::vector<Entry> entries_;
  TableName table_;
};

}  // namespace freshet
