#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"
#include "transform/options.h"

namespace freshet {

// What the name of a column says about its content.
enum class NamePrior : std::uint8_t { none, email, phone };

// The prior of a name, in snake or camel case: "email", "userEmail", "phone_number_2", "mobile".
// Names that speak about an address or a number instead of holding it have none: "email_verified",
// "phone_type", "cell_count". A name that says nothing by itself ("home", "number") is read
// together with the one above it: {"phone": {"home": ...}}.
[[nodiscard]] NamePrior prior_of_name(std::string_view name, std::string_view parent = {});

// The detector type that a prior stands for; empty for none.
[[nodiscard]] std::string_view type_of(NamePrior prior) noexcept;

// Case-insensitive match of a pattern in which `*` stands for any characters.
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
