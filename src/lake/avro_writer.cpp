#include "lake/avro_writer.h"

#include <zlib.h>

#include <utility>

#include "lake/ids.h"

namespace freshet {
namespace {

constexpr std::size_t kBlockBytes = 256 << 10;

// Raw deflate, without zlib's header and checksum (Avro specification, "Required Codecs").
Bytes deflate_raw(std::string_view input) {
  z_stream stream{};
  constexpr int kRawWindow = -MAX_WBITS, kMemoryLevel = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    fail(ErrorKind::internal, "zlib cannot start to compress");
  Bytes output(deflateBound(&stream, input.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const int result = deflate(&stream, Z_FINISH);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) fail(ErrorKind::internal, "zlib did not finish a block");
  return output;
}

}  // namespace

AvroWriter::AvroWriter(std::string_view schema, const std::map<std::string, std::string>& metadata)
    : sync_(random_bytes(16)) {
  std::map<std::string, std::string> header = metadata;
  header["avro.schema"] = schema;
  header["avro.codec"] = "deflate";
  file_.append("Obj\x01", 4);
  put_avro_long(file_, static_cast<std::int64_t>(header.size()));
  for (const auto& [key, value] : header) {
    put_avro_bytes(file_, key);
    put_avro_bytes(file_, value);
  }
  put_avro_long(file_, 0);  // end of the map
  file_ += sync_;
}

void AvroWriter::end_record() {
  ++records_;
  if (block_.size() >= kBlockBytes) flush_block();
}

void AvroWriter::flush_block() {
  if (records_ == 0) return;
  put_avro_long(file_, records_);
  put_avro_bytes(file_, deflate_raw(block_));
  file_ += sync_;
  block_.clear();
  records_ = 0;
}

Bytes AvroWriter::finish() && {
  flush_block();
  return std::move(file_);
}

}  // namespace freshet
