#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "source/binlog_event.h"

namespace freshet {

// Inflates a zlib stream (or a raw deflate stream) that holds exactly `size` bytes. A size that the
// stream cannot fill is refused before memory is taken for it. Throws Error{corrupt}.
[[nodiscard]] Bytes inflate_zlib(std::string_view compressed, std::uint64_t size, bool raw);

// MariaDB's compressed events: byte 0x80 | k, k bytes big-endian size, zlib stream.
[[nodiscard]] Bytes inflate_event_part(std::string_view compressed);

// The body of a compressed QUERY event as that of a plain one: the fixed part, status variables and
// database stand before the compressed text.
[[nodiscard]] Bytes inflate_query(std::string_view body);

// The events within a TRANSACTION_PAYLOAD, given out one by one as they are decompressed: memory
// holds the largest of them, not the transaction.
class PayloadReader {
 public:
  // Reads the body of `event`, which must be its reader's last one for as long as this lives.
  // Throws Error{corrupt, unsupported}.
  explicit PayloadReader(const Event& event);
  ~PayloadReader();
  PayloadReader(const PayloadReader&) = delete;
  PayloadReader& operator=(const PayloadReader&) = delete;

  // The next event, header included; lives until the next call. Nothing at the end, or if it did
  // not come within `wait`. The last one is given once the whole payload is known to be sound.
  std::optional<std::string_view> next(std::chrono::milliseconds wait);
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  struct Zstd;

  bool have(std::size_t size, std::chrono::milliseconds wait);
  bool more(std::chrono::milliseconds wait);
  bool more_packed(std::chrono::milliseconds wait);
  void decompress();

  std::unique_ptr<Zstd> zstd_;  // none for a payload that is not compressed
  BodyParts* rest_;             // of the body; may be null
  std::uint64_t left_;          // bytes of the payload beyond packed_
  std::string_view packed_;     // not yet decompressed
  Bytes plain_;                 // decompressed
  std::size_t begin_ = 0;       // of plain_, not yet given out
  bool drained_ = true;         // the decompressor holds back no output
  bool ended_ = false;          // no more can come
};

}  // namespace freshet
