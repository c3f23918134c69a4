#include "pipeline/control_request.h"

#include <simdjson.h>

#include "base/error.h"
#include "base/json_text.h"

namespace freshet {

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
