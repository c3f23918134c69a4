#include "pipeline/pii_report.h"

#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "base/json_text.h"

namespace freshet {
namespace {

using Json = simdjson::dom::element;

PiiColumn& column_of(PiiTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &PiiColumn::column);
  if (found != table.columns.end()) return *found;
  table.columns.push_back({.column = name});
  return table.columns.back();
}

// What is done now counts, and of several parts the one that does something.
void merge(PiiColumn& into, const PiiColumn& column) {
  if (column.action != "keep" || into.action == "keep") into.action = column.action;
  if (column.basis != "cells") into.basis = column.basis;
  if (!column.known_as.empty()) into.known_as = column.known_as;
  into.cells += column.cells;
  into.masked += column.masked;
  for (const auto& [type, cells] : column.found) into.found[type] += cells;
  if (column.verdict) into.verdict = column.verdict;
  into.overruled = into.overruled || column.overruled;
}

PiiColumn column_from(const ColumnFinding& finding) {
  PiiColumn column{.column = finding.column,
                   .action = std::string(name_of(finding.action)),
                   .basis = std::string(name_of(finding.basis)),
                   .known_as = finding.known_as,
                   .cells = finding.cells,
                   .masked = finding.masked};
  for (const ColumnFinding::Count& hit : finding.hits) column.found[hit.type] = hit.cells;
  return column;
}

std::string json_of(const PiiColumn& column) {
  std::string found;
  for (const auto& [type, cells] : column.found)
    found += fmt::format("{}{}:{}", found.empty() ? "" : ",", json_quote(type), cells);
  return fmt::format(
      R"({{"column":{},"action":{},"basis":{},"known_as":{},"cells":{},"masked":{},"found":{{{}}},"verdict":{},"overruled":{}}})",
      json_quote(column.column), json_quote(column.action), json_quote(column.basis),
      json_quote(column.known_as), column.cells, column.masked, found,
      column.verdict ? to_json(*column.verdict) : "null", column.overruled);
}

PiiColumn read_column(Json json) {
  PiiColumn column;
  column.column = std::string_view(json["column"]);
  column.action = std::string_view(json["action"]);
  column.basis = std::string_view(json["basis"]);
  column.known_as = std::string_view(json["known_as"]);
  column.cells = json["cells"];
  column.masked = json["masked"];
  for (const auto member : simdjson::dom::object(json["found"]))
    column.found[std::string(member.key)] = member.value;
  if (const Json verdict = json["verdict"]; !verdict.is_null())
    column.verdict = read_verdict(simdjson::to_string(verdict));
  column.overruled = json["overruled"];
  return column;
}

}  // namespace

PiiTable& PiiReport::table_of(const std::string& table) {
  const auto place = std::ranges::lower_bound(tables, table, {}, &PiiTable::table);
  if (place != tables.end() && place->table == table) return *place;
  return *tables.insert(place, {.table = table, .columns = {}});
}

void PiiReport::add(const std::string& table, const std::vector<ColumnFinding>& findings) {
  PiiTable& into = table_of(table);
  for (const ColumnFinding& finding : findings)
    merge(column_of(into, finding.column), column_from(finding));
}

void PiiReport::add(const std::string& table, const TableVerdicts& verdicts,
                    const std::vector<std::string>& overruled) {
  PiiTable& into = table_of(table);
  for (const ColumnVerdict& verdict : verdicts.all()) {
    PiiColumn& column = column_of(into, verdict.column);
    column.verdict = verdict;
    column.overruled = std::ranges::find(overruled, verdict.column) != overruled.end();
  }
}

void PiiReport::add(const PiiReport& other) {
  now_micros = std::max(now_micros, other.now_micros);
  for (const PiiTable& table : other.tables) {
    PiiTable& into = table_of(table.table);
    for (const PiiColumn& column : table.columns) merge(column_of(into, column.column), column);
  }
}

// What is done now hides what was done then.
void PiiReport::add_earlier(const PiiReport& earlier) {
  for (const PiiTable& table : earlier.tables) {
    PiiTable& into = table_of(table.table);
    for (const PiiColumn& column : table.columns) {
      const bool known =
          std::ranges::find(into.columns, column.column, &PiiColumn::column) != into.columns.end();
      PiiColumn before = column;
      if (known) {
        before.action = "keep";
        before.basis = "cells";
        before.known_as.clear();
        before.verdict.reset();
        before.overruled = false;
      }
      merge(column_of(into, column.column), before);
    }
  }
}

std::string PiiReport::to_json() const {
  std::string out = fmt::format(R"({{"version":1,"now_micros":{},"tables":[)", now_micros);
  for (const PiiTable& table : tables) {
    if (&table != tables.data()) out += ',';
    out += fmt::format(R"({{"table":{},"columns":[)", json_quote(table.table));
    for (const PiiColumn& column : table.columns) {
      if (&column != table.columns.data()) out += ',';
      out += json_of(column);
    }
    out += "]}";
  }
  return out + "]}";
}

PiiReport PiiReport::from_json(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const Json root = parser.parse(json.data(), json.size());
    PiiReport report;
    report.now_micros = root["now_micros"];
    for (const Json table : root["tables"]) {
      PiiTable& into = report.table_of(std::string(std::string_view(table["table"])));
      for (const Json column : table["columns"]) into.columns.push_back(read_column(column));
    }
    return report;
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::corrupt, "a report on personal data cannot be read: {}", error.what());
  }
}

}  // namespace freshet
