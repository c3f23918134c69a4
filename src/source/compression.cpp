#include "source/compression.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace freshet {

namespace {

// Deflate cannot do better than 1032:1 (zlib's "Technical Details").
constexpr std::uint64_t kMaxDeflateRatio = 1032;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const noexcept { libdeflate_free_decompressor(d); }
};

libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> own(
      libdeflate_alloc_decompressor());
  if (!own) fail(ErrorKind::internal, "libdeflate has no memory for a decompressor");
  return own.get();
}

}  // namespace

Bytes inflate_zlib(std::string_view compressed, std::uint64_t size, bool raw) {
  if (size > kMaxEventSize || size > (compressed.size() + 1) * kMaxDeflateRatio)
    fail(ErrorKind::corrupt, "{} compressed bytes cannot hold {}", compressed.size(), size);
  const auto inflate = raw ? libdeflate_deflate_decompress_ex : libdeflate_zlib_decompress_ex;
  libdeflate_result result{};
  std::size_t read = 0;
  std::size_t got = 0;
  Bytes plain;
  plain.resize_and_overwrite(size, [&](char* to, std::size_t room) {
    result = inflate(decompressor(), compressed.data(), compressed.size(), to, room, &read, &got);
    return room;
  });
  if (result != LIBDEFLATE_SUCCESS || got != size)
    fail(ErrorKind::corrupt, "{} compressed bytes do not give the {} that they should",
         compressed.size(), size);
  return plain;
}

Bytes inflate_event_part(std::string_view compressed) {
  ByteReader in(compressed);
  const std::uint8_t head = in.u8();
  const std::size_t length_bytes = head & 0x07;
  if ((head & 0xf0) != 0x80 || length_bytes == 0 || length_bytes > 4)
    fail(ErrorKind::corrupt, "a compressed event begins with byte {:#x}", head);
  const std::uint64_t size = in.be(length_bytes);
  return inflate_zlib(in.rest(), size, false);
}

Bytes inflate_query(std::string_view body) {
  const Query query = parse_query(body);
  Bytes plain(body.substr(0, body.size() - query.text.size()));
  plain += inflate_event_part(query.text);
  return plain;
}

struct PayloadReader::Zstd {
  Zstd() : stream(ZSTD_createDStream()) {}
  ~Zstd() { ZSTD_freeDStream(stream); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  ZSTD_DStream* stream;
};

PayloadReader::PayloadReader(const Event& event) : rest_(event.rest) {
  constexpr std::uint64_t kEnd = 0, kSize = 1, kMethod = 2, kZstd = 0, kNone = 255;
  ByteReader in(event.body);
  std::uint64_t method = kNone;
  std::optional<std::uint64_t> size;
  while (true) {
    const std::uint64_t field = read_lenenc(in);
    if (field == kEnd) break;
    ByteReader value(in.take(read_lenenc(in)));
    if (field == kMethod) method = read_lenenc(value);
    if (field == kSize) size = read_lenenc(value);
  }
  packed_ = in.rest();
  left_ = size.value_or(std::numeric_limits<std::uint64_t>::max());
  if (rest_ == nullptr && size && packed_.size() < *size)
    fail(ErrorKind::corrupt, "a transaction payload of {} bytes has {}", *size, packed_.size());
  packed_ = packed_.substr(0, std::min<std::uint64_t>(packed_.size(), left_));
  left_ -= packed_.size();
  if (method == kZstd)
    zstd_ = std::make_unique<Zstd>();
  else if (method != kNone)
    fail(ErrorKind::unsupported, "a transaction is compressed by method {}", method);
}

PayloadReader::~PayloadReader() = default;

std::optional<std::string_view> PayloadReader::next(std::chrono::milliseconds wait) {
  if (!have(kEventHeaderSize, wait)) {
    if (ended_ && plain_.size() != begin_)
      fail(ErrorKind::corrupt, "a transaction payload ends within an event");
    return std::nullopt;
  }
  const std::size_t size = *told_size(std::string_view(plain_).substr(begin_));
  if (size < kEventHeaderSize || size > kMaxEventSize)
    fail(ErrorKind::corrupt, "a transaction payload has an event of {} bytes", size);
  // A byte of the next event, or the end.
  if (!have(size + 1, wait)) {
    if (!ended_) return std::nullopt;
    if (plain_.size() - begin_ < size)
      fail(ErrorKind::corrupt, "a transaction payload ends within an event");
  }
  const std::string_view event = std::string_view(plain_).substr(begin_, size);
  begin_ += size;
  ended_ = false;
  return event;
}

// Whether the next `size` bytes are there, decompressing what is needed.
bool PayloadReader::have(std::size_t size, std::chrono::milliseconds wait) {
  if (plain_.size() - begin_ >= size) return true;
  plain_.erase(0, std::exchange(begin_, 0));
  while (plain_.size() < size)
    if (!more(wait)) return false;
  return true;
}

bool PayloadReader::more(std::chrono::milliseconds wait) {
  if (packed_.empty() && drained_ && !more_packed(wait)) return false;
  decompress();
  return true;
}

bool PayloadReader::more_packed(std::chrono::milliseconds wait) {
  while (packed_.empty()) {
    const auto part = rest_ == nullptr ? std::nullopt : rest_->next_part(wait);
    ended_ = !part;
    if (!part || part->empty()) return false;
    packed_ = part->substr(0, std::min<std::uint64_t>(part->size(), left_));
    left_ -= packed_.size();
  }
  return true;
}

void PayloadReader::decompress() {
  const std::size_t step = std::max<std::size_t>(ZSTD_DStreamOutSize(), std::size_t{256} << 10);
  if (!zstd_) {
    plain_ += packed_.substr(0, step);
    packed_.remove_prefix(std::min(step, packed_.size()));
    return;
  }
  const std::size_t used = plain_.size();
  plain_.resize_and_overwrite(used + step, [](char*, std::size_t whole) { return whole; });
  ZSTD_inBuffer in{packed_.data(), packed_.size(), 0};
  ZSTD_outBuffer out{plain_.data() + used, step, 0};
  const std::size_t left = ZSTD_decompressStream(zstd_->stream, &out, &in);
  if (ZSTD_isError(left) != 0)
    fail(ErrorKind::corrupt, "a transaction payload is damaged: {}", ZSTD_getErrorName(left));
  plain_.resize(used + out.pos);
  packed_.remove_prefix(in.pos);
  drained_ = out.pos < step;
  if (in.pos == 0 && out.pos == 0 && !packed_.empty())
    fail(ErrorKind::corrupt, "a transaction payload cannot be decompressed");
}

}  // namespace freshet
