#include "lake/commit_summary.h"

#include <charconv>

namespace freshet {

std::map<std::string, std::string> commit_summary(const CommitPoint& point,
                                                  std::string_view commit_id) {
  std::map<std::string, std::string> summary = {
      {std::string(kCommitIdKey), std::string(commit_id)},
      {std::string(kStreamOffsetKey), std::to_string(point.stream_offset)},
      {"freshet.binlog-file", point.binlog_file},
      {"freshet.binlog-pos", std::to_string(point.binlog_position)},
      {"freshet.gtid", point.gtid},
      {"freshet.source-id", point.source_id},
      {"freshet.commit-ts-ms", std::to_string(point.commit_millis)}};
  summary.insert(point.notes.begin(), point.notes.end());
  return summary;
}

std::uint64_t committed_offset_of(const IcebergTable& table) {
  const auto text = table.summary(kStreamOffsetKey);
  if (!text) return 0;
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), offset);
  if (error != std::errc() || end != text->data() + text->size())
    fail(ErrorKind::corrupt, "{}: the snapshot's {} is '{}', not a number", table.location(),
         kStreamOffsetKey, *text);
  return offset;
}

void commit_table(IcebergTable& table, const TableCommit& change, std::string_view commit_id) {
  try {
    table.commit(change);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unknown_outcome) throw;
    table.refresh();
    if (table.summary(kCommitIdKey) != commit_id) throw;
  }
}

}  // namespace freshet
