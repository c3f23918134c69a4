#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"
#include "pipeline/name_pattern.h"
#include "pipeline/sql_expression.h"

namespace freshet {

struct TablePattern {
  NamePattern schema = NamePattern::exact("");
  NamePattern table = NamePattern::exact("");

  // "schema.table" as freshet.yaml has it, * standing for any characters, dots included.
  static TablePattern glob(std::string_view text);
  [[nodiscard]] bool matches(const TableName& name) const;
  [[nodiscard]] bool is_literal() const noexcept {
    return schema.is_literal() && table.is_literal();
  }
};

struct SelectionRule {
  std::string origin;  // "source.tables", "rule 3 of mappings.json": for messages
  TablePattern tables;
  bool include = true;
  std::int64_t load_order = 0;  // higher ones are loaded first
  std::string filter;           // SQL over the source's columns; empty = all rows
};

// One change of names or columns. Patterns are those of the source's names; changes apply one after
// the other.
struct ShapeRule {
  enum class Target : std::uint8_t { schema, table, column };
  enum class Action : std::uint8_t {
    rename,
    lower_case,
    upper_case,
    add_prefix,
    remove_prefix,
    replace_prefix,
    add_suffix,
    remove_suffix,
    replace_suffix,
    include_column,  // where any fits a table, it has only the columns that one of them fits
    remove_column,
    add_column,  // `value` names it
    change_type,
  };
  std::string origin;
  Target target = Target::table;
  Action action = Action::rename;
  TablePattern tables;
  NamePattern column = NamePattern::glob("*");
  std::string value;
  std::string old_value;       // replace_prefix, replace_suffix
  std::string expression;      // add_column
  std::optional<Column> type;  // add_column, change_type: its name is not looked at
};

// Rows of one table that are wanted, as SQL over its columns.
struct RowRule {
  std::string origin;
  TablePattern tables;
  std::string filter;
};

// How one source table enters the stream.
struct TablePlan {
  struct Made {
    std::string origin;
    SqlExpression expression;
  };
  struct PlannedColumn {
    std::size_t source = 0;    // column of the source table, if there is no `made`
    std::optional<Made> made;  // computed from the row
  };
  SchemaPtr schema;  // as it is to be; the source's own object where nothing is changed
  std::vector<PlannedColumn> columns;  // parallel to schema->columns
  std::optional<Made> filter;          // only rows for which this is true

  // Rows pass as they are.
  [[nodiscard]] bool keeps_rows() const noexcept { return !filter && !changes_rows; }
  bool changes_rows = false;  // images differ from the source's
};

// Which tables, rows and columns of the source are followed, and under which names: what
// freshet.yaml and a DMS table-mapping file say. Immutable once made; any thread.
struct TableMapping {
  std::vector<SelectionRule> selection;
  std::vector<ShapeRule> shape;
  std::vector<RowRule> rows;
  std::optional<std::set<TableName>> only;  // nothing else is selected

  // Excluding rules win over including ones.
  [[nodiscard]] bool selects(const TableName& table) const;
  [[nodiscard]] std::int64_t load_order(const TableName& table) const;
  // The name in stream and lake.
  [[nodiscard]] TableName target_of(const TableName& table) const;
  // Throws Error{config} where a rule cannot be followed, with its origin: a column that is not
  // there, a key column that would be lost, two columns of one name, an unknown function.
  [[nodiscard]] TablePlan plan_for(const SchemaPtr& source) const;
  // Any table is followed with other names, columns or fewer rows.
  [[nodiscard]] bool changes_anything() const noexcept;
};

}  // namespace freshet
