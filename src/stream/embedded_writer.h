#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "stream/block_store.h"
#include "stream/durable_mark.h"
#include "stream/stream.h"

namespace freshet {

// The end of the durable part of a stream: where the writer and the readers of one process meet.
class DurableEnd {
 public:
  explicit DurableEnd(StreamOffset last) noexcept : last_(last) {}

  [[nodiscard]] StreamOffset last() const noexcept { return last_; }
  void advance(StreamOffset last);
  // Waits until `offset` is durable; says whether it is and no stop was requested.
  [[nodiscard]] bool wait_for(StreamOffset offset, std::chrono::milliseconds wait,
                              const std::stop_token& stop);

 private:
  std::atomic<StreamOffset> last_;  // written under mutex_
  std::mutex mutex_;
  std::condition_variable_any grown_;
};

// The writer of the embedded stream. append() by one thread at a time, flush() by one thread at a
// time; the two may differ.
class EmbeddedWriter final : public StreamWriter {
 public:
  EmbeddedWriter(std::filesystem::path directory, BlockStore& store, DurableMark& mark,
                 DurableEnd& end, BlockCompression compression);

  using StreamWriter::append;
  void append(const ChangeBatch& batch, std::string_view source_state,
              std::span<const StatePart> parts) override;
  void flush() override;
  [[nodiscard]] std::string source_state() const override;
  [[nodiscard]] std::vector<StatePart> source_parts() const override;
  [[nodiscard]] StreamOffset last_offset() const override;

 private:
  [[nodiscard]] StreamState appended() const;
  std::vector<std::uint64_t> put_new_schemas(rocksdb::WriteBatch& write, const ChangeBatch& batch);
  void put_changes(rocksdb::WriteBatch& write, const ChangeBatch& batch, StreamState& next);
  void require_sound() const;
  template <typename Write>
  void guarded(Write write);

  const std::filesystem::path directory_;
  BlockStore& store_;
  DurableMark& mark_;
  DurableEnd& end_;
  const BlockCompression compression_;
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;  // the two that follow
  StreamState appended_;
  std::uint64_t appends_ = 0;
  std::uint64_t flushed_ = 0;  // appends that are durable; the flushing thread's own
  std::unordered_set<std::uint64_t>
      stored_;                           // fingerprints in the store; the appending thread's own
  std::unordered_set<SchemaPtr> known_;  // the same by address, which spares hashing them anew
  Bytes packed_;                         // memory of the last block
};

}  // namespace freshet
