#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/row_digest.h"

namespace freshet {

using RowSink = std::function<void(const LakeRow&)>;

// Both sides of a table at one and the same moment. Each is read once, the lake first: what the
// lake keeps for us weighs on the running pipeline.
struct TableReading {
  std::function<void(const RowSink&)> lake;
  std::function<void(const RowSink&)> source;
};

struct RowDifference {
  enum class Kind : std::uint8_t { missing, extra, changed };  // as seen from the source
  Kind kind = Kind::missing;
  std::string key;                   // JSON object; of a table without a key: "{}"
  std::string digest;                // without a key: 32 hex digits that stand for the whole row
  std::uint64_t times = 1;           // without a key: how many of the row
  std::vector<std::string> columns;  // changed: names of those that differ
};

[[nodiscard]] std::string_view name_of(RowDifference::Kind kind) noexcept;

struct ComparisonResult {
  std::uint64_t source_rows = 0;
  std::uint64_t lake_rows = 0;
  std::uint64_t ranges_different = 0;
  int readings = 0;
  // Rows of the ranges that were looked into; all of those that differ if `complete`.
  std::uint64_t missing = 0, extra = 0, changed = 0;
  bool complete = true;
  std::vector<RowDifference> differences;  // the first ones

  [[nodiscard]] bool equal() const noexcept { return ranges_different == 0; }
};

struct ComparisonOptions {
  std::string secret;                  // of the installation, 32 bytes
  std::vector<std::string> key;        // lake names of the key columns; empty = a multiset of rows
  std::vector<std::string> ignored;    // lake names of columns that are not compared
  std::size_t most_rows = 200'000;     // kept in memory to tell what differs
  std::size_t most_differences = 100;  // named
  int most_readings = 3;
};

// Compares a table's two sides: first counts and checksums per range of keys; where a range
// differs, both sides are read again, at another moment, and the rows of those ranges are compared
// one by one. A difference that the later reading no longer has is none. Memory is bounded.
[[nodiscard]] ComparisonResult compare_table(const ComparisonOptions& options,
                                             const std::function<TableReading()>& read);

}  // namespace freshet
