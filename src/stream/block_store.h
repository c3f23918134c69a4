#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/temporary_directory.h"
#include "stream/embedded_stream.h"
#include "stream/stream.h"

namespace freshet {

// What one atomic write leaves behind beside the block.
struct StreamState {
  StreamOffset last = 0;
  std::int64_t append_micros = 0;  // of the last block; block times never fall
  Bytes source_state;
};

// Where a block lies, without its changes.
struct BlockPlace {
  StreamOffset first = 0;
  StreamOffset last = 0;
  std::int64_t append_micros = 0;
};

enum class StoreMode : std::uint8_t {
  create,     // read and write; makes what is missing
  write,      // read and write what is there
  read_only,  // as it is at this moment; writes nothing
  follow,     // beside a writing process; catch_up() brings what it wrote since
};

// RocksDB with the column families of a stream (embedded_stream.h): opening, reading, and the
// translation of its status into our errors. Thread-safe.
class BlockStore {
 public:
  // Throws Error{corrupt} where files are damaged or missing, Error{unavailable} for the disk's
  // faults.
  BlockStore(std::filesystem::path directory, const EmbeddedStreamOptions& options, StoreMode mode);
  ~BlockStore();
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;

  [[nodiscard]] StreamState state() const;
  [[nodiscard]] StreamOffset first_offset() const;
  // The block that begins with this change, nothing if there is none.
  [[nodiscard]] std::optional<StreamBlock> block_at(StreamOffset first) const;
  // The block that holds this change, wherever in it.
  [[nodiscard]] std::optional<StreamBlock> block_holding(StreamOffset offset) const;
  [[nodiscard]] std::optional<BlockPlace> place_of(StreamOffset offset) const;
  // Null if there is none.
  [[nodiscard]] SchemaPtr schema(std::uint64_t fingerprint) const;
  [[nodiscard]] std::vector<std::uint64_t> fingerprints() const;
  [[nodiscard]] std::uint64_t size_bytes() const;
  // Bytes of the blocks from this change on, roughly.
  [[nodiscard]] std::uint64_t bytes_from(StreamOffset first) const;

  [[nodiscard]] std::vector<StatePart> parts() const;

  // Parts of one atomic write.
  void put_state(rocksdb::WriteBatch& batch, const StreamState& state) const;
  void put_part(rocksdb::WriteBatch& batch, std::string_view key, std::string_view content) const;
  void put_schema(rocksdb::WriteBatch& batch, std::uint64_t fingerprint,
                  const TableSchema& schema) const;
  void put_block(rocksdb::WriteBatch& batch, StreamOffset first, std::string_view value) const;
  // Writes into the log's buffer and the memory tables.
  void write(rocksdb::WriteBatch& batch);
  // One synced write of the log: all writes before are durable.
  void sync();
  // Deletes all blocks before `first`, which begins a block; durable on return.
  void drop_before(StreamOffset first);
  // Moves everything out of the log and rewrites the files, so that deleted blocks leave the disk.
  void rewrite_before(StreamOffset first);

  // Requires StoreMode::follow.
  void catch_up();

 private:
  [[nodiscard]] std::optional<Bytes> get(rocksdb::ColumnFamilyHandle* family,
                                         std::string_view key) const;
  template <typename Read>
  auto with_block_holding(StreamOffset offset, Read read) const
      -> std::optional<decltype(read(StreamOffset{}, std::string_view{}))>;
  [[noreturn]] void fail_with(const rocksdb::Status& status, const char* doing) const;
  void check(const rocksdb::Status& status, const char* doing) const;
  void close() noexcept;

  std::filesystem::path directory_;
  std::optional<TemporaryDirectory> follower_directory_;  // RocksDB's own log of a follower
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* blocks_ = nullptr;
  rocksdb::ColumnFamilyHandle* schemas_ = nullptr;
  mutable std::mutex schema_mutex_;
  mutable std::unordered_map<std::uint64_t, SchemaPtr> schema_cache_;
};

}  // namespace freshet
