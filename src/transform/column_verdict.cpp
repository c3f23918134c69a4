#include "transform/column_verdict.h"

#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "base/json_text.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr std::uint64_t kVersion = 1;  // of the form

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

ColumnVerdict verdict_of(const simdjson::dom::element& json) {
  ColumnVerdict verdict;
  verdict.column = std::string_view(json["column"]);
  verdict.type = std::string_view(json["type"]);
  verdict.since_micros = json["since_micros"];
  verdict.name_type = std::string_view(json["name_type"]);
  verdict.source_type = std::string_view(json["source_type"]);
  verdict.cells = json["cells"];
  verdict.hits = json["hits"];
  return verdict;
}

}  // namespace

const ColumnVerdict* TableVerdicts::find(std::string_view column) const noexcept {
  const auto found = std::ranges::find_if(
      verdicts_, [&](const ColumnVerdict& verdict) { return same_name(verdict.column, column); });
  return found == verdicts_.end() ? nullptr : &*found;
}

void TableVerdicts::add(ColumnVerdict verdict) {
  if (find(verdict.column) == nullptr) verdicts_.push_back(std::move(verdict));
}

void TableVerdicts::add(const TableVerdicts& others) {
  for (const ColumnVerdict& verdict : others.verdicts_) add(verdict);
}

std::string to_json(const ColumnVerdict& verdict) {
  return fmt::format(
      R"({{"column":{},"type":{},"since_micros":{},"name_type":{},"source_type":{},"cells":{},"hits":{}}})",
      json_quote(verdict.column), json_quote(verdict.type), verdict.since_micros,
      json_quote(verdict.name_type), json_quote(verdict.source_type), verdict.cells, verdict.hits);
}

ColumnVerdict read_verdict(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    return verdict_of(parser.parse(json.data(), json.size()));
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::corrupt, "a stored verdict on a column cannot be read: {}", error.what());
  }
}

std::string TableVerdicts::to_json() const {
  std::string out = fmt::format(R"({{"version":{},"columns":[)", kVersion);
  for (const ColumnVerdict& verdict : verdicts_) {
    if (&verdict != verdicts_.data()) out += ',';
    out += freshet::to_json(verdict);
  }
  return out + "]}";
}

TableVerdicts TableVerdicts::from_json(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(json.data(), json.size());
    if (std::uint64_t(root["version"]) != kVersion)
      fail(ErrorKind::corrupt, "stored verdicts on columns are of another version");
    TableVerdicts verdicts;
    for (const simdjson::dom::element verdict : root["columns"]) verdicts.add(verdict_of(verdict));
    return verdicts;
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::corrupt, "stored verdicts on columns cannot be read: {}", error.what());
  }
}

}  // namespace freshet
