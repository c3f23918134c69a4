#include "lake/iceberg_schema.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/json_text.h"

namespace freshet {
namespace {

// Ids above belong to the spec ("Reserved Field IDs").
constexpr std::int32_t kHighestFieldId = 2147483447;

// In the order of LakeType.
constexpr std::array<std::string_view, 11> kTypeNames = {
    "boolean", "int",       "long",        "float",  "double", "decimal",
    "date",    "timestamp", "timestamptz", "string", "binary"};

// "decimal(12, 2)", with or without the space.
std::optional<LakeColumn> decimal_type(std::string_view name) {
  unsigned precision = 0, scale = 0;
  int end = 0;
  const std::string text(name);
  if (std::sscanf(text.c_str(), "decimal(%2u,%2u)%n", &precision, &scale, &end) != 2 ||
      static_cast<std::size_t>(end) != text.size() || precision < 1 || precision > 38 ||
      scale > precision)
    return std::nullopt;
  return LakeColumn{.type = LakeType::decimal,
                    .precision = static_cast<std::uint8_t>(precision),
                    .scale = static_cast<std::uint8_t>(scale)};
}

// The next code point of valid UTF-8; takes it off `text`.
char32_t next_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t character = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length && i < text.size(); ++i)
    character = character << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(std::min(length, text.size()));
  return character;
}

std::string avro_name(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const char32_t character = next_character(name);
    const bool digit = character >= '0' && character <= '9';
    const bool letter = (character | 0x20U) >= 'a' && (character | 0x20U) <= 'z';
    if (letter || character == '_' || digit) {
      if (digit && out.empty()) out += '_';
      out += static_cast<char>(character);
    } else if (character < 0x10000) {
      out += fmt::format("_x{:X}", static_cast<std::uint32_t>(character));
    } else {
      const auto rest = static_cast<std::uint32_t>(character) - 0x10000;
      out += fmt::format("_x{:X}_x{:X}", 0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
    }
  }
  return out;
}

bool can_identify(const IcebergField& field) noexcept {
  return field.column.required && field.column.type != LakeType::float32 &&
         field.column.type != LakeType::float64;
}

// The key's ids; none if a key column cannot identify rows (spec, "Identifier Field IDs").
std::vector<std::int32_t> identifier_ids(const std::vector<IcebergField>& fields,
                                         const std::vector<std::uint32_t>& key) {
  std::vector<std::int32_t> ids;
  for (const std::uint32_t index : key) {
    if (!can_identify(fields.at(index))) return {};
    ids.push_back(fields[index].id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool is_same(const IcebergSchema& a, const IcebergSchema& b) {
  return a.identifier_ids == b.identifier_ids &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const IcebergField& x, const IcebergField& y) {
                      return x.id == y.id && x.column == y.column;
                    });
}

void check_columns(const LakeSchema& columns) {
  std::vector<std::string_view> names;
  for (const LakeColumn& column : columns.columns) {
    if (column.name.empty())
      fail(ErrorKind::unsupported, "a column of {} has no name: rename it",
           columns.source.qualified());
    names.push_back(column.name);
  }
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    fail(ErrorKind::unsupported, "{} has two columns named {}: rename one",
         columns.source.qualified(), *twice);
}

}  // namespace

const IcebergField* IcebergSchema::find(std::string_view name) const noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const IcebergField& f) { return f.column.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

const IcebergField* IcebergSchema::find(std::int32_t id) const noexcept {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const IcebergField& f) { return f.id == id; });
  return found == fields.end() ? nullptr : &*found;
}

std::string iceberg_type(const LakeColumn& column) {
  if (column.type == LakeType::decimal)
    return fmt::format("decimal({}, {})", column.precision, column.scale);
  return std::string(kTypeNames.at(static_cast<std::size_t>(column.type)));
}

std::optional<LakeColumn> type_of(std::string_view name) {
  if (name.starts_with("decimal")) return decimal_type(name);
  const auto found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
  if (found == kTypeNames.end()) return std::nullopt;
  return LakeColumn{.type = static_cast<LakeType>(found - kTypeNames.begin())};
}

bool can_promote(const LakeColumn& from, const LakeColumn& to) noexcept {
  if (from.type == LakeType::decimal && to.type == LakeType::decimal)
    return from.scale == to.scale && from.precision <= to.precision;
  return from.type == to.type || (from.type == LakeType::int32 && to.type == LakeType::int64) ||
         (from.type == LakeType::float32 && to.type == LakeType::float64);
}

std::vector<std::string> file_column_names(const IcebergSchema& schema) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const IcebergField& field : schema.fields) {
    std::string name = avro_name(field.column.name);
    if (!taken.insert(lower_case(name)).second) {
      name += "_" + std::to_string(field.id);
      taken.insert(lower_case(name));
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string to_json(const IcebergSchema& schema) {
  std::string out = fmt::format(R"({{"type":"struct","schema-id":{},"identifier-field-ids":[{}],)",
                                schema.schema_id, fmt::join(schema.identifier_ids, ","));
  out += R"("fields":[)";
  for (const IcebergField& field : schema.fields) {
    if (&field != &schema.fields.front()) out += ',';
    out += fmt::format(R"({{"id":{},"name":{},"required":{},"type":"{}"}})", field.id,
                       json_quote(field.column.name), field.column.required,
                       iceberg_type(field.column));
  }
  return out + "]}";
}

std::string name_mapping_json(const IcebergSchema& schema) {
  std::string out = "[";
  for (const IcebergField& field : schema.fields) {
    if (out.size() > 1) out += ',';
    out +=
        fmt::format(R"({{"field-id":{},"names":[{}]}})", field.id, json_quote(field.column.name));
  }
  return out + "]";
}

std::optional<IcebergSchema> evolve_schema(const IcebergSchema& current, const LakeSchema& columns,
                                           std::int32_t last_column_id) {
  check_columns(columns);
  IcebergSchema next{.schema_id = current.schema_id};
  for (const LakeColumn& column : columns.columns) {
    IcebergField field{.id = 0, .column = column};
    const IcebergField* const known = current.find(column.name);
    if (known != nullptr && can_promote(known->column, column)) {
      field.id = known->id;
      field.column.required = known->column.required && column.required;
    } else {
      if (last_column_id >= kHighestFieldId)
        fail(ErrorKind::unsupported, "{} has used up its column ids: load it into a new table",
             columns.source.qualified());
      field.id = ++last_column_id;
      field.column.required = false;  // rows written before read null (spec, "Schema Evolution")
    }
    next.fields.push_back(std::move(field));
  }
  next.identifier_ids = identifier_ids(next.fields, columns.key);
  if (is_same(current, next)) return std::nullopt;
  return next;
}

IcebergSchema first_schema(const LakeSchema& columns) {
  check_columns(columns);
  IcebergSchema schema;
  for (const LakeColumn& column : columns.columns)
    schema.fields.push_back(
        {.id = static_cast<std::int32_t>(schema.fields.size()) + 1, .column = column});
  schema.identifier_ids = identifier_ids(schema.fields, columns.key);
  return schema;
}

}  // namespace freshet
