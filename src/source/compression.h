#pragma once

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
  // `body` must outlive the reader. Throws Error{corrupt, unsupported}.
  explicit PayloadReader(std::string_view body);
  ~PayloadReader();
  PayloadReader(const PayloadReader&) = delete;
  PayloadReader& operator=(const PayloadReader&) = delete;

  // The next event, header included; lives until the next call. Nothing at the end.
  std::optional<std::string_view> next();

 private:
  struct Zstd;

  bool have(std::size_t size);
  void more();

  std::unique_ptr<Zstd> zstd_;  // none for a payload that is not compressed
  std::string_view packed_;     // not yet decompressed
  Bytes plain_;                 // decompressed
  std::size_t begin_ = 0;       // of plain_, not yet given out
  bool drained_ = true;         // the decompressor holds back no output
};

}  // namespace freshet
