#include "pipeline/ingest.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/log.h"

namespace freshet {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPublishEvery{
    150};  // under load; at once when the stream is idle
constexpr std::chrono::seconds kCheckpointEvery{5};
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

Ingest::Ingest(IngestOptions options, StreamReader& reader, Lake& lake, Ledger& ledger)
    : options_(std::move(options)), reader_(reader), lake_(lake), ledger_(ledger) {
  read_checkpoint();
  StreamOffset start = applied_;
  for (const auto& [table, checkpoint] : checkpoints_) start = std::min(start, checkpoint.offset);
  reader_.seek(start);
  applied_ = start;
  checkpoint_ = start;
}

void Ingest::read_checkpoint() {
  const auto bytes = read_file_if_present(options_.checkpoint_file);
  if (!bytes) return;
  try {
    ByteReader in(*bytes);
    if (in.u8() != kCheckpointVersion) fail(ErrorKind::corrupt, "another version");
    applied_ = in.varint();
    for (std::uint64_t n = in.varint(); n > 0; --n) checkpoints_.insert(take_checkpoint(in));
  } catch (const Error& error) {
    fail(error.kind(),
         "{} is not a checkpoint of this version ({}): move it away; the lake's own positions are "
         "used then",
         options_.checkpoint_file.string(), error.what());
  }
}

void Ingest::write_checkpoint() {
  if (in_transaction_) return;
  StreamOffset settled = applied_;
  for (auto& [table, checkpoint] : checkpoints_)
    if (!sinks_.contains(table))
      checkpoint.offset = applied_;  // nothing came for it since the start
  for (const auto& [table, sink] : sinks_) {
    checkpoints_[table] = sink->checkpoint(applied_);
    settled = std::min(settled, checkpoints_[table].offset);
  }
  Bytes out;
  put_u8(out, kCheckpointVersion);
  put_varint(out, applied_);
  put_varint(out, checkpoints_.size());
  for (const auto& [table, checkpoint] : checkpoints_) put_checkpoint(out, table, checkpoint);
  replace_file(options_.checkpoint_file, out);
  checkpoint_at_ = Clock::now();
  const std::lock_guard lock(status_mutex_);
  checkpoint_ = settled;
}

void Ingest::run(std::stop_token stop) {
  update_status();
  while (!stop.stop_requested() || !drained()) {
    const bool waiting = !stop.stop_requested();
    std::optional<StreamBlock> block = reader_.next(std::chrono::milliseconds(0), {});
    if (!block) {
      publish();
      commit_due(false);
      block = reader_.next(patience(), waiting ? stop : std::stop_token());
    }
    if (block) apply(*block);
    if (Clock::now() - published_at_ >= kPublishEvery) publish();
    commit_due(false);
  }
  publish();
  commit_due(true);
  write_checkpoint();
  update_status();
}

void Ingest::apply(const StreamBlock& block) {
  ChangeCursor cursor(block.block,
                      [this](std::uint64_t fingerprint) { return reader_.schema(fingerprint); });
  StreamOffset offset = block.first;
  std::uint64_t delivered = 0;
  for (; const auto change = cursor.next(); ++offset) {
    if (offset <= applied_) continue;
    if (change->op != Op::commit) sink_of(change->schema).apply(*change, offset);
    ++delivered;
    if (change->last_of_transaction || !cursor.in_transaction())
      point_.commit_millis = change->transaction->commit_micros / 1000;
    point_.binlog_file = change->transaction->file;
    point_.binlog_position = change->transaction->offset;
    point_.gtid = change->transaction->gtid;
  }
  in_transaction_ = cursor.in_transaction();
  applied_ = std::max(applied_, block.last());
  point_.stream_offset = applied_;
  ledger_.add_delivered(delivered);
}

TableSink& Ingest::sink_of(const SchemaPtr& schema) {
  if (schema == last_schema_) return *last_sink_;
  auto& sink = sinks_[schema->name];
  if (!sink) {
    const auto found = checkpoints_.find(schema->name);
    sink = std::make_unique<TableSink>(
        lake_, options_.sink, schema,
        found == checkpoints_.end() ? std::nullopt : std::optional(found->second));
  }
  last_schema_ = schema;
  last_sink_ = sink.get();
  return *sink;
}

void Ingest::publish() {
  if (in_transaction_) return;
  for (auto& [table, sink] : sinks_) sink->publish();
  published_at_ = Clock::now();
  update_status();
}

// One table per call unless all are asked for: a commit costs tens of milliseconds, in which
// other tables' fresh rows would wait.
void Ingest::commit_due(bool all) {
  if (in_transaction_) return;
  const auto now = Clock::now();
  for (auto& [table, sink] : sinks_) {
    if (!sink->pending_since()) continue;
    const bool due = now - *sink->pending_since() >= options_.flush_interval ||
                     sink->pending_rows() >= options_.flush_rows ||
                     sink->pending_bytes() >= options_.flush_bytes;
    if (!all && !due) continue;
    sink->commit(point_);
    if (!all) break;
  }
  if (now - checkpoint_at_ >= kCheckpointEvery) write_checkpoint();
}

// How long to wait for the next block before a commit is due.
std::chrono::milliseconds Ingest::patience() const {
  auto wait = options_.flush_interval;
  const auto now = Clock::now();
  for (const auto& [table, sink] : sinks_) {
    if (!sink->pending_since()) continue;
    const auto due = *sink->pending_since() + options_.flush_interval;
    wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(due - now));
  }
  return std::clamp(wait, std::chrono::milliseconds(1), std::chrono::milliseconds(1000));
}

void Ingest::update_status() {
  IngestStatus status{.applied = applied_, .applied_micros = point_.commit_millis * 1000};
  status.committed = applied_;
  std::vector<TableFindings> findings;
  for (auto& [table, sink] : sinks_) {
    status.tables.push_back(sink->status());
    findings.push_back({.table = status.tables.back().table, .columns = sink->findings()});
    status.committed = std::min(status.committed, sink->checkpoint(applied_).offset);
  }
  const std::lock_guard lock(status_mutex_);
  status_ = std::move(status);
  findings_ = std::move(findings);
}

IngestStatus Ingest::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

std::vector<TableFindings> Ingest::findings() const {
  const std::lock_guard lock(status_mutex_);
  return findings_;
}

StreamOffset Ingest::checkpoint() const {
  const std::lock_guard lock(status_mutex_);
  return checkpoint_;
}

}  // namespace freshet
