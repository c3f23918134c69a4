#include "model/dms_record.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json_text.h"

namespace freshet {
namespace {

// From this on (17 digits) DMS prints integers as doubles, unless UseLargeIntegerValue is set.
constexpr std::uint64_t kLargeInteger = 10'000'000'000'000'000;

// Puts JSON in the two layouts of DMS: on one line, or as cJSON_Print() does (a tab per level, a
// tab after the colon, arrays on one line, an empty object over two).
class JsonWriter {
 public:
  JsonWriter(Bytes& out, bool pretty) noexcept : out_(out), pretty_(pretty) {}

  void open() {
    out_.push_back('{');
    if (pretty_) out_.push_back('\n');
    ++depth_;
    first_ = true;
  }
  void close() {
    --depth_;
    if (pretty_) {
      if (!first_) out_.push_back('\n');
      out_.append(depth_, '\t');
    }
    out_.push_back('}');
    first_ = false;
  }
  // `quoted` is a JSON string already.
  void key(std::string_view quoted) {
    if (!first_) out_.append(pretty_ ? ",\n" : ",");
    first_ = false;
    if (pretty_) out_.append(depth_, '\t');
    out_.append(quoted);
    out_.append(pretty_ ? ":\t" : ":");
  }
  void text(std::string_view quoted_key, std::string_view value) {
    key(quoted_key);
    put_json_string(out_, value);
  }
  void number(std::string_view quoted_key, std::uint64_t value) {
    key(quoted_key);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void boolean(std::string_view quoted_key, bool value) {
    key(quoted_key);
    out_.append(value ? "true" : "false");
  }
  void array(std::string_view quoted_key, const std::vector<std::string>& quoted_items) {
    key(quoted_key);
    out_.push_back('[');
    for (std::size_t i = 0; i < quoted_items.size(); ++i) {
      if (i > 0) out_.append(pretty_ ? ", " : ",");
      out_.append(quoted_items[i]);
    }
    out_.push_back(']');
  }
  // For values that are written in place, after key().
  [[nodiscard]] Bytes& out() noexcept { return out_; }

 private:
  Bytes& out_;
  const bool pretty_;
  bool first_ = true;
  std::size_t depth_ = 0;
};

// Plain texts of cells: as they stand in a partition key, and between the quotes of JSON strings.

template <typename Number>
void put_number(Bytes& out, Number number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void put_padded(Bytes& out, int number, int width) {
  std::array<char, 8> digits;
  for (int i = width; i-- > 0; number /= 10)
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
  out.append(digits.data(), static_cast<std::size_t>(width));
}

void put_day(Bytes& out, const CivilTime& t) {
  put_padded(out, t.year, 4);
  out.push_back('-');
  put_padded(out, t.month, 2);
  out.push_back('-');
  put_padded(out, t.day, 2);
}

// "2018-05-08T00:00:00Z", with as many digits of the fraction as the column has.
void put_instant(Bytes& out, const CivilTime& t, int fraction_digits) {
  put_day(out, t);
  out.push_back('T');
  put_padded(out, t.hour, 2);
  out.push_back(':');
  put_padded(out, t.minute, 2);
  out.push_back(':');
  put_padded(out, t.second, 2);
  if (fraction_digits > 0) {
    out.push_back('.');
    put_padded(out, t.micros, 6);
    out.resize(out.size() - static_cast<std::size_t>(6 - fraction_digits));
  }
  out.push_back('Z');
}

void put_hex(Bytes& out, std::string_view bytes, bool prefix) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  if (prefix) out.append("0x");
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

// A double as cJSON prints it: 15 digits if they are enough, else 17.
void put_cjson_double(Bytes& out, double number) {
  const std::string fifteen = fmt::format("{:.15g}", number);
  if (std::strtod(fifteen.c_str(), nullptr) == number)
    out.append(fifteen);
  else
    fmt::format_to(std::back_inserter(out), "{:.17g}", number);
}

bool is_zero_time(const Value& value) noexcept {
  switch (value.kind) {
    case ValueKind::date: return value.integer == 0;
    case ValueKind::datetime: return unpack_datetime(value.integer) == CivilTime{};
    case ValueKind::timestamp: return value.integer == kZeroTimestamp;
    default: return false;
  }
}

bool is_lob(ColumnType type) noexcept {
  switch (type) {
    case ColumnType::mediumtext:
    case ColumnType::longtext:
    case ColumnType::mediumblob:
    case ColumnType::longblob:
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::vector: return true;
    default: return false;
  }
}

// DMS type names of control records. Captures show INT32, STRING, WSTRING and TIMESTAMP; the
// others follow them.
std::string_view dms_type(const Column& column) noexcept {
  const bool natural = column.is_unsigned;
  switch (column.type) {
    case ColumnType::tinyint: return natural ? "UINT8" : "INT8";
    case ColumnType::smallint: return natural ? "UINT16" : "INT16";
    case ColumnType::mediumint:
    case ColumnType::integer: return natural ? "UINT32" : "INT32";
    case ColumnType::bigint: return natural ? "UINT64" : "INT64";
    case ColumnType::year: return "INT16";
    case ColumnType::decimal: return "NUMERIC";
    case ColumnType::real32: return "REAL4";
    case ColumnType::real64: return "REAL8";
    case ColumnType::bit: return column.length == 1 ? "BOOLEAN" : "BYTES";
    case ColumnType::date: return "DATE";
    case ColumnType::time: return "STRING";
    case ColumnType::datetime:
    case ColumnType::timestamp: return "TIMESTAMP";
    case ColumnType::mediumtext:
    case ColumnType::longtext: return "NCLOB";
    case ColumnType::json: return "CLOB";
    case ColumnType::binary:
    case ColumnType::varbinary:
    case ColumnType::tinyblob:
    case ColumnType::blob: return "BYTES";
    case ColumnType::mediumblob:
    case ColumnType::longblob:
    case ColumnType::geometry:
    case ColumnType::vector: return "BLOB";
    default: return "WSTRING";
  }
}

bool has_length(std::string_view type) noexcept { return type == "WSTRING" || type == "BYTES"; }

void put_column_definition(JsonWriter& json, const Column& column) {
  const std::string_view type = dms_type(column);
  json.open();
  json.text("\"type\"", type);
  if (type == "NUMERIC") {
    json.number("\"precision\"", column.length);
    json.number("\"scale\"", column.scale);
  } else if (has_length(type) && column.length > 0) {
    json.number("\"length\"", column.length);
  }
  json.boolean("\"nullable\"", column.nullable);
  json.close();
}

enum class Partitioning : std::uint8_t { primary_key, schema_table, task };

std::string_view name_of(Partitioning partitioning) noexcept {
  switch (partitioning) {
    case Partitioning::primary_key: return "primary-key";
    case Partitioning::schema_table: return "schema-table";
    case Partitioning::task: break;
  }
  return "task-id";
}

// Names of a table as JSON strings, made once per schema.
struct QuotedNames {
  SchemaPtr schema;  // keeps the address, which is the key of the cache, from being used again
  std::string database;
  std::string table;
  std::vector<std::string> columns;
  std::vector<std::string> key;
  std::vector<bool> in_key;
};

QuotedNames quote_names(const SchemaPtr& schema) {
  QuotedNames names{.schema = schema,
                    .database = json_quote(schema->name.database),
                    .table = json_quote(schema->name.table),
                    .in_key = std::vector<bool>(schema->columns.size(), false)};
  for (const Column& column : schema->columns) names.columns.push_back(json_quote(column.name));
  for (const std::uint32_t i : schema->key) {
    names.key.push_back(names.columns.at(i));
    names.in_key.at(i) = true;
  }
  return names;
}

// What a statement did to the columns of a table, as names of DMS and the columns it is about.
struct ColumnChange {
  std::string_view operation = "change-columns";
  std::vector<std::string> columns;  // quoted
};

ColumnChange column_change(const TableSchema& before, const TableSchema& after) {
  std::vector<std::string> added;
  std::vector<std::string> dropped;
  std::vector<std::string> changed;
  for (const Column& column : after.columns) {
    const std::optional<std::uint32_t> old = before.find(column.name);
    if (!old)
      added.push_back(json_quote(column.name));
    else if (before.columns[*old] != column)
      changed.push_back(json_quote(column.name));
  }
  for (const Column& column : before.columns)
    if (!after.find(column.name)) dropped.push_back(json_quote(column.name));
  const int kinds = (added.empty() ? 0 : 1) + (dropped.empty() ? 0 : 1) + (changed.empty() ? 0 : 1);
  if (kinds != 1) return {};
  if (!added.empty()) return {"add-column", std::move(added)};
  if (!dropped.empty()) return {"drop-column", std::move(dropped)};
  return {"column-type-change", std::move(changed)};
}

// The image that stands for the row: what it is now, or what it was when it is gone.
std::string_view image_of(const Change& change) noexcept {
  return change.op == Op::remove ? change.before : change.after;
}

}  // namespace

class DmsRenderer::Impl {
 public:
  explicit Impl(DmsOptions options) : options_(std::move(options)) {}

  void render(const Change& change, std::int64_t micros, Bytes& out) {
    if (is_row(change.op)) {
      put_data_record(change, micros, out);
      return;
    }
    const ColumnChange columns = change.op == Op::alter
                                     ? column_change(*change.other, *change.schema)
                                     : ColumnChange{control_operation(change.op), {}};
    const bool told = options_.include_table_alter_operations || empties(change.op) ||
                      change.op == Op::snapshot_begin;
    if (told && !columns.operation.empty()) put_control_record(change, columns, micros, out);
  }

  std::string partition_key(const Change& change) const {
    const std::string table = change.schema->name.qualified();
    switch (partitioning_of(change)) {
      case Partitioning::primary_key: return primary_key(change);
      case Partitioning::schema_table: return table;
      case Partitioning::task: break;
    }
    return options_.task_id + "." + table;
  }

 private:
  // Nothing for marks that have no record.
  [[nodiscard]] static std::string_view control_operation(Op op) noexcept {
    switch (op) {
      case Op::snapshot_begin:
      case Op::create: return "create-table";
      case Op::truncate: return "truncate-table";
      case Op::drop: return "drop-table";
      case Op::rename: return "rename-table";
      case Op::rename_columns: return "rename-column";
      case Op::schema: return "change-columns";
      default: return "";
    }
  }

  [[nodiscard]] Partitioning partitioning_of(const Change& change) const noexcept {
    if (!is_row(change.op)) return Partitioning::task;
    if (!change.schema->has_key()) return Partitioning::schema_table;
    switch (options_.partition_type) {
      case DmsPartitionType::primary_key: return Partitioning::primary_key;
      case DmsPartitionType::schema_table: return Partitioning::schema_table;
      case DmsPartitionType::automatic: break;
    }
    return change.op == Op::load ? Partitioning::primary_key : Partitioning::schema_table;
  }

  [[nodiscard]] std::string primary_key(const Change& change) const {
    const TableSchema& schema = *change.schema;
    std::vector<Value> cells;
    ByteReader in(image_of(change));
    for (std::size_t i = 0; i < schema.columns.size(); ++i) cells.push_back(read_value(in));
    Bytes key;
    if (options_.partition_include_schema_table) key = schema.name.qualified() + ".";
    const char* separator = "";
    for (const std::uint32_t i : schema.key) {
      key.append(std::exchange(separator, "."));
      put_plain(key, cells.at(i), schema.columns.at(i));
    }
    return key;
  }

  void put_data_record(const Change& change, std::int64_t micros, Bytes& out) {
    const QuotedNames& names = names_of(change.schema);
    JsonWriter json(out, options_.message_format == DmsMessageFormat::json);
    json.open();
    json.key("\"data\"");
    put_image(json, names, image_of(change), [](std::size_t) { return true; });
    if (change.op == Op::update && !options_.before_image_field.empty()) {
      json.key(json_quote(options_.before_image_field));
      put_image(json, names, change.before,
                [&](std::size_t i) { return in_before_image(names, i); });
    }
    json.key("\"metadata\"");
    json.open();
    put_metadata(json, names, change, "\"data\"", name_of(change.op), micros);
    if (change.op != Op::load) put_transaction(json, change);
    json.close();
    end_record(json);
  }

  void put_control_record(const Change& change, const ColumnChange& columns, std::int64_t micros,
                          Bytes& out) {
    const QuotedNames& names = names_of(change.schema);
    JsonWriter json(out, options_.message_format == DmsMessageFormat::json);
    json.open();
    if (options_.include_control_details) {
      json.key("\"control\"");
      json.open();
      put_control(json, change, columns);
      json.close();
    }
    json.key("\"metadata\"");
    json.open();
    put_metadata(json, names, change, "\"control\"", columns.operation, micros);
    json.close();
    end_record(json);
  }

  void put_control(JsonWriter& json, const Change& change, const ColumnChange& columns) {
    if (change.op == Op::rename) {
      json.text("\"new-schema-name\"", change.other->name.database);
      json.text("\"new-table-name\"", change.other->name.table);
    }
    if (empties(change.op)) return;
    put_table_definition(json, names_of(change.schema));
    if (change.op == Op::rename_columns) put_new_names(json, *change.other, *change.schema);
    if (!columns.columns.empty()) json.array("\"columns\"", columns.columns);
  }

  static void put_new_names(JsonWriter& json, const TableSchema& before, const TableSchema& after) {
    json.key("\"columns\"");
    json.open();
    for (std::size_t i = 0; i < before.columns.size(); ++i)
      if (before.columns[i].name != after.columns.at(i).name)
        json.text(json_quote(before.columns[i].name), after.columns[i].name);
    json.close();
  }

  void end_record(JsonWriter& json) const {
    json.close();
    if (options_.message_format == DmsMessageFormat::json_unformatted) json.out().push_back('\n');
  }

  void put_table_definition(JsonWriter& json, const QuotedNames& names) const {
    json.key("\"table-def\"");
    json.open();
    json.key("\"columns\"");
    json.open();
    for (std::size_t i = 0; i < names.columns.size(); ++i) {
      json.key(names.columns[i]);
      put_column_definition(json, names.schema->columns[i]);
    }
    json.close();
    if (!names.key.empty()) json.array("\"primary-key\"", names.key);
    json.close();
  }

  void put_metadata(JsonWriter& json, const QuotedNames& names, const Change& change,
                    std::string_view quoted_record_type, std::string_view operation,
                    std::int64_t micros) {
    const Partitioning partitioning = partitioning_of(change);
    put_time(json, "\"timestamp\"", micros);
    json.key("\"record-type\"");
    json.out().append(quoted_record_type);
    json.text("\"operation\"", operation);
    json.text("\"partition-key-type\"", name_of(partitioning));
    if (options_.include_partition_value && partitioning != Partitioning::schema_table)
      json.text("\"partition-key-value\"",
                partitioning == Partitioning::task ? options_.task_id : partition_key(change));
    json.key("\"schema-name\"");
    json.out().append(names.database);
    json.key("\"table-name\"");
    json.out().append(names.table);
  }

  void put_transaction(JsonWriter& json, const Change& change) {
    const Transaction& transaction = *change.transaction;
    json.number("\"transaction-id\"", transaction.number);
    if (options_.include_transaction_details) {
      json.number("\"transaction-record-id\"", change.ordinal);
      if (previous_record_ > 0) {
        json.number("\"prev-transaction-id\"", previous_transaction_);
        json.number("\"prev-transaction-record-id\"", previous_record_);
      }
      put_time(json, "\"commit-timestamp\"", transaction.commit_micros);
      json.text("\"stream-position\"", fmt::format("{0}:{1}:0:{1}:{2}:{0}:{1}", transaction.file,
                                                   transaction.offset, transaction.number));
    }
    previous_transaction_ = transaction.number;
    previous_record_ = change.ordinal;
  }

  static void put_time(JsonWriter& json, std::string_view quoted_key, std::int64_t micros) {
    json.key(quoted_key);
    json.out().push_back('"');
    put_instant(json.out(), civil_from_micros(micros), 6);
    json.out().push_back('"');
  }

  template <typename Wanted>
  void put_image(JsonWriter& json, const QuotedNames& names, std::string_view image,
                 Wanted wanted) const {
    json.open();
    ByteReader in(image);
    for (std::size_t i = 0; i < names.columns.size() && !in.empty(); ++i) {
      const Value value = read_value(in);
      if (!value.is_absent() && wanted(i))
        put_cell(json, names.columns[i], value, names.schema->columns[i]);
    }
    json.close();
  }

  [[nodiscard]] bool in_before_image(const QuotedNames& names, std::size_t column) const {
    switch (options_.before_image_filter) {
      case DmsBeforeImage::pk_only: return names.in_key[column];
      case DmsBeforeImage::non_lob: return !is_lob(names.schema->columns[column].type);
      case DmsBeforeImage::all: break;
    }
    return true;
  }

  void put_cell(JsonWriter& json, std::string_view quoted_name, const Value& value,
                const Column& column) const {
    if (counts_as_null(value)) {
      if (!options_.include_null_and_empty) return;
      json.key(quoted_name);
      json.out().append("null");
      return;
    }
    json.key(quoted_name);
    put_json(json.out(), value, column);
  }

  // DMS does not tell empty columns from null ones.
  static bool counts_as_null(const Value& value) noexcept {
    if (value.is_null() || is_zero_time(value)) return true;
    return (value.is_text() || value.kind == ValueKind::bytes) && value.text.empty();
  }

  void put_json(Bytes& out, const Value& value, const Column& column) const {
    switch (value.kind) {
      case ValueKind::int64:
      case ValueKind::uint64: put_integer(out, value); return;
      case ValueKind::float32:
      case ValueKind::float64:
      case ValueKind::decimal: put_plain(out, value, column); return;
      case ValueKind::text:
      case ValueKind::json: put_json_string(out, value.text); return;
      default: break;
    }
    out.push_back('"');  // digits and signs only: nothing to escape
    put_plain(out, value, column);
    out.push_back('"');
  }

  void put_integer(Bytes& out, const Value& value) const {
    const bool negative = value.kind == ValueKind::int64 && value.integer < 0;
    const std::uint64_t bits =
        value.kind == ValueKind::int64 ? static_cast<std::uint64_t>(value.integer) : value.natural;
    const std::uint64_t size = negative ? 0 - bits : bits;
    if (size >= kLargeInteger && !options_.use_large_integer_value)
      put_cjson_double(out, negative ? -static_cast<double>(size) : static_cast<double>(size));
    else if (negative)
      put_number(out, value.integer);
    else
      put_number(out, size);
  }

  void put_plain(Bytes& out, const Value& value, const Column& column) const {
    switch (value.kind) {
      case ValueKind::absent:
      case ValueKind::null: return;
      case ValueKind::int64: put_number(out, value.integer); return;
      case ValueKind::uint64: put_number(out, value.natural); return;
      case ValueKind::float32: put_number(out, value.real32); return;
      case ValueKind::float64: put_number(out, value.real); return;
      case ValueKind::decimal:
      case ValueKind::text:
      case ValueKind::json: out.append(value.text); return;
      case ValueKind::bytes: put_hex(out, value.text, !options_.no_hex_prefix); return;
      case ValueKind::date: put_day(out, unpack_date(value.integer)); return;
      case ValueKind::time: out.append(format_time(value.integer, column.scale)); return;
      case ValueKind::datetime:
        put_instant(out, unpack_datetime(value.integer), column.scale);
        return;
      case ValueKind::timestamp:
        if (value.integer != kZeroTimestamp)
          put_instant(out, civil_from_micros(value.integer), column.scale);
        return;
    }
  }

  const QuotedNames& names_of(const SchemaPtr& schema) {
    if (const auto found = names_.find(schema.get()); found != names_.end()) return found->second;
    if (names_.size() >= kMostNames) names_.clear();
    return names_.emplace(schema.get(), quote_names(schema)).first->second;
  }

  static constexpr std::size_t kMostNames = 4096;

  DmsOptions options_;
  std::unordered_map<const TableSchema*, QuotedNames> names_;
  std::uint64_t previous_transaction_ = 0;
  std::uint64_t previous_record_ = 0;  // 0: none yet
};

DmsRenderer::DmsRenderer(DmsOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
DmsRenderer::~DmsRenderer() = default;
DmsRenderer::DmsRenderer(DmsRenderer&&) noexcept = default;
DmsRenderer& DmsRenderer::operator=(DmsRenderer&&) noexcept = default;

void DmsRenderer::render(const Change& change, std::int64_t micros, Bytes& out) {
  impl_->render(change, micros, out);
}

std::string DmsRenderer::partition_key(const Change& change) const {
  return impl_->partition_key(change);
}

}  // namespace freshet
