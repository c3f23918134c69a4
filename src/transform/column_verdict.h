#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

// What a column was found to hold (MaskMode::column). From then on all of it is masked.
struct ColumnVerdict {
  std::string column;             // as rules name it: "email", "profile.contact.mail"
  std::string type;               // "EMAIL"
  std::int64_t since_micros = 0;  // microseconds since 1970-01-01 UTC
  // The evidence it was given on:
  std::string name_type;    // what the column's name tells, or empty
  std::string source_type;  // of the column on the source: "varchar"
  std::uint64_t cells = 0;  // looked at, neither null nor empty
  std::uint64_t hits = 0;   // ... that were of the type from end to end

  friend bool operator==(const ColumnVerdict&, const ColumnVerdict&) = default;
};

// The verdicts on one table's columns. They are only ever added to.
class TableVerdicts {
 public:
  // Rises with every verdict; 0 = there is none.
  [[nodiscard]] std::uint64_t version() const noexcept { return verdicts_.size(); }
  [[nodiscard]] const std::vector<ColumnVerdict>& all() const noexcept { return verdicts_; }
  // Letter case does not count, as in rules. Null where there is none.
  [[nodiscard]] const ColumnVerdict* find(std::string_view column) const noexcept;

  // The first verdict on a column stays: a second one is dropped.
  void add(ColumnVerdict verdict);
  void add(const TableVerdicts& others);

  // {"version":1,"columns":[{"column":"email","type":"EMAIL",...}]}
  [[nodiscard]] std::string to_json() const;
  // Throws Error{corrupt}: a verdict that cannot be read must not be taken for none.
  [[nodiscard]] static TableVerdicts from_json(std::string_view json);

  friend bool operator==(const TableVerdicts&, const TableVerdicts&) = default;

 private:
  std::vector<ColumnVerdict> verdicts_;  // in the order in which they were given
};

[[nodiscard]] std::string to_json(const ColumnVerdict& verdict);
[[nodiscard]] ColumnVerdict read_verdict(std::string_view json);  // throws Error{corrupt}

}  // namespace freshet
