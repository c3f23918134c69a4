#include "lake/avro_reader.h"

#include <simdjson.h>
#include <zlib.h>

#include <optional>
#include <utility>

namespace freshet {

enum class AvroKind {
  null,
  boolean,
  integer,
  float32,
  float64,
  bytes,
  fixed,
  enumeration,
  array,
  map,
  record,
  alternatives,
};

struct AvroField {
  std::optional<std::int32_t> id;
  std::shared_ptr<const AvroType> type;
};

struct AvroType {
  AvroKind kind = AvroKind::null;
  std::size_t size = 0;                                 // fixed
  std::vector<AvroField> fields;                        // record
  std::vector<std::shared_ptr<const AvroType>> inside;  // array or map element; union branches
};

namespace {

using TypePtr = std::shared_ptr<const AvroType>;
using simdjson::dom::element;

constexpr int kMaxDepth = 32;

[[noreturn]] void fail_schema(std::string_view why) {
  fail(ErrorKind::corrupt, "the Avro schema {}", why);
}

// Builds the type tree of a schema. Named types may be referred to by name later on.
class SchemaParser {
 public:
  TypePtr parse(element json, int depth = 0) {
    if (depth > kMaxDepth) fail_schema("is nested too deep");
    if (json.is_string()) return named(json.get_string().value());
    if (json.is_array()) return alternatives(json.get_array().value(), depth);
    if (!json.is_object()) fail_schema("holds something that is not a type");
    return complex(json.get_object().value(), depth);
  }

 private:
  TypePtr named(std::string_view name) {
    static const std::map<std::string_view, AvroKind> primitives = {
        {"null", AvroKind::null},      {"boolean", AvroKind::boolean}, {"int", AvroKind::integer},
        {"long", AvroKind::integer},   {"float", AvroKind::float32},   {"bytes", AvroKind::bytes},
        {"double", AvroKind::float64}, {"string", AvroKind::bytes},
    };
    if (const auto found = primitives.find(name); found != primitives.end()) {
      auto type = std::make_shared<AvroType>();
      type->kind = found->second;
      return type;
    }
    if (const auto found = named_.find(std::string(name)); found != named_.end())
      return found->second;
    fail_schema(fmt::format("names an unknown type \"{}\"", name));
  }

  TypePtr alternatives(simdjson::dom::array branches, int depth) {
    auto type = std::make_shared<AvroType>();
    type->kind = AvroKind::alternatives;
    for (const element branch : branches) type->inside.push_back(parse(branch, depth + 1));
    return type;
  }

  TypePtr complex(simdjson::dom::object json, int depth) {
    const element kind = json["type"].value();
    if (!kind.is_string()) return parse(kind, depth + 1);
    const std::string_view name = kind.get_string().value();
    if (name == "record") return record(json, depth);
    if (name == "array") return container(AvroKind::array, json["items"].value(), depth);
    if (name == "map") return container(AvroKind::map, json["values"].value(), depth);
    if (name != "fixed" && name != "enum") return named(name);
    auto type = std::make_shared<AvroType>();
    type->kind = name == "fixed" ? AvroKind::fixed : AvroKind::enumeration;
    if (name == "fixed") type->size = json["size"].get_uint64().value();
    remember(json, type);
    return type;
  }

  TypePtr container(AvroKind kind, element inside, int depth) {
    auto type = std::make_shared<AvroType>();
    type->kind = kind;
    type->inside.push_back(parse(inside, depth + 1));
    return type;
  }

  TypePtr record(simdjson::dom::object json, int depth) {
    auto type = std::make_shared<AvroType>();
    type->kind = AvroKind::record;
    const simdjson::dom::array fields = json["fields"].get_array();
    for (const element field : fields) {
      AvroField made;
      std::int64_t id = 0;
      if (field["field-id"].get_int64().get(id) == simdjson::SUCCESS)
        made.id = static_cast<std::int32_t>(id);
      made.type = parse(field["type"].value(), depth + 1);
      type->fields.push_back(std::move(made));
    }
    remember(json, type);
    return type;
  }

  void remember(simdjson::dom::object json, const TypePtr& type) {
    std::string_view name;
    if (json["name"].get_string().get(name) == simdjson::SUCCESS) named_[std::string(name)] = type;
  }

  std::map<std::string, TypePtr> named_;
};

TypePtr parse_schema(const std::string& json) {
  try {
    simdjson::dom::parser parser;
    return SchemaParser().parse(parser.parse(json).value());
  } catch (const simdjson::simdjson_error& error) {
    fail_schema(fmt::format("cannot be read: {}", error.what()));
  }
}

std::size_t read_length(ByteReader& in) {
  const std::int64_t length = in.zigzag();
  if (length < 0) fail(ErrorKind::corrupt, "an Avro datum has a negative length");
  return static_cast<std::size_t>(length);
}

// Count of the next block of an array or map; 0 ends it. A negative count is followed by the
// block's size in bytes.
std::size_t read_block_count(ByteReader& in) {
  std::int64_t count = in.zigzag();
  if (count < 0) {
    (void)read_length(in);
    count = count == INT64_MIN ? INT64_MAX : -count;
  }
  // Items are at least a byte each in every schema that Iceberg has.
  if (static_cast<std::uint64_t>(count) > in.left())
    fail(ErrorKind::corrupt, "an Avro array of {} items does not fit its block", count);
  return static_cast<std::size_t>(count);
}

AvroValue read_datum(ByteReader& in, const AvroType& type);

AvroValue read_array(ByteReader& in, const AvroType& type) {
  std::vector<AvroValue> items;
  for (std::size_t count = read_block_count(in); count > 0; count = read_block_count(in))
    for (std::size_t i = 0; i < count; ++i) items.push_back(read_datum(in, *type.inside[0]));
  return {std::move(items)};
}

// A map keyed by text: Iceberg has none, so it is read over.
AvroValue skip_map(ByteReader& in, const AvroType& type) {
  for (std::size_t count = read_block_count(in); count > 0; count = read_block_count(in)) {
    for (std::size_t i = 0; i < count; ++i) {
      in.skip(read_length(in));
      (void)read_datum(in, *type.inside[0]);
    }
  }
  return {};
}

AvroRecord read_record(ByteReader& in, const AvroType& type) {
  AvroRecord record;
  for (const AvroField& field : type.fields) {
    AvroValue value = read_datum(in, *field.type);
    if (field.id) record.add(*field.id, std::move(value));
  }
  return record;
}

AvroValue read_alternative(ByteReader& in, const AvroType& type) {
  const std::size_t branch = read_length(in);
  if (branch >= type.inside.size())
    fail(ErrorKind::corrupt, "an Avro union has no branch {}", branch);
  return read_datum(in, *type.inside[branch]);
}

AvroValue read_datum(ByteReader& in, const AvroType& type) {
  switch (type.kind) {
    case AvroKind::null: return {};
    case AvroKind::boolean: return {in.u8() != 0};
    case AvroKind::integer:
    case AvroKind::enumeration: return {in.zigzag()};
    case AvroKind::float32: return {static_cast<double>(in.fixed<float>())};
    case AvroKind::float64: return {in.fixed<double>()};
    case AvroKind::bytes: return {std::string(in.take(read_length(in)))};
    case AvroKind::fixed: return {std::string(in.take(type.size))};
    case AvroKind::array: return read_array(in, type);
    case AvroKind::map: return skip_map(in, type);
    case AvroKind::record: return {read_record(in, type)};
    case AvroKind::alternatives: return read_alternative(in, type);
  }
  fail(ErrorKind::internal, "an Avro type has no kind");
}

Bytes inflate_raw(std::string_view input) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    fail(ErrorKind::internal, "zlib cannot start to decompress");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  Bytes output;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (output.size() >= AvroReader::kMaxBlockBytes)
      fail(ErrorKind::corrupt, "an Avro block is larger than {} bytes", AvroReader::kMaxBlockBytes);
    const std::size_t filled = output.size();
    output.resize(filled + std::max<std::size_t>(filled, 64 << 10));
    stream.next_out = reinterpret_cast<Bytef*>(output.data() + filled);
    stream.avail_out = static_cast<uInt>(output.size() - filled);
    result = inflate(&stream, Z_NO_FLUSH);
    output.resize(output.size() - stream.avail_out);
    if (result != Z_OK && result != Z_STREAM_END)
      fail(ErrorKind::corrupt, "an Avro block does not decompress");
  }
  return output;
}

template <typename T>
const T& get(const AvroValue& value, std::string_view wanted) {
  if (const T* found = std::get_if<T>(&value.datum)) return *found;
  fail(ErrorKind::corrupt, "an Avro field is {} where {} is required",
       value.is_null() ? "null or missing" : "of another type", wanted);
}

}  // namespace

const AvroValue& AvroRecord::operator[](std::int32_t field_id) const noexcept {
  static const AvroValue null;
  for (const auto& [id, value] : fields_)
    if (id == field_id) return value;
  return null;
}

void AvroRecord::add(std::int32_t field_id, AvroValue value) {
  fields_.emplace_back(field_id, std::move(value));
}

bool AvroValue::boolean() const { return get<bool>(*this, "a boolean"); }
std::int64_t AvroValue::integer() const { return get<std::int64_t>(*this, "an integer"); }
const std::string& AvroValue::text() const { return get<std::string>(*this, "text"); }
const AvroRecord& AvroValue::record() const { return get<AvroRecord>(*this, "a record"); }
const std::vector<AvroValue>& AvroValue::items() const {
  return get<std::vector<AvroValue>>(*this, "an array");
}

AvroReader::AvroReader(std::string_view file) : in_(file) {
  read_header();
  schema_ = parse_schema(metadata_["avro.schema"]);
  if (schema_->kind != AvroKind::record) fail_schema("is not of a record");
  const std::string& codec = metadata_["avro.codec"];
  deflated_ = codec == "deflate";
  if (!deflated_ && !codec.empty() && codec != "null")
    fail(ErrorKind::unsupported, "Avro codec \"{}\": rewrite the manifests with codec deflate",
         codec);
}

void AvroReader::read_header() {
  if (in_.left() < 4 || in_.take(4) != std::string_view("Obj\x01", 4))
    fail(ErrorKind::corrupt, "not an Avro container file");
  for (std::size_t count = read_block_count(in_); count > 0; count = read_block_count(in_)) {
    for (std::size_t i = 0; i < count; ++i) {
      std::string key(in_.take(read_length(in_)));
      metadata_[std::move(key)] = in_.take(read_length(in_));
    }
  }
  sync_ = in_.take(16);
}

void AvroReader::read_block(std::vector<AvroRecord>& records) {
  const std::size_t count = read_length(in_);
  const std::string_view stored = in_.take(read_length(in_));
  if (in_.take(16) != sync_) fail(ErrorKind::corrupt, "an Avro block does not end in its marker");
  const Bytes inflated = deflated_ ? inflate_raw(stored) : Bytes();
  ByteReader block(deflated_ ? std::string_view(inflated) : stored);
  for (std::size_t i = 0; i < count; ++i) {
    if (block.empty()) fail(ErrorKind::corrupt, "an Avro block has fewer records than it says");
    records.push_back(read_record(block, *schema_));
  }
  if (!block.empty()) fail(ErrorKind::corrupt, "an Avro block has bytes after its last record");
}

std::vector<AvroRecord> AvroReader::read_all() {
  std::vector<AvroRecord> records;
  while (!in_.empty()) read_block(records);
  return records;
}

}  // namespace freshet
