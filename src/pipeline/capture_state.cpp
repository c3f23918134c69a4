#include "pipeline/capture_state.h"

namespace freshet {

namespace {

constexpr std::uint8_t kVersion = 2;

void put_name(Bytes& out, const TableName& name) {
  put_text(out, name.database);
  put_text(out, name.table);
}

TableName read_name(ByteReader& in) {
  TableName name;
  name.database = in.text();
  name.table = in.text();
  return name;
}

void put_optional_schema(Bytes& out, const SchemaPtr& schema) {
  Bytes content;
  if (schema) put_schema(content, *schema);
  put_text(out, content);
}

SchemaPtr read_optional_schema(ByteReader& in) {
  ByteReader content(in.text());
  if (content.empty()) return nullptr;
  return std::make_shared<const TableSchema>(read_schema(content));
}

void put_progress(Bytes& out, const TableProgress& progress) {
  put_u8(out, static_cast<std::uint8_t>(progress.phase));
  put_text(out, progress.last_key);
  put_text(out, progress.spool);
  put_varint(out, progress.spooled_blocks);
  put_varint(out, progress.rows);
  put_varint(out, progress.estimate);
  put_optional_schema(out, progress.schema);
  put_u8(out, progress.joined ? 1 : 0);
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
  progress.schema = read_optional_schema(in);
  progress.joined = in.u8() != 0;
  return progress;
}

}  // namespace

bool operator==(const TableProgress& a, const TableProgress& b) {
  const bool schemas = a.schema && b.schema ? *a.schema == *b.schema : a.schema == b.schema;
  return schemas && a.phase == b.phase && a.last_key == b.last_key && a.spool == b.spool &&
         a.spooled_blocks == b.spooled_blocks && a.rows == b.rows && a.estimate == b.estimate &&
         a.joined == b.joined;
}

Bytes CaptureState::encode() const {
  Bytes out;
  put_u8(out, kVersion);
  put_text(out, to_json(position));
  put_varint(out, tables.size());
  for (const auto& [name, progress] : tables) {
    put_name(out, name);
    put_progress(out, progress);
  }
  put_varint(out, removed.size());
  for (const auto& [name, schema] : removed) {
    put_name(out, name);
    put_optional_schema(out, schema);
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
    const TableName name = read_name(in);
    state.tables[name] = read_progress(in);
  }
  for (std::uint64_t n = in.varint(); n > 0; --n) {
    const TableName name = read_name(in);
    state.removed[name] = read_optional_schema(in);
  }
  return state;
}

}  // namespace freshet
