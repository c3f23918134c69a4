#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "lake/lake.h"
#include "query/result_writer.h"

namespace freshet {

struct QueryOptions {
  ResultFormat format = ResultFormat::table;
  std::optional<std::uint64_t> row_limit;  // rows beyond it are not computed
  std::stop_token stop;                    // a request ends the query with Error{failed}
};

// Runs SQL over a lake. A query sees one published state of all tables, whatever writers do
// meanwhile. Only statements that read are let in: SELECT, WITH, VALUES, SHOW, DESCRIBE, EXPLAIN.
// Any number of threads may run queries at once. All together they have LakeOptions::query_memory,
// and query_disk beside it; Error{unavailable} where that is too little for one.
class QueryEngine {
 public:
  explicit QueryEngine(Lake& lake) noexcept : lake_(lake) {}

  // Gives the result to `sink` piece by piece, in bounded memory whatever its size (but for a
  // table's column widths, which are taken from its first rows). Throws Error{usage} with
  // DuckDB's reason in one line where the statement is not one to run. Returns the row count.
  std::uint64_t run(std::string_view sql, const QueryOptions& options, const ResultSink& sink);

  // The same with a writer of the caller's own; options.format is not looked at.
  std::uint64_t run(std::string_view sql, const QueryOptions& options, ResultWriter& writer);

 private:
  Lake& lake_;
};

}  // namespace freshet
