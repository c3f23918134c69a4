#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/table_meeting.h"
#include "pipeline/table_sink.h"

namespace freshet {

// Receives what a verification tells, one JSON object a call:
//   {"progress":{"table":"shop.users","number":1,"of":3,"side":"source","rows":70000,"expected":90000}}
//   {"table":{"table":"shop.users","lake_table":"users","result":"equal",...}}   once per table
// and as the last one {"equal":true}.
using VerifySink = std::function<void(std::string_view json)>;

struct VerifyOptions {
  std::vector<std::string> tables;  // "schema.table", "table", or a pattern with *; empty = all
  TableMapping mapping;             // as the capture has it: rows are shaped alike
  SinkOptions sink;                 // as the ingest loop has it: rows are masked alike
  std::stop_token stop;
};

// Compares tables of source and lake, each at one place of the log, row by row as masked. Throws
// Error{usage} for a table that is not followed, and what the source or the lake throws; a table
// that cannot be compared now is told in its result.
void verify_tables(const VerifyOptions& options, MeetingPlace& place, const VerifySink& sink);

}  // namespace freshet
