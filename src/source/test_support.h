#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/change.h"
#include "source/table_map.h"

// What the tests of this stage share.
namespace freshet::test {

// "01 ff" -> two bytes; anything but hex digits is skipped.
inline Bytes hex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) continue;
    const int value = digit ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | value));
      high = -1;
    }
  }
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return text;
}

// A cell as MySQL prints it; texts quoted, bytes in hex, an absent cell as ~.
inline std::string show(const Value& value, const Column& column) {
  switch (value.kind) {
    case ValueKind::absent: return "~";
    case ValueKind::null: return "NULL";
    case ValueKind::int64: return std::to_string(value.integer);
    case ValueKind::uint64: return std::to_string(value.natural) + "u";
    case ValueKind::float32: return fmt::format("{}f", value.real32);
    case ValueKind::float64: return fmt::format("{}", value.real);
    case ValueKind::decimal: return std::string(value.text);
    case ValueKind::date: return format_date(value.integer);
    case ValueKind::time: return format_time(value.integer, column.scale);
    case ValueKind::datetime: return format_datetime(value.integer, column.scale);
    case ValueKind::timestamp: return format_timestamp(value.integer, column.scale);
    case ValueKind::text: return "'" + std::string(value.text) + "'";
    case ValueKind::bytes: return "x" + to_hex(value.text);
    case ValueKind::json: return "json " + std::string(value.text);
  }
  return "?";
}

inline std::string show_image(std::string_view image, const TableSchema& schema) {
  std::string text;
  ByteReader in(image);
  for (std::size_t i = 0; !in.empty(); ++i) {
    if (i > 0) text += ", ";
    text += show(read_value(in), schema.columns.at(i));
  }
  return "(" + text + ")";
}

inline std::string show_schema(const TableSchema& schema) {
  std::string text;
  for (const Column& column : schema.columns) {
    if (!text.empty()) text += ", ";
    text += column.name + " " + std::string(name_of(column.type));
    if (column.length > 0) text += fmt::format("({})", column.length);
    if (column.scale > 0) text += fmt::format(".{}", column.scale);
    if (column.is_unsigned) text += " unsigned";
    if (!column.nullable) text += " not null";
    for (const std::string& label : column.labels) text += " '" + label + "'";
  }
  text += "; key";
  for (const std::uint32_t index : schema.key) text += " " + schema.columns.at(index).name;
  return "(" + text + ")";
}

// The changes of a batch, a line each; `with_place` adds transaction and ordinal, and a line for
// its end.
inline std::vector<std::string> show_changes(const ChangeBatch& batch, bool with_place = true) {
  std::vector<std::string> lines;
  std::map<std::uint64_t, SchemaPtr> schemas;
  for (const SchemaPtr& schema : batch.schemas()) schemas[schema->fingerprint()] = schema;
  const Bytes block = batch.encode();
  ChangeCursor cursor(block, [&](std::uint64_t fingerprint) { return schemas.at(fingerprint); });
  while (const auto change = cursor.next()) {
    if (change->op == Op::commit) {
      lines.emplace_back("end");
      continue;
    }
    std::string line = std::string(name_of(change->op)) + " " + change->schema->name.qualified();
    if (!is_row(change->op)) line += " " + show_schema(*change->schema);
    if (change->op == Op::rename)
      line += " to " + change->other->name.qualified();
    else if (change->other)
      line += " from " + show_schema(*change->other);
    if (!change->before.empty()) line += " " + show_image(change->before, *change->schema);
    if (change->op == Op::update) line += " ->";
    if (!change->after.empty()) line += " " + show_image(change->after, *change->schema);
    const Transaction& t = *change->transaction;
    if (with_place)
      line += fmt::format(" @ {} {}:{} #{}", t.gtid, t.file, t.offset, change->ordinal);
    lines.push_back(std::move(line));
    if (with_place && change->last_of_transaction) lines.emplace_back("end");
  }
  return lines;
}

// The body of a TABLE_MAP of p.t with these columns.
inline Bytes table_map_body(std::string_view types, std::string_view meta,
                            std::string_view optional = {}, char nullable = '\xff') {
  Bytes body = hex("6d0000000000 0100 01 7000 01 7400");
  put_u8(body, static_cast<std::uint8_t>(types.size()));
  body += types;
  put_u8(body, static_cast<std::uint8_t>(meta.size()));
  body += meta;
  body.append((types.size() + 7) / 8, nullable);
  body += optional;
  return body;
}

}  // namespace freshet::test
