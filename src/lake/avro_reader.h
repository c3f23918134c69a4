#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace freshet {

struct AvroValue;

// A record as its field ids say (Iceberg spec, Appendix A: attribute "field-id"), so that names
// and order, which differ between writers, do not matter. Fields without an id are left out.
class AvroRecord {
 public:
  // The field's value; null where the writer's schema has no such field.
  [[nodiscard]] const AvroValue& operator[](std::int32_t field_id) const noexcept;
  void add(std::int32_t field_id, AvroValue value);

 private:
  std::vector<std::pair<std::int32_t, AvroValue>> fields_;
};

// A decoded datum: null, boolean, int or long, float or double, string or bytes or fixed, array,
// record. The accessors throw Error{corrupt} if the datum is of another kind, null included.
struct AvroValue {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<AvroValue>,
               AvroRecord>
      datum;

  [[nodiscard]] bool is_null() const noexcept { return datum.index() == 0; }
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const std::vector<AvroValue>& items() const;
  [[nodiscard]] const AvroRecord& record() const;
};

struct AvroType;  // one node of the writer's schema

// Reads an Avro object container file (codecs null and deflate) by the schema in its header. Throws
// Error{corrupt} on damage and Error{unsupported} on other codecs; it never reads past the file nor
// makes more of a block than kMaxBlockBytes. Does not own the file's bytes.
class AvroReader {
 public:
  static constexpr std::size_t kMaxBlockBytes = 256 << 20;

  explicit AvroReader(std::string_view file);

  // Header keys, "avro.schema" and "avro.codec" included.
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const noexcept {
    return metadata_;
  }
  // All records of the file.
  [[nodiscard]] std::vector<AvroRecord> read_all();

 private:
  void read_header();
  void read_block(std::vector<AvroRecord>& records);

  ByteReader in_;
  std::map<std::string, std::string> metadata_;
  std::string sync_;
  bool deflated_ = false;
  std::shared_ptr<const AvroType> schema_;
};

}  // namespace freshet
