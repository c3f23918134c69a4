#include "pipeline/ingest.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "pipeline/ingest_checkpoint.h"

namespace freshet {

namespace {

using Clock = std::chrono::steady_clock;

// Under load; at once when the stream is idle.
constexpr std::chrono::milliseconds kPublishEvery{150};
// With a backlog: what is seen then is old, and each commit shows it, too.
constexpr std::chrono::milliseconds kPublishBehindEvery{2'000};
// So long without having met the end of the stream is a backlog.
constexpr std::chrono::milliseconds kBehindAfter{1'000};
constexpr std::chrono::seconds kCheckpointEvery{5};
}  // namespace

Ingest::Ingest(IngestOptions options, StreamReader& reader, Lake& lake, Ledger& ledger)
    : options_(std::move(options)), ledger_(ledger) {
  if (auto checkpoint = IngestCheckpoint::read(options_.checkpoint_file)) {
    applied_ = checkpoint->committed();
    checkpoints_ = std::move(checkpoint->tables);
  }
  reader.seek(applied_);
  checkpoint_ = applied_;
  preparer_.emplace(reader, applied_,
                    [&lake, sink = options_.sink, from = checkpoints_](const SchemaPtr& schema) {
                      const auto found = from.find(schema->name);
                      return std::make_unique<TableSink>(
                          lake, sink, schema,
                          found == from.end() ? std::nullopt : std::optional(found->second));
                    });
}

void Ingest::write_checkpoint() {
  if (in_transaction_) return;
  for (auto& [table, checkpoint] : checkpoints_)
    if (!sinks_.contains(table))
      checkpoint.offset = applied_;  // nothing came for it since the start
  for (const auto& [table, sink] : sinks_) {
    checkpoints_[table] = sink->checkpoint(applied_);
  }
  const IngestCheckpoint checkpoint{.applied = applied_, .tables = checkpoints_};
  checkpoint.write(options_.checkpoint_file);
  checkpoint_at_ = Clock::now();
  const std::lock_guard lock(status_mutex_);
  checkpoint_ = checkpoint.committed();
}

void Ingest::run(std::stop_token stop) {
  update_status();
  while (!stop.stop_requested() || !drained()) {
    const auto block = next_block(stop.stop_requested() ? std::stop_token() : stop);
    if (block) apply(*block);
    show_looks();
    if (block && block->caught_up) caught_up_at_ = Clock::now();
    if (publish_is_due(block && block->caught_up)) publish();
    commit_due(false);
  }
  commit_due(true);
  write_checkpoint();
  update_status();
}

bool Ingest::publish_is_due(bool caught_up) const {
  const auto now = Clock::now();
  const bool behind = now - caught_up_at_ >= kBehindAfter;
  return caught_up || now - published_at_ >= (behind ? kPublishBehindEvery : kPublishEvery);
}

// Waits for a block until a commit or a look is due.
std::unique_ptr<PreparedBlock> Ingest::next_block(const std::stop_token& stop) {
  std::stop_source wake;
  {
    const std::lock_guard lock(looks_mutex_);
    if (look_is_due()) return nullptr;
    wake_ = wake;
  }
  const std::stop_callback forward(stop, [&] { wake.request_stop(); });
  return preparer_->next(patience(), wake.get_token());
}

void Ingest::look_at(StreamOffset offset, std::function<void()> look) {
  const std::lock_guard lock(looks_mutex_);
  looks_.push_back({offset, std::move(look)});
  wake_.request_stop();
}

bool Ingest::look_is_due() const {
  return std::ranges::any_of(looks_, [this](const Look& look) { return look.offset <= applied_; });
}

// Blocks never reach over the end of the stream at the time when a look was asked for, so each is
// met exactly.
void Ingest::show_looks() {
  std::vector<Look> due;
  {
    const std::lock_guard lock(looks_mutex_);
    const auto later =
        std::ranges::partition(looks_, [this](const Look& look) { return look.offset > applied_; });
    std::ranges::move(later, std::back_inserter(due));
    looks_.erase(later.begin(), later.end());
  }
  if (due.empty()) return;
  publish();
  for (const Look& look : due) look.call();
}

void Ingest::apply(PreparedBlock& block) {
  StreamOffset offset = block.block.first;
  std::uint64_t delivered = 0;
  auto row = block.rows.begin();
  for (; const auto change = block.changes.next(); ++offset, ++row) {
    if (offset <= applied_) continue;
    if (row->sink != nullptr) {
      if (row->sink != last_sink_) {
        last_sink_ = row->sink;
        sinks_.emplace(change->schema->name, last_sink_);
      }
      last_sink_->apply(*change, offset, *row, block.cells);
    }
    ++delivered;
    if (change->last_of_transaction || !block.changes.in_transaction())
      point_.commit_millis = change->transaction->commit_micros / 1000;
    point_.binlog_file = change->transaction->file;
    point_.binlog_position = change->transaction->offset;
    point_.gtid = change->transaction->gtid;
    if (change->last_of_transaction && last_sink_ && is_large(*last_sink_)) commit_at(offset);
  }
  in_transaction_ = block.changes.in_transaction();
  applied_ = std::max(applied_, block.block.last());
  point_.stream_offset = applied_;
  ledger_.add_delivered(delivered);
}

// Blocks end anywhere: under load nearly each one within a transaction, which would have to be
// staged. So what is due is committed where a transaction ends.
void Ingest::commit_at(StreamOffset end_of_transaction) {
  in_transaction_ = false;
  applied_ = end_of_transaction;
  point_.stream_offset = applied_;
  commit_due(false);
}

void Ingest::publish() {
  if (in_transaction_) return;
  for (auto& [table, sink] : sinks_) sink->publish();
  published_at_ = Clock::now();
  update_status();
}

bool Ingest::is_large(const TableSink& sink) const {
  return sink.held_rows() >= options_.flush_rows || sink.held_bytes() >= options_.flush_bytes;
}

// The table that has to go out of memory; null where none has to.
TableSink* Ingest::fullest() const {
  TableSink* fullest = nullptr;
  std::size_t total = 0;
  for (const auto& [table, sink] : sinks_) {
    if (is_large(*sink)) return sink;
    total += sink->held_bytes();
    if (!fullest || sink->held_bytes() > fullest->held_bytes()) fullest = sink;
  }
  return total >= options_.flush_bytes ? fullest : nullptr;
}

// Within a transaction, which may be larger than memory, tables go into files not yet seen.
void Ingest::relieve_memory() {
  while (TableSink* const sink = fullest()) {
    if (in_transaction_)
      sink->stage();
    else
      sink->commit(point_);
    trim_memory();
  }
}

// Of those whose time has come, one table per call unless all are asked for: a commit costs tens of
// milliseconds, in which other tables' fresh rows would wait.
void Ingest::commit_due(bool all) {
  relieve_memory();
  if (in_transaction_) return;
  const auto now = Clock::now();
  for (auto& [table, sink] : sinks_) {
    if (!sink->pending_since()) continue;
    if (!all && now - *sink->pending_since() < options_.flush_interval) continue;
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
