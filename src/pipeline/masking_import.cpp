#include "pipeline/masking_import.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "base/error.h"

namespace freshet {
namespace {

using Json = simdjson::dom::element;
using Object = simdjson::dom::object;

std::optional<std::string> text_in(Object object, std::string_view key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS || text.empty()) return std::nullopt;
  return std::string(text);
}

// Numbers stand in Glue's JSON as numbers or as texts.
std::size_t count_in(Object object, std::string_view key) {
  std::uint64_t count = 0;
  if (object[key].get(count) == simdjson::SUCCESS && count <= 1'000)
    return static_cast<std::size_t>(count);
  const std::string text = text_in(object, key).value_or("0");
  if (text.size() > 3 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
    fail(ErrorKind::config, "{} is no number of characters", key);
  return static_cast<std::size_t>(std::stoul(text));
}

void refuse_pattern(Object object, std::string_view key) {
  if (text_in(object, key))
    fail(ErrorKind::config,
         "{} cannot be followed; remove it, or write rules under transform.sensitive_data.columns",
         key);
}

// ---- DMS ----

// % is any run of characters, _ any one, [_] and [%] themselves.
std::string pattern_of(std::string_view dms) {
  std::string pattern;
  for (std::size_t i = 0; i < dms.size(); ++i) {
    const bool quoted = dms[i] == '[' && i + 2 < dms.size() && dms[i + 2] == ']';
    if (quoted) {
      pattern.push_back(dms[i + 1]);
      i += 2;
    } else if (dms[i] == '%') {
      pattern.push_back('*');
    } else if (dms[i] == '_') {
      pattern.push_back('?');
    } else {
      pattern.push_back(dms[i]);
    }
  }
  return pattern;
}

ColumnRule dms_rule(std::string_view action, Object rule) {
  if (action == "data-masking-digits-mask")
    return {.action = MaskAction::partial,
            .fill = text_in(rule, "value").value_or("#"),
            .digits_only = true};
  if (action == "data-masking-digits-randomize")
    return {.action = MaskAction::partial, .random_fill = true, .digits_only = true};
  if (action == "data-masking-hash-mask") return {.action = MaskAction::hash};
  fail(ErrorKind::config, "there is no rule-action {}", action);
}

// True if there was a rule about masking.
bool import_dms(Object root, SensitiveDataOptions& options) {
  simdjson::dom::array rules;
  if (root["rules"].get(rules) != simdjson::SUCCESS) return false;
  bool any = false;
  for (const Json item : rules) {
    const Object rule = item;
    const std::string action = text_in(rule, "rule-action").value_or("");
    if (!action.starts_with("data-masking-")) continue;
    const Object place = rule["object-locator"];
    const auto column = text_in(place, "column-name");
    if (!column) fail(ErrorKind::config, "a rule with {} names no column", action);
    const std::string pattern = pattern_of(text_in(place, "schema-name").value_or("%")) + "." +
                                pattern_of(text_in(place, "table-name").value_or("%")) + "." +
                                pattern_of(*column);
    options.columns[pattern] = dms_rule(action, rule);
    any = true;
  }
  return any;
}

// ---- Glue ----

ColumnRule partial_rule(std::size_t left, std::size_t right, std::string fill) {
  return {.action = MaskAction::partial,
          .keep_left = left,
          .keep_right = right,
          .fill = std::move(fill)};
}

ColumnRule node_rule(std::string_view kind, Object node) {
  if (kind == "RowHashing" || kind == "ColumnHashing") return {.action = MaskAction::hash};
  if (kind == "RowMasking" || kind == "ColumnMasking") {
    const auto text = text_in(node, "RedactText");
    return {.action = MaskAction::redact,
            .text = text ? *text : text_in(node, "MaskValue").value_or("*******")};
  }
  if (kind == "RowPartialMasking") {
    refuse_pattern(node, "MatchPattern");
    return partial_rule(count_in(node, "NumLeftCharsToExclude"),
                        count_in(node, "NumRightCharsToExclude"),
                        text_in(node, "RedactChar").value_or("*"));
  }
  if (kind == "RowAudit" || kind == "ColumnAudit")
    fail(ErrorKind::config,
         "PiiType {} only reports: `freshet pii scan` does that; write a type that masks", kind);
  fail(ErrorKind::config, "there is no PiiType {}", kind);
}

ColumnRule fine_rule(Object entry) {
  const std::string action = text_in(entry, "action").value_or("");
  Object given;
  const bool has_options = entry["actionOptions"].get(given) == simdjson::SUCCESS;
  if (action == "SHA256_HASH") return {.action = MaskAction::hash};
  if (action == "REDACT")
    return {.action = MaskAction::redact,
            .text = has_options ? text_in(given, "redactText").value_or("*******") : "*******"};
  if (action == "PARTIAL_REDACT" && has_options) {
    refuse_pattern(given, "matchPattern");
    return partial_rule(count_in(given, "numLeftCharsToExclude"),
                        count_in(given, "numRightCharsToExclude"),
                        text_in(given, "redactChar").value_or("*"));
  }
  if (action == "DETECT")
    fail(ErrorKind::config, "the action DETECT only reports: `freshet pii scan` does that");
  fail(ErrorKind::config, "there is no action {}", action);
}

bool is_everywhere(Object entry) {
  simdjson::dom::array columns;
  if (entry["sourceColumnsToExclude"].get(columns) == simdjson::SUCCESS && columns.size() > 0)
    return false;
  if (entry["sourceColumns"].get(columns) != simdjson::SUCCESS) return true;
  return columns.size() == 1 && std::string_view(columns.at(0)) == "*";
}

// {"EMAIL": [{"action": "REDACT", ...}]}. False if the object is something else.
bool import_fine(Object types, SensitiveDataOptions& options) {
  std::vector<std::string> detect;
  for (const auto [type, value] : types) {
    simdjson::dom::array entries;
    Object entry;
    if (value.get(entries) != simdjson::SUCCESS || entries.size() == 0 ||
        entries.at(0).get(entry) != simdjson::SUCCESS || !text_in(entry, "action"))
      return false;
    if (entries.size() > 1 || !is_everywhere(entry))
      fail(ErrorKind::config,
           "{}: actions that differ by column belong under transform.sensitive_data.columns", type);
    detect.emplace_back(type);
    options.actions[detect.back()] = fine_rule(entry);
  }
  if (detect.empty()) return false;
  options.detect = std::move(detect);
  return true;
}

void import_node(Object node, SensitiveDataOptions& options) {
  if (const auto parameters = text_in(node, "DetectionParameters")) {
    simdjson::dom::parser parser;
    if (!import_fine(parser.parse(*parameters), options))
      fail(ErrorKind::config, "DetectionParameters has no types with actions");
    return;
  }
  const std::string kind = text_in(node, "PiiType").value_or("");
  options.action = node_rule(kind, node);
  options.detect.clear();
  for (const Json type : node["EntityTypesToDetect"])
    options.detect.emplace_back(std::string_view(type));
  if (options.detect.empty())
    fail(ErrorKind::config, "EntityTypesToDetect names no type of personal data");
  if (!kind.starts_with("Column")) return;
  options.mode = MaskMode::column;
  double share = 0;
  if (node["ThresholdFraction"].get(share) == simdjson::SUCCESS && share > 0 && share <= 1)
    options.verdict_percent = static_cast<std::uint64_t>(std::max(1.0, std::floor(share * 100)));
}

// The PIIDetection nodes of a job, however deep they stand.
std::size_t import_nodes(Json json, SensitiveDataOptions& options) {
  Object object;
  if (json.get(object) != simdjson::SUCCESS) return 0;
  std::size_t nodes = 0;
  for (const auto [key, value] : object) {
    if (key != "PIIDetection") {
      nodes += import_nodes(value, options);
      continue;
    }
    if (++nodes > 1)
      fail(ErrorKind::config, "there are several PIIDetection nodes; keep the one that counts");
    import_node(value, options);
  }
  return nodes;
}

}  // namespace

void import_masking(std::string_view json, SensitiveDataOptions& options) {
  try {
    simdjson::dom::parser parser;
    const Json root = parser.parse(json.data(), json.size());
    const bool dms = import_dms(root, options);
    if (!dms && import_nodes(root, options) == 0 && !import_fine(root, options))
      fail(ErrorKind::config,
           "this is neither a DMS table mapping with data-masking rules nor a Glue job with a "
           "PIIDetection node");
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::config, "the JSON cannot be read: {}", error.what());
  }
}

}  // namespace freshet
