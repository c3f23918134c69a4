#include "pipeline/capture_state.h"

namespace freshet {

namespace {

constexpr std::uint8_t kVersion = 3;
constexpr std::uint8_t kJoined = 1;
constexpr std::uint8_t kPaused = 2;
constexpr std::uint8_t kWholeBefore = 4;
constexpr std::uint8_t kEmptyFirst = 8;

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
  put_u8(out, static_cast<std::uint8_t>((progress.joined ? kJoined : 0) |
                                        (progress.paused ? kPaused : 0) |
                                        (progress.whole_before ? kWholeBefore : 0) |
                                        (progress.empty_first ? kEmptyFirst : 0)));
  put_text(out, progress.where);
}

TableProgress read_progress(ByteReader& in) {
  TableProgress progress;
  const std::uint8_t phase = in.u8();
  if (phase > static_cast<std::uint8_t>(SnapshotPhase::cancelled))
    fail(ErrorKind::corrupt, "the stored capture state has a snapshot in phase {}", phase);
  progress.phase = static_cast<SnapshotPhase>(phase);
  progress.last_key = in.text();
  progress.spool = in.text();
  progress.spooled_blocks = in.varint();
  progress.rows = in.varint();
  progress.estimate = in.varint();
  progress.schema = read_optional_schema(in);
  const std::uint8_t flags = in.u8();
  progress.joined = (flags & kJoined) != 0;
  progress.paused = (flags & kPaused) != 0;
  progress.whole_before = (flags & kWholeBefore) != 0;
  progress.empty_first = (flags & kEmptyFirst) != 0;
  progress.where = in.text();
  return progress;
}

}  // namespace

bool operator==(const TableProgress& a, const TableProgress& b) {
  const bool schemas = a.schema && b.schema ? *a.schema == *b.schema : a.schema == b.schema;
  return schemas && a.phase == b.phase && a.last_key == b.last_key && a.spool == b.spool &&
         a.spooled_blocks == b.spooled_blocks && a.rows == b.rows && a.estimate == b.estimate &&
         a.joined == b.joined && a.paused == b.paused && a.whole_before == b.whole_before &&
         a.empty_first == b.empty_first && a.where == b.where;
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
  const std::uint8_t version = in.u8();
  if (version != kVersion)
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
