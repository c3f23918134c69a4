#include "stream/embedded_writer.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "stream/block_format.h"

namespace freshet {
namespace {

// Schemas known by address at a time: more than the tables of most sources.
constexpr std::size_t kMostKnown = 4096;
// Memory that is worth keeping for the next block.
constexpr std::size_t kMostKept = std::size_t{4} << 20;

}  // namespace

void DurableEnd::advance(StreamOffset last) {
  {
    const std::lock_guard lock(mutex_);
    last_ = last;
  }
  grown_.notify_all();
}

bool DurableEnd::wait_for(StreamOffset offset, std::chrono::milliseconds wait,
                          const std::stop_token& stop) {
  if (last_ < offset) {
    std::unique_lock lock(mutex_);
    grown_.wait_for(lock, stop, wait, [&] { return last_ >= offset; });
  }
  return last_ >= offset && !stop.stop_requested();
}

EmbeddedWriter::EmbeddedWriter(std::filesystem::path directory, BlockStore& store,
                               DurableMark& mark, DurableEnd& end, BlockCompression compression)
    : directory_(std::move(directory)),
      store_(store),
      mark_(mark),
      end_(end),
      compression_(compression),
      appended_(store.state()) {
  for (const std::uint64_t fingerprint : store_.fingerprints()) stored_.insert(fingerprint);
}

void EmbeddedWriter::append(const ChangeBatch& batch, std::string_view source_state,
                            std::span<const StatePart> parts) {
  require_sound();
  StreamState next = appended();
  next.source_state = source_state;
  rocksdb::WriteBatch write;
  std::vector<std::uint64_t> added;
  if (!batch.empty()) {
    added = put_new_schemas(write, batch);
    put_changes(write, batch, next);
  }
  store_.put_state(write, next);
  for (const auto& [key, content] : parts) store_.put_part(write, key, content);
  guarded([&] { store_.write(write); });
  stored_.insert(added.begin(), added.end());
  const std::lock_guard lock(mutex_);
  appended_ = std::move(next);
  ++appends_;
}

void EmbeddedWriter::flush() {
  require_sound();
  StreamOffset last = 0;
  std::uint64_t appends = 0;
  {
    const std::lock_guard lock(mutex_);
    last = appended_.last;
    appends = appends_;
  }
  if (appends == flushed_) return;
  guarded([&] {
    store_.sync();
    if (last != end_.last()) mark_.set_next(last + 1);
  });
  flushed_ = appends;
  end_.advance(last);
}

std::string EmbeddedWriter::source_state() const { return appended().source_state; }

std::vector<StatePart> EmbeddedWriter::source_parts() const { return store_.parts(); }

StreamOffset EmbeddedWriter::last_offset() const { return appended().last; }

StreamState EmbeddedWriter::appended() const {
  const std::lock_guard lock(mutex_);
  return appended_;
}

// The fingerprints that are new with this batch.
std::vector<std::uint64_t> EmbeddedWriter::put_new_schemas(rocksdb::WriteBatch& write,
                                                           const ChangeBatch& batch) {
  std::vector<std::uint64_t> added;
  if (known_.size() > kMostKnown) known_.clear();
  for (const SchemaPtr& schema : batch.schemas()) {
    if (!known_.insert(schema).second) continue;
    const std::uint64_t fingerprint = schema->fingerprint();
    if (stored_.contains(fingerprint)) continue;
    store_.put_schema(write, fingerprint, *schema);
    added.push_back(fingerprint);
  }
  return added;
}

void EmbeddedWriter::put_changes(rocksdb::WriteBatch& write, const ChangeBatch& batch,
                                 StreamState& next) {
  // Block times never fall, although the clock may: searches by time halve the stream.
  next.append_micros = std::max(next.append_micros, now_micros());
  const BlockHead head{next.append_micros, batch.changes()};
  packed_ = put_block(head, batch, compression_, std::move(packed_));
  store_.put_block(write, next.last + 1, packed_);
  if (packed_.capacity() > kMostKept) Bytes().swap(packed_);
  next.last += batch.changes();
}

// After a failed write RocksDB may hold more than its log: only opening the stream anew says what
// is there. Until then this writer refuses.
void EmbeddedWriter::require_sound() const {
  if (failed_)
    fail(ErrorKind::unavailable,
         "the stream in {} stopped at a failed write: it has to be opened again",
         directory_.string());
}

template <typename Write>
void EmbeddedWriter::guarded(Write write) {
  try {
    write();
  } catch (...) {
    failed_ = true;
    throw;
  }
}

}  // namespace freshet
