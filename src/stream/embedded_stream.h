#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "stream/stream.h"

namespace freshet {

enum class BlockCompression : std::uint8_t { none, lz4 };

struct EmbeddedStreamOptions {
  std::chrono::milliseconds retention = std::chrono::hours(24);
  std::uint64_t max_bytes = 0;  // the stream sheds its oldest blocks beyond this; 0 = no bound
  BlockCompression compression = BlockCompression::lz4;
  std::size_t write_buffer_bytes = std::size_t{16} << 20;  // two of them at most
  std::size_t block_cache_bytes = std::size_t{16} << 20;
};

// The stream on local disk: RocksDB in one directory, one writing process, any number of readers in
// that process and in others.
//
// Column families:
//   blocks    shard u16 BE | first offset u64 BE -> append_micros i64 LE, count varint, form u8,
//             block; a compressed one as its head, its body's size varint, and the body. One shard
//             so far, number 0.
//   schemas   fingerprint u64 BE -> put_schema()
//   default   "state" -> last offset u64 LE, append_micros i64 LE of the last block, source state;
//             "part/" + key -> a part of the source state;
//             "first" -> offset u64 LE of the oldest change kept
// Beside RocksDB's files stands `durable`: the lock of the writing process, and the offset after
// the last durable change for readers in other processes. Recovery compares it with what RocksDB
// brings back, so a log that lost its acknowledged end is seen as damage.
//
// Thread-safe, but for the writer: append() by one thread at a time, flush() by one thread at a
// time; the two may differ, so that appending goes on while a flush waits for the disk.
class EmbeddedStream {
 public:
  // Opens for writing; makes the directory where there is none. Throws Error{config} if another
  // process writes here or the directory holds something else, Error{corrupt} if it is damaged
  // (nothing is changed then), Error{unavailable} if the disk refuses.
  [[nodiscard]] static std::unique_ptr<EmbeddedStream> open(
      const std::filesystem::path& directory, const EmbeddedStreamOptions& options = {});
  // Opens for reading while another process may be writing. Changes nothing in the directory.
  [[nodiscard]] static std::unique_ptr<EmbeddedStream> open_reader(
      const std::filesystem::path& directory);

  virtual ~EmbeddedStream() = default;
  EmbeddedStream(const EmbeddedStream&) = delete;
  EmbeddedStream& operator=(const EmbeddedStream&) = delete;

  // The one writer; requires open().
  [[nodiscard]] virtual StreamWriter& writer() = 0;
  // A reader that starts at the oldest change kept. The stream must outlive it.
  [[nodiscard]] virtual std::unique_ptr<StreamReader> reader() = 0;

  // The oldest change kept; last_offset() + 1 where there is none.
  [[nodiscard]] virtual StreamOffset first_offset() = 0;
  // The last durable change; 0 in a new stream.
  [[nodiscard]] virtual StreamOffset last_offset() = 0;
  // The source state that was stored with the last durable change, or after it.
  [[nodiscard]] virtual std::string source_state() = 0;
  [[nodiscard]] virtual std::vector<StatePart> source_parts() = 0;
  // Bytes on disk and in memory tables, roughly.
  [[nodiscard]] virtual std::uint64_t size_bytes() = 0;
  // Where to seek() for the first block appended at `micros` or later (microseconds since the
  // epoch): last_offset() if there is none yet.
  [[nodiscard]] virtual StreamOffset offset_before(std::int64_t micros) = 0;

  // Deletes the blocks that are wholly below `keep_from` and either older than `age` or beyond
  // max_bytes. `keep_from` is the first change that some reader still needs (its checkpoint + 1).
  // Requires open(). Disk space comes back as whole files fall below the line; a stream smaller
  // than a write buffer is rewritten at once, so that rows past their retention really go.
  virtual void trim(StreamOffset keep_from, std::chrono::milliseconds age) = 0;
  // The same with the retention of the options.
  virtual void trim(StreamOffset keep_from) = 0;

 protected:
  EmbeddedStream() = default;
};

}  // namespace freshet
