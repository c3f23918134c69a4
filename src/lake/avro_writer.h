#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace freshet {

// Binary encodings of Avro's primitives (Avro specification, "Binary Encoding"); ints and longs
// share one form. The caller writes fields in the order of its schema.
inline void put_avro_long(Bytes& out, std::int64_t value) { put_zigzag(out, value); }
inline void put_avro_bool(Bytes& out, bool value) { put_u8(out, value ? 1 : 0); }
inline void put_avro_bytes(Bytes& out, std::string_view value) {
  put_avro_long(out, static_cast<std::int64_t>(value.size()));
  out.append(value);
}
// Branches of an optional value, whose schema is ["null", T].
inline void put_avro_null(Bytes& out) { put_avro_long(out, 0); }
inline void put_avro_present(Bytes& out) { put_avro_long(out, 1); }

// Makes an Avro object container file (codec deflate). Keeps the schema text as it is given:
// Iceberg needs its attributes `field-id`, `element-id` and `logicalType` in the file header, which
// generic libraries drop (Iceberg spec, Appendix A).
class AvroWriter {
 public:
  // `schema` is the JSON of the record schema; `metadata` are further header keys.
  AvroWriter(std::string_view schema, const std::map<std::string, std::string>& metadata);

  // Write one record's bytes here, then call end_record().
  [[nodiscard]] Bytes& record() noexcept { return block_; }
  void end_record();
  // The whole file. The writer is spent.
  [[nodiscard]] Bytes finish() &&;

 private:
  void flush_block();

  Bytes file_;
  Bytes block_;
  std::string sync_;
  std::int64_t records_ = 0;
};

}  // namespace freshet
