#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/change.h"

namespace freshet {

// Number of a change in the stream: 1, 2, 3 ... without gaps; 0 = before the first.
using StreamOffset = std::uint64_t;

// A block as it was appended: encoded changes (model/change.h) with the offsets from first to
// last().
struct StreamBlock {
  StreamOffset first = 0;
  std::uint64_t count = 0;
  std::int64_t append_micros = 0;  // wall clock at append, microseconds since the epoch
  Bytes block;

  [[nodiscard]] StreamOffset last() const noexcept { return first + count - 1; }
};

// A named part of the source state: key and content.
using StatePart = std::pair<std::string, Bytes>;

// The writing side. One writer at a time. After append() the changes are in the stream's order but
// may be lost by a crash; after flush() returns they are durable, together with the source state
// that was appended with them: either both are there after a crash or neither.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // `source_state` is opaque to the stream and replaces the state before; so is each of `parts`,
  // which replaces the part of that key, or removes it where the content is empty. A batch without
  // changes only stores the state. Throws Error{unavailable} where the disk refuses; nothing is
  // then written, and the stream has to be opened again.
  virtual void append(const ChangeBatch& batch, std::string_view source_state,
                      std::span<const StatePart> parts) = 0;
  void append(const ChangeBatch& batch, std::string_view source_state) {
    append(batch, source_state, {});
  }
  virtual void flush() = 0;
  // The state that was appended last; empty for a new stream.
  [[nodiscard]] virtual std::string source_state() const = 0;
  // The parts as they were when the stream was opened or last appended to.
  [[nodiscard]] virtual std::vector<StatePart> source_parts() const = 0;
  [[nodiscard]] virtual StreamOffset last_offset() const = 0;
};

// The reading side; each reader has a place of its own. Gives only durable blocks.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // The next block given will be the one that holds the change after `offset` (earlier changes of
  // that block included). Throws Error{lost_position} if that change is no longer kept.
  virtual void seek(StreamOffset offset) = 0;
  // The next block; waits up to `wait` for one, returns nothing on time-out or stop.
  virtual std::optional<StreamBlock> next(std::chrono::milliseconds wait, std::stop_token stop) = 0;
  // Schemas that blocks of this stream name.
  [[nodiscard]] virtual SchemaPtr schema(std::uint64_t fingerprint) = 0;
};

}  // namespace freshet
