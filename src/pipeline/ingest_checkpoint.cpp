#include "pipeline/ingest_checkpoint.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"

namespace freshet {

namespace {

constexpr std::uint8_t kCheckpointVersion = 1;

void put_checkpoint(Bytes& out, const TableName& table, const SinkCheckpoint& checkpoint) {
  put_text(out, table.database);
  put_text(out, table.table);
  put_varint(out, checkpoint.offset);
  put_varint(out, checkpoint.mirror);
  put_varint(out, checkpoint.history);
  put_u8(out,
         static_cast<std::uint8_t>((checkpoint.begun ? 1 : 0) | (checkpoint.complete ? 2 : 0)));
}

std::pair<TableName, SinkCheckpoint> take_checkpoint(ByteReader& in) {
  TableName table;
  table.database = in.text();
  table.table = in.text();
  SinkCheckpoint checkpoint;
  checkpoint.offset = in.varint();
  checkpoint.mirror = in.varint();
  checkpoint.history = in.varint();
  const std::uint8_t flags = in.u8();
  checkpoint.begun = (flags & 1) != 0;
  checkpoint.complete = (flags & 2) != 0;
  return {table, checkpoint};
}

}  // namespace

StreamOffset IngestCheckpoint::committed() const {
  StreamOffset least = applied;
  for (const auto& [table, checkpoint] : tables) least = std::min(least, checkpoint.offset);
  return least;
}

std::optional<IngestCheckpoint> IngestCheckpoint::read(const std::filesystem::path& file) {
  const auto bytes = read_file_if_present(file);
  if (!bytes) return std::nullopt;
  try {
    ByteReader in(*bytes);
    if (in.u8() != kCheckpointVersion) fail(ErrorKind::corrupt, "another version");
    IngestCheckpoint checkpoint{.applied = in.varint(), .tables = {}};
    for (std::uint64_t n = in.varint(); n > 0; --n) checkpoint.tables.insert(take_checkpoint(in));
    return checkpoint;
  } catch (const Error& error) {
    fail(error.kind(),
         "{} is not a checkpoint of this version ({}): move it away; the lake's own positions are "
         "used then",
         file.string(), error.what());
  }
}

void IngestCheckpoint::write(const std::filesystem::path& file) const {
  Bytes out;
  put_u8(out, kCheckpointVersion);
  put_varint(out, applied);
  put_varint(out, tables.size());
  for (const auto& [table, checkpoint] : tables) put_checkpoint(out, table, checkpoint);
  replace_file(file, out);
}

}  // namespace freshet
