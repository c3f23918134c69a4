#include "pipeline/dms_mapping.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "lake/duckdb_session.h"
#include "pipeline/config_text.h"

namespace freshet {

namespace {

using Json = simdjson::dom::element;
using Object = simdjson::dom::object;
using Target = ShapeRule::Target;
using Action = ShapeRule::Action;

struct NamedAction {
  std::string_view name;
  Action action;
};
constexpr auto kNameActions = std::to_array<NamedAction>({
    {"rename", Action::rename},
    {"convert-lowercase", Action::lower_case},
    {"convert-uppercase", Action::upper_case},
    {"add-prefix", Action::add_prefix},
    {"remove-prefix", Action::remove_prefix},
    {"replace-prefix", Action::replace_prefix},
    {"add-suffix", Action::add_suffix},
    {"remove-suffix", Action::remove_suffix},
    {"replace-suffix", Action::replace_suffix},
});
constexpr auto kColumnActions = std::to_array<NamedAction>({
    {"include-column", Action::include_column},
    {"remove-column", Action::remove_column},
    {"add-column", Action::add_column},
    {"change-data-type", Action::change_type},
});

struct Refused {
  std::string_view action;
  std::string_view remedy;
};
constexpr auto kRefused = std::to_array<Refused>({
    {"define-primary-key",
     "rows are found by the source's own primary key; give the table one on the source"},
    {"add-before-image-columns", "the history table tells each row before and after a change"},
    {"data-masking-digits-mask",
     "remove the rule and mask the column under transform.sensitive_data.columns (redact, "
     "partial)"},
    {"data-masking-digits-randomize",
     "random values cannot be compared or joined; remove the rule and use the action hash under "
     "transform.sensitive_data.columns"},
    {"data-masking-hash-mask",
     "remove the rule and use the action hash under transform.sensitive_data.columns"},
});

struct NamedType {
  std::string_view name;
  ColumnType type;
  bool is_unsigned;
};
constexpr auto kTypes = std::to_array<NamedType>({
    {"string", ColumnType::varchar, false},  {"wstring", ColumnType::varchar, false},
    {"clob", ColumnType::longtext, false},   {"nclob", ColumnType::longtext, false},
    {"int1", ColumnType::tinyint, false},    {"int2", ColumnType::smallint, false},
    {"int4", ColumnType::integer, false},    {"int8", ColumnType::bigint, false},
    {"uint1", ColumnType::tinyint, true},    {"uint2", ColumnType::smallint, true},
    {"uint4", ColumnType::integer, true},    {"uint8", ColumnType::bigint, true},
    {"real4", ColumnType::real32, false},    {"real8", ColumnType::real64, false},
    {"numeric", ColumnType::decimal, false}, {"boolean", ColumnType::bit, false},
    {"date", ColumnType::date, false},       {"datetime", ColumnType::datetime, false},
    {"bytes", ColumnType::varbinary, false}, {"blob", ColumnType::varbinary, false},
});

// One rule of the file, whose members are taken one by one; what is left over at the end is
// refused.
class Rule {
 public:
  Rule(Object object, std::string_view file) : object_(object) {
    for (const auto& field : object) left_.emplace(field.key);
    const std::string id = text("rule-id");
    origin_ = fmt::format("{}: rule {}", file, id);
    id_ = id;
    if (const auto name = find("rule-name"); name && name->is_string())
      origin_ += fmt::format(" ({})", std::string_view(*name));
  }

  [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorKind::config, "{}: {}", origin_, fmt::format(format, std::forward<Args>(args)...));
  }

  std::optional<Json> find(std::string_view key) {
    left_.erase(std::string(key));
    Json value;
    if (object_[key].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
    return value;
  }

  // Strings; numbers are as good.
  std::string text(std::string_view key) {
    const auto value = find(key);
    if (!value) refuse("{} is missing", key);
    return text_of(*value, key);
  }
  std::string text_or(std::string_view key, std::string_view fallback) {
    const auto value = find(key);
    return value ? text_of(*value, key) : std::string(fallback);
  }
  std::string text_of(Json value, std::string_view key) const {
    if (value.is_string()) return std::string(std::string_view(value));
    if (value.is_int64()) return std::to_string(std::int64_t(value));
    if (value.is_double()) return simdjson::minify(value);
    refuse("{} is no text", key);
  }
  std::int64_t integer_or(std::string_view key, std::int64_t fallback) {
    const auto value = find(key);
    if (!value) return fallback;
    const auto number = parse_integer(text_of(*value, key));
    if (!number) refuse("{} is no whole number", key);
    return *number;
  }

  void refuse_rest() const {
    if (!left_.empty()) refuse("{} is not supported here: remove it from the rule", *left_.begin());
  }

 private:
  Object object_;
  std::set<std::string> left_;
  std::string origin_, id_;
};

Object object_of(const Rule& rule, Json value, std::string_view key) {
  Object object;
  if (value.get(object) != simdjson::SUCCESS) rule.refuse("{} is no object", key);
  return object;
}

simdjson::dom::array array_of(const Rule& rule, Json value, std::string_view key) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) rule.refuse("{} is no list", key);
  return array;
}

NamePattern pattern_of(const Rule& rule, std::string_view text) {
  try {
    return NamePattern::dms(text);
  } catch (const Error& error) {
    rule.refuse("{}", error.what());
  }
}

struct Locator {
  TablePattern tables{NamePattern::dms("%"), NamePattern::dms("%")};
  std::optional<NamePattern> column;
};

// `exact`: names stand for themselves, as in explicit rules.
Locator locator_of(Rule& rule, bool exact = false) {
  const auto found = rule.find("object-locator");
  if (!found) rule.refuse("object-locator is missing");
  Locator locator;
  bool has_schema = false;
  for (const auto& [key, value] : object_of(rule, *found, "object-locator")) {
    const std::string text = rule.text_of(value, key);
    const NamePattern pattern = exact ? NamePattern::exact(text) : pattern_of(rule, text);
    if (key == "schema-name") {
      locator.tables.schema = pattern;
      has_schema = true;
    } else if (key == "table-name") {
      locator.tables.table = pattern;
    } else if (key == "column-name") {
      locator.column = pattern;
    } else if (key == "table-type") {
      if (text != "table")
        rule.refuse("table-type {} is not supported: views are not in the log; follow their tables",
                    text);
    } else {
      rule.refuse("{} of object-locator is not supported", key);
    }
  }
  if (!has_schema) rule.refuse("schema-name of object-locator is missing");
  return locator;
}

// ---- selection ----

struct Condition {
  std::string sql;
  bool negative = false;
};

// {"filter-operator":"between","start-value":"1","end-value":"9"}
Condition condition_of(const Rule& rule, const std::string& column, Object condition) {
  std::string op, value, start, end;
  for (const auto& [key, given] : condition) {
    const std::string text = rule.text_of(given, key);
    if (key == "filter-operator")
      op = text;
    else if (key == "value")
      value = text;
    else if (key == "start-value")
      start = text;
    else if (key == "end-value")
      end = text;
    else
      rule.refuse("{} of a filter condition is not supported", key);
  }
  const auto compare = [&](std::string_view sign) {
    return fmt::format("{} {} {}", column, sign, quote_text(value));
  };
  const auto range = [&] {
    return fmt::format("BETWEEN {} AND {}", quote_text(start), quote_text(end));
  };
  if (op == "eq") return {compare("=")};
  if (op == "noteq") return {compare("<>"), true};
  if (op == "lte" || op == "ste") return {compare("<=")};
  if (op == "gte") return {compare(">=")};
  if (op == "between") return {fmt::format("{} {}", column, range())};
  if (op == "notbetween") return {fmt::format("{} NOT {}", column, range()), true};
  if (op == "null") return {column + " IS NULL"};
  if (op == "notnull") return {column + " IS NOT NULL", true};
  rule.refuse(
      "there is no filter-operator {}; write eq, noteq, lte, ste, gte, between, notbetween, null "
      "or "
      "notnull",
      op);
}

// One filter: its conditions joined by OR.
std::string filter_of(const Rule& rule, Object filter) {
  std::string column;
  std::optional<Json> conditions;
  for (const auto& [key, value] : filter) {
    if (key == "filter-type") {
      if (rule.text_of(value, key) != "source") rule.refuse("filter-type is not source");
    } else if (key == "column-name") {
      column = quote_name(rule.text_of(value, key));
    } else if (key == "filter-conditions") {
      conditions = value;
    } else {
      rule.refuse("{} of a filter is not supported", key);
    }
  }
  if (column.empty() || !conditions) rule.refuse("a filter lacks column-name or filter-conditions");
  std::string any;
  int negatives = 0;
  for (const Json& value : array_of(rule, *conditions, "filter-conditions")) {
    const Condition condition =
        condition_of(rule, column, object_of(rule, value, "a filter condition"));
    negatives += condition.negative ? 1 : 0;
    any += (any.empty() ? "(" : " OR ") + condition.sql;
  }
  if (any.empty()) rule.refuse("a filter has no filter-conditions");
  if (negatives > 1)
    rule.refuse(
        "a filter has several of noteq, notbetween and notnull, of which DMS takes one: "
        "make a filter of each, they are joined by AND");
  return any + ")";
}

SelectionRule selection_of(Rule& rule) {
  const std::string action = rule.text("rule-action");
  if (action != "include" && action != "exclude" && action != "explicit")
    rule.refuse("there is no rule-action {} of selection; write include, exclude or explicit",
                action);
  const Locator locator = locator_of(rule, action == "explicit");
  SelectionRule selection{.origin = rule.origin(),
                          .tables = locator.tables,
                          .include = action != "exclude",
                          .load_order = rule.integer_or("load-order", 0),
                          .filter = {}};
  if (const auto filters = rule.find("filters"))
    for (const Json& filter : array_of(rule, *filters, "filters")) {
      if (!selection.include) rule.refuse("filters belong to include rules only");
      selection.filter += (selection.filter.empty() ? "" : " AND ") +
                          filter_of(rule, object_of(rule, filter, "a filter"));
    }
  return selection;
}

// ---- transformation ----

Column type_of(const Rule& rule, Json value) {
  Column column;
  std::string name;
  std::int64_t length = 0, precision = 38, scale = 0;
  for (const auto& [key, member] : object_of(rule, value, "data-type")) {
    const std::string text = rule.text_of(member, key);
    const auto number = parse_integer(text.empty() ? "0" : text);
    if (key == "type") {
      name = text;
      continue;
    }
    if (!number) rule.refuse("{} of data-type is no whole number", key);
    if (key == "length")
      length = *number;
    else if (key == "precision")
      precision = *number;
    else if (key == "scale")
      scale = *number;
    else
      rule.refuse("{} of data-type is not supported", key);
  }
  const auto* found = std::ranges::find(kTypes, name, &NamedType::name);
  if (found == kTypes.end()) {
    std::string known;
    for (const NamedType& type : kTypes)
      known += (known.empty() ? "" : ", ") + std::string(type.name);
    rule.refuse("the data-type {} is not supported; write one of {}", name, known);
  }
  column.type = found->type;
  column.is_unsigned = found->is_unsigned;
  column.length = static_cast<std::uint32_t>(length);
  if (found->type == ColumnType::bit) column.length = 1;
  if (found->type == ColumnType::datetime) column.scale = 6;
  if (found->type != ColumnType::decimal) return column;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision)
    rule.refuse("numeric({},{}) is not a type; precision is 1 to 38, scale at most that", precision,
                scale);
  column.length = static_cast<std::uint32_t>(precision);
  column.scale = static_cast<std::uint8_t>(scale);
  return column;
}

Target target_of(Rule& rule) {
  const std::string target = rule.text("rule-target");
  if (target == "schema") return Target::schema;
  if (target == "table") return Target::table;
  if (target == "column") return Target::column;
  rule.refuse(
      "the rule-target {} is not supported: tables live in the lake's one folder; write "
      "schema, table or column",
      target);
}

Action action_of(const Rule& rule, const std::string& name, Target target) {
  const auto* named = std::ranges::find(kNameActions, name, &NamedAction::name);
  if (named != kNameActions.end()) return named->action;
  const auto* column = std::ranges::find(kColumnActions, name, &NamedAction::name);
  if (column != kColumnActions.end()) {
    if (target != Target::column) rule.refuse("{} has the rule-target column", name);
    return column->action;
  }
  const auto* refused = std::ranges::find(kRefused, name, &Refused::action);
  if (refused != kRefused.end()) rule.refuse("{} is not supported: {}", name, refused->remedy);
  rule.refuse("there is no rule-action {}", name);
}

bool needs_value(Action action) noexcept {
  switch (action) {
    case Action::lower_case:
    case Action::upper_case:
    case Action::include_column:
    case Action::remove_column:
    case Action::change_type: return false;
    default: return true;
  }
}

ShapeRule transformation_of(Rule& rule) {
  ShapeRule shape{.origin = rule.origin()};
  shape.target = target_of(rule);
  shape.action = action_of(rule, rule.text("rule-action"), shape.target);
  const Locator locator = locator_of(rule);
  shape.tables = locator.tables;
  const bool at_column = shape.target == Target::column && shape.action != Action::add_column;
  if (at_column && !locator.column) rule.refuse("column-name of object-locator is missing");
  if (!at_column && locator.column)
    rule.refuse("column-name of object-locator does not belong to this rule");
  if (at_column) shape.column = *locator.column;
  shape.value = rule.text_or("value", "");
  if (needs_value(shape.action) && shape.value.empty()) rule.refuse("value is missing");
  const bool replaces =
      shape.action == Action::replace_prefix || shape.action == Action::replace_suffix;
  shape.old_value = rule.text_or("old-value", "");
  if (replaces && shape.old_value.empty()) rule.refuse("old-value is missing");
  shape.expression = rule.text_or("expression", "");
  if (shape.action == Action::add_column && shape.expression.empty())
    rule.refuse("expression is missing");
  if (shape.action != Action::add_column && !shape.expression.empty())
    rule.refuse("expression belongs to add-column only");
  if (shape.action == Action::add_column || shape.action == Action::change_type) {
    const auto type = rule.find("data-type");
    if (!type) rule.refuse("data-type is missing");
    shape.type = type_of(rule, *type);
  }
  return shape;
}

// ---- object mapping ----

// Rules for Kinesis and Kafka targets. Which columns a record has, and the table's name, are kept;
// the partition key is the endpoint's own affair.
void map_object(Rule& rule, TableMapping& mapping) {
  const std::string action = rule.text("rule-action");
  if (action != "map-record-to-record")
    rule.refuse(
        "{} is not supported: nested JSON becomes columns in the lake; write "
        "map-record-to-record",
        action);
  const Locator locator = locator_of(rule);
  if (const std::string target = rule.text_or("target-table-name", ""); !target.empty())
    mapping.shape.push_back({.origin = rule.origin(),
                             .target = Target::table,
                             .action = Action::rename,
                             .tables = locator.tables,
                             .value = target});
  const auto parameters = rule.find("mapping-parameters");
  if (!parameters) return;
  for (const auto& [key, value] : object_of(rule, *parameters, "mapping-parameters")) {
    if (key == "partition-key-type") {
      const std::string type = rule.text_of(value, key);
      if (type != "primary-key" && type != "schema-table")
        rule.refuse(
            "the partition-key-type {} is not supported: records of a row go by its primary "
            "key; write primary-key or schema-table",
            type);
    } else if (key == "exclude-columns") {
      for (const Json& column : array_of(rule, value, key))
        mapping.shape.push_back({.origin = rule.origin(),
                                 .target = Target::column,
                                 .action = Action::remove_column,
                                 .tables = locator.tables,
                                 .column = NamePattern::exact(rule.text_of(column, key))});
    } else if (key == "attribute-mappings" || key == "partition-key-name") {
      rule.refuse(
          "{} is not supported: compute the attribute with a transformation rule add-column, "
          "or rename the column",
          key);
    } else {
      rule.refuse("{} of mapping-parameters is not supported", key);
    }
  }
}

void take_rule(Object object, std::string_view file, TableMapping& mapping,
               std::set<std::string>& ids) {
  Rule rule(object, file);
  if (!ids.insert(rule.id()).second) rule.refuse("another rule has the same rule-id");
  const std::string type = rule.text("rule-type");
  if (type == "selection")
    mapping.selection.push_back(selection_of(rule));
  else if (type == "transformation")
    mapping.shape.push_back(transformation_of(rule));
  else if (type == "object-mapping")
    map_object(rule, mapping);
  else if (type == "table-settings")
    rule.refuse(
        "table-settings are not supported: tables are loaded in chunks by themselves "
        "(source.snapshot.chunk_rows); remove the rule");
  else
    rule.refuse("there is no rule-type {}", type);
  rule.refuse_rest();
}

}  // namespace

TableMapping parse_dms_mapping(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  Json root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root))
    fail(ErrorKind::config, "{}: this is not JSON: {}", name, simdjson::error_message(error));
  simdjson::dom::array rules;
  if (root["rules"].get(rules) != simdjson::SUCCESS)
    fail(ErrorKind::config, "{}: a table mapping is an object with a list \"rules\"", name);
  TableMapping mapping;
  std::set<std::string> ids;
  for (const Json& value : rules) {
    Object object;
    if (value.get(object) != simdjson::SUCCESS)
      fail(ErrorKind::config, "{}: a rule is no object", name);
    take_rule(object, name, mapping, ids);
  }
  if (std::ranges::none_of(mapping.selection, &SelectionRule::include))
    fail(ErrorKind::config, "{}: no selection rule includes a table", name);
  return mapping;
}

}  // namespace freshet
