#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lake/iceberg_table.h"
#include "lake/lake.h"

namespace freshet {

// Our keys in the summary of an Iceberg snapshot. The commit id is new for every commit: by it an
// index or a writer that does not know how a publication ended recognizes its own.
inline constexpr std::string_view kCommitIdKey = "freshet.commit-id";
inline constexpr std::string_view kStreamOffsetKey = "freshet.stream-offset";

[[nodiscard]] std::map<std::string, std::string> commit_summary(const CommitPoint& point,
                                                                std::string_view commit_id);
// Stream offset of the table's last commit; 0 before the first.
[[nodiscard]] std::uint64_t committed_offset_of(const IcebergTable& table);

// Commits. An unknown outcome is looked up: it returns if the commit is there, and throws
// Error{unknown_outcome} if it is not.
void commit_table(IcebergTable& table, const TableCommit& change, std::string_view commit_id);

}  // namespace freshet
