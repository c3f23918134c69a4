#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transform/table_transform.h"

namespace freshet {

// What of personal data stands in one column, and what is done to it. Holds no values.
struct PiiColumn {
  std::string column;
  std::string action = "keep";  // as the configuration spells it
  std::string basis = "cells";  // cells, name, verdict or rule: why all of it is masked, if it is
  std::string known_as;         // type that name or verdict tell, or empty
  std::uint64_t cells = 0;      // looked at
  std::uint64_t masked = 0;
  std::map<std::string, std::uint64_t> found;  // cells, by type
  std::optional<ColumnVerdict> verdict;
  bool overruled = false;  // the verdict, by a rule

  // False where nothing was found and nothing is done.
  [[nodiscard]] bool personal() const noexcept {
    return masked > 0 || !found.empty() || basis != "cells" || verdict.has_value();
  }
};

struct PiiTable {
  std::string table;  // in the lake
  std::vector<PiiColumn> columns;
};

// What auditors ask: which columns hold which personal data. Counts are of all runs since the state
// directory was made; a change that was applied again after a crash counts again.
struct PiiReport {
  std::int64_t now_micros = 0;
  std::vector<PiiTable> tables;  // sorted

  // Adds what one part of the pipeline found in a table.
  void add(const std::string& table, const std::vector<ColumnFinding>& findings);
  void add(const std::string& table, const TableVerdicts& verdicts,
           const std::vector<std::string>& overruled);
  void add(const PiiReport& other);
  // Adds the counts of runs before this one, and what only they knew.
  void add_earlier(const PiiReport& earlier);

  [[nodiscard]] std::string to_json() const;
  // Throws Error{corrupt}.
  [[nodiscard]] static PiiReport from_json(std::string_view json);

 private:
  PiiTable& table_of(const std::string& table);
};

}  // namespace freshet
