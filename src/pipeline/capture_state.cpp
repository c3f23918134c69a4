#include "pipeline/capture_state.h"

namespace freshet {

namespace {

constexpr std::uint8_t kVersion = 1;

void put_progress(Bytes& out, const TableProgress& progress) {
  put_u8(out, static_cast<std::uint8_t>(progress.phase));
  put_text(out, progress.last_key);
  put_text(out, progress.spool);
  put_varint(out, progress.spooled_blocks);
  put_varint(out, progress.rows);
  put_varint(out, progress.estimate);
  Bytes schema;
  if (progress.schema) put_schema(schema, *progress.schema);
  put_text(out, schema);
}

TableProgress read_progress(ByteReader& in) {
  TableProgress progress;
  const std::uint8_t phase = in.u8();
  if (phase > static_cast<std::uint8_t>(SnapshotPhase::done))
    fail(ErrorKind::corrupt, "the stored capture state has a snapshot in phase {}", phase);
  progress.phase = static_cast<SnapshotPhase>(phase);
  progress.last_key = in.text();
  progress.spool = in.text();
  progress.spooled_blocks = in.varint();
  progress.rows = in.varint();
  progress.estimate = in.varint();
  ByteReader schema(in.text());
  if (!schema.empty()) progress.schema = std::make_shared<const TableSchema>(read_schema(schema));
  return progress;
}

}  // namespace

bool operator==(const TableProgress& a, const TableProgress& b) {
  const bool schemas = a.schema && b.schema ? *a.schema == *b.schema : a.schema == b.schema;
  return schemas && a.phase == b.phase && a.last_key == b.last_key && a.spool == b.spool &&
         a.spooled_blocks == b.spooled_blocks && a.rows == b.rows && a.estimate == b.estimate;
}

Bytes CaptureState::encode() const {
  Bytes out;
  put_u8(out, kVersion);
  put_text(out, to_json(position));
  put_varint(out, tables.size());
  for (const auto& [name, progress] : tables) {
    put_text(out, name.database);
    put_text(out, name.table);
    put_progress(out, progress);
  }
  return out;
}

CaptureState CaptureState::decode(std::string_view bytes) {
  ByteReader in(bytes);
  if (const std::uint8_t version = in.u8(); version != kVersion)
    fail(ErrorKind::corrupt, "the stored capture state has version {}, this program reads {}",
         version, kVersion);
  CaptureState state;
  state.position = position_from_json(in.text());
  for (std::uint64_t n = in.varint(); n > 0; --n) {
    TableName name;
    name.database = in.text();
    name.table = in.text();
    state.tables[name] = read_progress(in);
  }
  return state;
}

}  // namespace freshet
