#include "pipeline/table_mapping.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"
#include "lake/duckdb_session.h"

namespace freshet {

namespace {

using Target = ShapeRule::Target;
using Action = ShapeRule::Action;

bool equal_names(std::string_view a, std::string_view b) { return lower_case(a) == lower_case(b); }

std::string replaced_front(const std::string& name, std::string_view old, std::string_view fresh) {
  return name.starts_with(old) ? std::string(fresh) + name.substr(old.size()) : name;
}

std::string replaced_back(const std::string& name, std::string_view old, std::string_view fresh) {
  return name.ends_with(old) ? name.substr(0, name.size() - old.size()) + std::string(fresh) : name;
}

std::string changed_name(const ShapeRule& rule, const std::string& name) {
  switch (rule.action) {
    case Action::rename: return rule.value;
    case Action::lower_case: return lower_case(name);
    case Action::upper_case: return upper_case(name);
    case Action::add_prefix: return rule.value + name;
    case Action::remove_prefix: return replaced_front(name, rule.value, "");
    case Action::replace_prefix: return replaced_front(name, rule.old_value, rule.value);
    case Action::add_suffix: return name + rule.value;
    case Action::remove_suffix: return replaced_back(name, rule.value, "");
    case Action::replace_suffix: return replaced_back(name, rule.old_value, rule.value);
    default: return name;
  }
}

// The range of a type, and the lake's type that holds it: what goes in as an expression's value.
std::string cast_to(const std::string& sql, const Column& column) {
  const auto narrow = [&](std::string_view type) {
    return fmt::format("CAST(({}) AS {})", sql, type);
  };
  const auto widened = [&](std::string_view type) {
    return fmt::format("CAST({} AS BIGINT)", narrow(type));
  };
  switch (column.type) {
    case ColumnType::tinyint: return widened(column.is_unsigned ? "UTINYINT" : "TINYINT");
    case ColumnType::smallint: return widened(column.is_unsigned ? "USMALLINT" : "SMALLINT");
    case ColumnType::integer: return widened(column.is_unsigned ? "UINTEGER" : "INTEGER");
    case ColumnType::bigint:
      return column.is_unsigned ? fmt::format("CAST({} AS DECIMAL(20,0))", narrow("UBIGINT"))
                                : narrow("BIGINT");
    case ColumnType::real32: return narrow("FLOAT");
    case ColumnType::real64: return narrow("DOUBLE");
    case ColumnType::decimal:
      return narrow(fmt::format("DECIMAL({},{})", column.length, column.scale));
    case ColumnType::bit: return narrow("BOOLEAN");
    case ColumnType::date: return narrow("DATE");
    case ColumnType::datetime: return narrow("TIMESTAMP");
    case ColumnType::varbinary: return narrow("BLOB");
    default: return narrow("VARCHAR");
  }
}

// The plan of one table in the making.
class Planner {
 public:
  Planner(const TableMapping& mapping, const SchemaPtr& source)
      : mapping_(mapping), source_(source) {}

  TablePlan plan() {
    auto schema = std::make_shared<TableSchema>();
    schema->name = mapping_.target_of(source_->name);
    for (std::size_t i = 0; i < source_->columns.size(); ++i)
      if (keeps(i)) take(i);
    for (const ShapeRule& rule : mapping_.shape)
      if (rule.action == Action::add_column && fits(rule)) add(rule);
    refuse_repeated_names();
    for (const std::uint32_t key : source_->key) schema->key.push_back(place_of_key(key));
    schema->columns = columns_;
    plan_.filter = filter();
    plan_.schema = *schema == *source_ ? source_ : schema;
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool fits(const ShapeRule& rule) const {
    return rule.target == Target::column && rule.tables.matches(source_->name);
  }
  [[nodiscard]] bool fits(const ShapeRule& rule, std::size_t column) const {
    return fits(rule) && rule.column.matches(source_->columns[column].name);
  }

  [[nodiscard]] bool keeps(std::size_t column) {
    bool listed = false;
    bool list = false;
    for (const ShapeRule& rule : mapping_.shape) {
      if (!fits(rule)) continue;
      if (rule.action == Action::remove_column && fits(rule, column))
        return drop(rule.origin, column);
      if (rule.action != Action::include_column) continue;
      list = true;
      origin_of_list_ = rule.origin;
      listed = listed || rule.column.matches(source_->columns[column].name);
    }
    return !list || listed || drop(origin_of_list_, column);
  }

  bool drop(const std::string& origin, std::size_t column) {
    if (std::ranges::find(source_->key, column) != source_->key.end())
      fail(ErrorKind::config,
           "{}: column {} of {} cannot be left out: it belongs to the primary key, by which rows "
           "are found; keep it and hash it (transform.sensitive_data.columns)",
           origin, source_->columns[column].name, source_->name.qualified());
    plan_.changes_rows = true;
    return false;
  }

  void take(std::size_t column) {
    Column taken = source_->columns[column];
    TablePlan::PlannedColumn planned{.source = column, .made = {}};
    for (const ShapeRule& rule : mapping_.shape) {
      if (!fits(rule, column)) continue;
      if (rule.action == Action::change_type) {
        planned.made = change_type(rule, taken, source_->columns[column].name);
      } else {
        taken.name = changed_name(rule, taken.name);
      }
    }
    if (taken.name.empty())
      fail(ErrorKind::config, "column {} of {} would have no name", source_->columns[column].name,
           source_->name.qualified());
    columns_.push_back(std::move(taken));
    plan_.columns.push_back(std::move(planned));
  }

  TablePlan::Made change_type(const ShapeRule& rule, Column& column, const std::string& name) {
    const auto key = source_->find(name);
    if (key && std::ranges::find(source_->key, *key) != source_->key.end())
      fail(ErrorKind::config, "{}: column {} of {} belongs to the primary key: its type stays",
           rule.origin, name, source_->name.qualified());
    Column changed = *rule.type;
    changed.name = column.name;
    changed.nullable = true;
    column = std::move(changed);
    return made(rule.origin, quote_name(name), ExpressionDialect::sql, &column);
  }

  void add(const ShapeRule& rule) {
    Column column = *rule.type;
    column.name = rule.value;
    column.nullable = true;
    plan_.columns.push_back(
        {.source = 0, .made = made(rule.origin, rule.expression, ExpressionDialect::dms, &column)});
    columns_.push_back(std::move(column));
  }

  TablePlan::Made made(const std::string& origin, std::string_view text, ExpressionDialect dialect,
                       const Column* type) {
    plan_.changes_rows = plan_.changes_rows || type != nullptr;
    try {
      SqlExpression expression = SqlExpression::parse(
          text, dialect, [this](std::string_view name) { return find_column(name); },
          [this](std::string_view name) { return constant(name); });
      if (type) expression.sql = cast_to(expression.sql, *type);
      return {origin, std::move(expression)};
    } catch (const Error& error) {
      fail(error.kind(), "{}: table {}: {}", origin, source_->name.qualified(), error.what());
    }
  }

  [[nodiscard]] std::optional<std::string> find_column(std::string_view name) const {
    for (const Column& column : source_->columns)
      if (equal_names(column.name, name)) return column.name;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::string> constant(std::string_view name) const {
    if (equal_names(name, "$AR_M_SOURCE_SCHEMA")) return quote_text(source_->name.database);
    if (equal_names(name, "$AR_M_SOURCE_TABLE_NAME")) return quote_text(source_->name.table);
    return std::nullopt;
  }

  // All that names this table by itself, joined: selection rules by OR, row rules by AND.
  std::optional<TablePlan::Made> filter() {
    std::string any;
    std::string origin;
    for (const SelectionRule& rule : mapping_.selection) {
      if (!rule.include || !rule.tables.matches(source_->name)) continue;
      if (rule.filter.empty()) {  // this rule takes all rows
        any.clear();
        break;
      }
      any += (any.empty() ? "(" : " OR (") + rule.filter + ")";
      origin = rule.origin;
    }
    std::string all = any.empty() ? "" : "(" + any + ")";
    for (const RowRule& rule : mapping_.rows) {
      if (!rule.tables.matches(source_->name)) continue;
      all += (all.empty() ? "(" : " AND (") + rule.filter + ")";
      origin = rule.origin;
    }
    if (all.empty()) return std::nullopt;
    return made(origin, all, ExpressionDialect::sql, nullptr);
  }

  void refuse_repeated_names() const {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (equal_names(columns_[i].name, columns_[j].name))
          fail(ErrorKind::config,
               "table {}: the rules give two columns the name {}: rename or remove one",
               source_->name.qualified(), columns_[i].name);
  }

  [[nodiscard]] std::uint32_t place_of_key(std::size_t column) const {
    const auto at = std::ranges::find_if(plan_.columns, [&](const TablePlan::PlannedColumn& c) {
      return !c.made && c.source == column;
    });
    return static_cast<std::uint32_t>(at - plan_.columns.begin());
  }

  const TableMapping& mapping_;
  const SchemaPtr& source_;
  TablePlan plan_;
  std::vector<Column> columns_;
  std::string origin_of_list_;
};

}  // namespace

TablePattern TablePattern::glob(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {NamePattern::glob("*"), NamePattern::glob(text)};
  return {NamePattern::glob(text.substr(0, dot)), NamePattern::glob(text.substr(dot + 1))};
}

bool TablePattern::matches(const TableName& name) const {
  return schema.matches(name.database) && table.matches(name.table);
}

bool TableMapping::selects(const TableName& table) const {
  if (only && !only->contains(table)) return false;
  bool included = false;
  for (const SelectionRule& rule : selection) {
    if (!rule.tables.matches(table)) continue;
    if (!rule.include) return false;
    included = true;
  }
  return included;
}

std::int64_t TableMapping::load_order(const TableName& table) const {
  std::int64_t order = 0;
  for (const SelectionRule& rule : selection)
    if (rule.include && rule.tables.matches(table)) order = std::max(order, rule.load_order);
  return order;
}

TableName TableMapping::target_of(const TableName& table) const {
  TableName target = table;
  for (const ShapeRule& rule : shape) {
    if (!rule.tables.matches(table)) continue;
    if (rule.target == Target::schema) target.database = changed_name(rule, target.database);
    if (rule.target == Target::table) target.table = changed_name(rule, target.table);
  }
  if (target.table.empty() || target.database.empty())
    fail(ErrorKind::config, "the rules leave the table {} without a name", table.qualified());
  return target;
}

TablePlan TableMapping::plan_for(const SchemaPtr& source) const {
  return Planner(*this, source).plan();
}

bool TableMapping::changes_anything() const noexcept {
  return !shape.empty() || !rows.empty() ||
         std::ranges::any_of(selection, [](const SelectionRule& r) { return !r.filter.empty(); });
}

}  // namespace freshet
