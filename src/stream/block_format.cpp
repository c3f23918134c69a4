#include "stream/block_format.h"

#include <lz4.h>

#include <utility>

namespace freshet {
namespace {

constexpr std::uint8_t kRaw = 0;
constexpr std::uint8_t kLz4 = 2;  // 1 was the block as a whole, head included

// Below this a block has too little repetition for LZ4 to find.
constexpr std::size_t kSmallestCompressed = 256;
constexpr std::size_t kLargestHead = 32;

// Appends the block's head, the size of its body, and the body compressed. False, and nothing
// appended, where that saves nothing.
bool append_lz4(Bytes& out, std::string_view head, std::string_view body) {
  if (body.size() < kSmallestCompressed || body.size() > LZ4_MAX_INPUT_SIZE) return false;
  const std::size_t start = out.size();
  put_text(out, head);
  put_varint(out, body.size());
  const std::size_t data = out.size();
  int written = 0;
  out.resize_and_overwrite(data + body.size(), [&](char* to, std::size_t) {
    written = LZ4_compress_default(body.data(), to + data, static_cast<int>(body.size()),
                                   static_cast<int>(body.size()));
    return data + static_cast<std::size_t>(written);
  });
  if (written > 0) return true;
  out.resize(start);
  return false;
}

Bytes decompress(ByteReader& in) {
  Bytes block(in.text());
  const std::size_t head = block.size();
  const std::uint64_t size = in.varint();
  if (size > LZ4_MAX_INPUT_SIZE)
    fail(ErrorKind::corrupt, "a block of the stream claims {} bytes when unpacked", size);
  const std::string_view packed = in.rest();
  int unpacked = -1;
  block.resize_and_overwrite(head + size, [&](char* to, std::size_t room) {
    unpacked = LZ4_decompress_safe(packed.data(), to + head, static_cast<int>(packed.size()),
                                   static_cast<int>(size));
    return room;
  });
  if (std::cmp_not_equal(unpacked, size))
    fail(ErrorKind::corrupt, "a block of the stream does not unpack to its {} bytes", size);
  return block;
}

BlockHead read_head(ByteReader& in) {
  BlockHead head;
  head.append_micros = in.fixed<std::int64_t>();
  head.count = in.varint();
  if (head.count == 0) fail(ErrorKind::corrupt, "a block of the stream has no changes");
  return head;
}

}  // namespace

Bytes block_key(StreamOffset first) {
  Bytes key;
  put_be(key, kShard, sizeof(kShard));
  put_be(key, first, sizeof(first));
  return key;
}

StreamOffset first_of_key(std::string_view key) {
  ByteReader in(key);
  in.skip(sizeof(kShard));
  return in.be(sizeof(StreamOffset));
}

Bytes put_block(const BlockHead& head, const ChangeBatch& batch, BlockCompression compression,
                Bytes memory) {
  const Bytes block_head = batch.encode_head();
  Bytes value = std::move(memory);
  value.clear();
  value.reserve(batch.bytes() + block_head.size() + kLargestHead);
  put_fixed(value, head.append_micros);
  put_varint(value, head.count);
  put_u8(value, kLz4);
  if (compression == BlockCompression::lz4 && append_lz4(value, block_head, batch.body()))
    return value;
  value.back() = static_cast<char>(kRaw);
  value.append(block_head).append(batch.body());
  return value;
}

BlockHead read_block_head(std::string_view value) {
  ByteReader in(value);
  return read_head(in);
}

StreamBlock read_block(StreamOffset first, std::string_view value) {
  ByteReader in(value);
  const BlockHead head = read_head(in);
  StreamBlock block{.first = first, .count = head.count, .append_micros = head.append_micros};
  const std::uint8_t form = in.u8();
  if (form != kRaw && form != kLz4)
    fail(ErrorKind::corrupt, "a block of the stream has the unknown form {}", form);
  block.block = form == kLz4 ? decompress(in) : Bytes(in.rest());
  return block;
}

}  // namespace freshet
