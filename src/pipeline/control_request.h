#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/snapshot_request.h"
#include "query/result_writer.h"

namespace freshet {

// What a client asks a running pipeline for, one line of JSON:
//   {"command":"status"}                                        -> run_status.h's JSON
//   {"command":"pii"}                                           -> pii_report.h's JSON
//   {"command":"query","sql":"...","format":"csv","limit":10}   -> the rendered result
//   {"command":"verify","tables":["shop.users"]}                -> lines of JSON (verify.h)
//   {"command":"snapshot","action":"load","tables":["shop.users"],"where":"id > 7",
//    "empty_first":false}                                       -> a line of text for each table
struct ControlRequest {
  std::string command;
  std::string sql;
  ResultFormat format = ResultFormat::table;
  std::optional<std::uint64_t> row_limit;
  std::vector<std::string> tables;
  SnapshotRequest snapshot;
};

[[nodiscard]] std::string to_json(const ControlRequest& request);
[[nodiscard]] ControlRequest parse_request(std::string_view json);  // throws Error{usage}

}  // namespace freshet
