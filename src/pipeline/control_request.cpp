#include "pipeline/control_request.h"

#include <simdjson.h>

#include "base/error.h"
#include "base/json_text.h"

namespace freshet {

namespace {

std::string snapshot_json(const SnapshotRequest& request) {
  std::string tables;
  for (const std::string& table : request.tables)
    tables += (tables.empty() ? "" : ",") + json_quote(table);
  return fmt::format(R"(,"action":"{}","tables":[{}],"where":{},"empty_first":{})",
                     name_of(request.action), tables, json_quote(request.where),
                     request.empty_first);
}

SnapshotRequest parse_snapshot(simdjson::dom::element root) {
  SnapshotRequest request;
  request.action = snapshot_action_of(root["action"]);
  for (const simdjson::dom::element table : simdjson::dom::array(root["tables"]))
    request.tables.emplace_back(std::string_view(table));
  request.where = std::string_view(root["where"]);
  request.empty_first = bool(root["empty_first"]);
  return request;
}

}  // namespace

std::string to_json(const ControlRequest& request) {
  std::string out = "{\"command\":" + json_quote(request.command);
  if (!request.sql.empty())
    out +=
        fmt::format(R"(,"sql":{},"format":"{}")", json_quote(request.sql), name_of(request.format));
  if (request.row_limit) out += fmt::format(R"(,"limit":{})", *request.row_limit);
  if (request.command == "verify") {
    out += ",\"tables\":[";
    for (const std::string& table : request.tables)
      out += (out.ends_with('[') ? "" : ",") + json_quote(table);
    out += ']';
  }
  if (request.command == "snapshot") out += snapshot_json(request.snapshot);
  return out + "}";
}

ControlRequest parse_request(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(json.data(), json.size());
    ControlRequest request;
    request.command = std::string_view(root["command"]);
    if (request.command == "verify")
      for (const std::string_view table : root["tables"].get_array())
        request.tables.emplace_back(table);
    if (request.command == "snapshot") request.snapshot = parse_snapshot(root);
    if (request.command != "query") return request;
    request.sql = std::string_view(root["sql"]);
    const std::string_view format = root["format"];
    const auto known = result_format_of(format);
    if (!known)
      fail(ErrorKind::usage, "there is no result format {}: use table, csv, json or parquet",
           format);
    request.format = *known;
    if (std::uint64_t limit = 0; root["limit"].get(limit) == simdjson::SUCCESS)
      request.row_limit = limit;
    return request;
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::usage, "the control socket got a request that is no valid JSON: {}",
         error.what());
  }
}

}  // namespace freshet
