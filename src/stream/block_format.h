#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stream/embedded_stream.h"
#include "stream/stream.h"

namespace freshet {

// How blocks lie in the key-value store (embedded_stream.h has the layout).

inline constexpr std::uint16_t kShard = 0;

// Keys sort as offsets do.
[[nodiscard]] Bytes block_key(StreamOffset first);
[[nodiscard]] StreamOffset first_of_key(std::string_view key);

// What stands before a block's changes.
struct BlockHead {
  std::int64_t append_micros = 0;
  std::uint64_t count = 0;
};

// The value of a block; compressed where that makes it smaller. `memory` is what it is made in.
[[nodiscard]] Bytes put_block(const BlockHead& head, const ChangeBatch& batch,
                              BlockCompression compression, Bytes memory = {});
[[nodiscard]] BlockHead read_block_head(std::string_view value);
// Throws Error{corrupt} on a value that put_block() cannot have made.
[[nodiscard]] StreamBlock read_block(StreamOffset first, std::string_view value);

}  // namespace freshet
