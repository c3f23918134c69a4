#include "source/chunk_query.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json_text.h"
#include "source/connection.h"

namespace freshet {

namespace {

std::string hex_of(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<std::uint8_t>(c) >> 4]);
    hex.push_back(kDigits[static_cast<std::uint8_t>(c) & 15]);
  }
  return hex;
}

std::string quoted(std::string_view text) { return fmt::format("'{}'", text); }

// Number of the label, from 1; 0 is the '' that stands for an invalid value.
std::size_t label_number(const Column& column, std::string_view label) {
  const auto found = std::ranges::find(column.labels, label);
  if (found != column.labels.end())
    return static_cast<std::size_t>(found - column.labels.begin()) + 1;
  if (label.empty()) return 0;
  fail(ErrorKind::corrupt, "column {}: the server sent a label that the column does not have",
       column.name);
}

std::uint64_t set_bits(const Column& column, std::string_view members) {
  std::uint64_t bits = 0;
  while (!members.empty()) {
    const std::size_t comma = std::min(members.find(','), members.size());
    const std::size_t number = label_number(column, members.substr(0, comma));
    if (number > 0) bits |= std::uint64_t{1} << (number - 1);
    members.remove_prefix(std::min(comma + 1, members.size()));
  }
  return bits;
}

std::string text_literal(const Column& column, std::string_view text) {
  switch (column.type) {
    case ColumnType::enumeration: return std::to_string(label_number(column, text));
    case ColumnType::set: return std::to_string(set_bits(column, text));
    case ColumnType::uuid:
    case ColumnType::inet4:
    case ColumnType::inet6: return quoted(text);
    default:
      // A literal gives way to a column: the server converts it to the column's character set and
      // compares in the column's collation ("Collation Coercibility in Expressions").
      return fmt::format("_utf8mb4 x'{}'", hex_of(text));
  }
}

constexpr int kMaxFraction = 6;

// ("c" > v), or for longer keys ("c" > v OR ("c" = v AND rest)); the last comparison is `last`.
std::string beyond(const TableSchema& schema, const KeyLiterals& key, std::string_view strict,
                   std::string_view last, std::size_t part = 0) {
  const std::string column = Connection::quote_name(schema.columns[schema.key[part]].name);
  if (part + 1 == key.size()) return fmt::format("{} {} {}", column, last, key[part]);
  return fmt::format("({0} {1} {2} OR ({0} = {2} AND {3}))", column, strict, key[part],
                     beyond(schema, key, strict, last, part + 1));
}

void demand_key(const TableSchema& schema, const KeyLiterals& key) {
  if (!key.empty() && key.size() != schema.key.size())
    fail(ErrorKind::lost_position,
         "table {}: its primary key has changed since the last chunk: load the table anew",
         schema.name.qualified());
}

// The bound on the first part is implied by the rest; it is what an optimizer needs to begin and
// end the index scan at the key where it cannot make ranges of the nested form.
std::vector<std::string> conditions_of(const TableSchema& schema, const KeyRange& range) {
  std::vector<std::string> all;
  if (!range.where.empty()) all.push_back("(" + range.where + ")");
  const auto first = [&] { return Connection::quote_name(schema.columns[schema.key[0]].name); };
  if (!range.after.empty()) {
    all.push_back(fmt::format("{} >= {}", first(), range.after[0]));
    all.push_back(beyond(schema, range.after, ">", ">"));
  }
  if (!range.to.empty()) {
    all.push_back(fmt::format("{} <= {}", first(), range.to[0]));
    all.push_back(beyond(schema, range.to, "<", "<="));
  }
  return all;
}

bool is_literal(std::string_view text) {
  constexpr std::string_view kMarks = "'.:+-_ ";
  return !text.empty() && std::ranges::count(text, '\'') % 2 == 0 &&
         std::ranges::all_of(text, [&](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || kMarks.contains(c);
         });
}

std::string column_list(const TableSchema& schema) {
  std::string list;
  for (const Column& column : schema.columns) {
    if (!list.empty()) list += ", ";
    list += Connection::quote_name(column.name);
  }
  return list;
}

std::string quoted_table(const TableName& name) {
  return Connection::quote_name(name.database) + "." + Connection::quote_name(name.table);
}

// The table, its range and its order, as they follow a list of columns.
std::string from_range(const TableSchema& schema, const KeyRange& range) {
  demand_key(schema, range.after);
  demand_key(schema, range.to);
  std::string order;
  for (const std::uint32_t index : schema.key) {
    if (!order.empty()) order += ", ";
    order += Connection::quote_name(schema.columns[index].name);
  }
  std::string where;
  for (const std::string& condition : conditions_of(schema, range))
    where += (where.empty() ? " WHERE " : " AND ") + condition;
  return fmt::format(" FROM {} FORCE INDEX (PRIMARY){} ORDER BY {}", quoted_table(schema.name),
                     where, order);
}

}  // namespace

std::string key_literal(const Column& column, const Value& value) {
  switch (value.kind) {
    case ValueKind::int64: return std::to_string(value.integer);
    case ValueKind::uint64: return std::to_string(value.natural);
    // Every digit of the binary value, with an exponent: a DOUBLE literal, not a DECIMAL one.
    case ValueKind::float32: return fmt::format("{:.17e}", static_cast<double>(value.real32));
    case ValueKind::float64: return fmt::format("{:.17e}", value.real);
    case ValueKind::decimal: return std::string(value.text);
    case ValueKind::date: return quoted(format_date(value.integer));
    case ValueKind::time: return quoted(format_time(value.integer, kMaxFraction));
    case ValueKind::datetime: return quoted(format_datetime(value.integer, kMaxFraction));
    case ValueKind::timestamp: return quoted(format_timestamp(value.integer, kMaxFraction));
    case ValueKind::text: return text_literal(column, value.text);
    case ValueKind::bytes: return fmt::format("x'{}'", hex_of(value.text));
    case ValueKind::absent:
    case ValueKind::null:
    case ValueKind::json: break;
  }
  fail(ErrorKind::internal, "column {}: a key part cannot have this value", column.name);
}

KeyLiterals key_of_image(const TableSchema& schema, std::string_view image) {
  std::vector<Value> cells;
  cells.reserve(schema.columns.size());
  ByteReader in(image);
  while (!in.empty()) cells.push_back(read_value(in));
  KeyLiterals key;
  for (const std::uint32_t index : schema.key)
    key.push_back(key_literal(schema.columns[index], cells.at(index)));
  return key;
}

std::string key_to_text(const KeyLiterals& key) {
  std::string text = "[";
  for (const std::string& literal : key) {
    if (text.size() > 1) text += ',';
    put_json_string(text, literal);
  }
  return text + "]";
}

KeyLiterals key_from_text(std::string_view text) {
  // No literal has a character that JSON escapes, so each string ends at the next quote.
  const auto malformed = [] { fail(ErrorKind::corrupt, "the saved end of a chunk is not a key"); };
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') malformed();
  text = text.substr(1, text.size() - 2);
  KeyLiterals key;
  while (true) {
    const std::size_t end = text.starts_with('"') ? text.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos || !is_literal(text.substr(1, end - 1))) malformed();
    key.emplace_back(text.substr(1, end - 1));
    text.remove_prefix(end + 1);
    if (text.empty()) return key;
    if (text.front() != ',') malformed();
    text.remove_prefix(1);
  }
}

std::string select_all(const TableSchema& schema, std::string_view where) {
  return fmt::format("SELECT {} FROM {}{}", column_list(schema), quoted_table(schema.name),
                     where.empty() ? "" : fmt::format(" WHERE ({})", where));
}

std::string select_chunk(const TableSchema& schema, const KeyRange& range, std::size_t limit) {
  return fmt::format("SELECT {}{} LIMIT {}", column_list(schema), from_range(schema, range), limit);
}

TableSchema key_columns(const TableSchema& schema) {
  TableSchema key{.name = schema.name, .columns = {}, .key = {}};
  for (const std::uint32_t index : schema.key) {
    key.key.push_back(static_cast<std::uint32_t>(key.columns.size()));
    key.columns.push_back(schema.columns[index]);
  }
  return key;
}

std::string select_key_at(const TableSchema& schema, KeyRange range, std::size_t number) {
  range.where.clear();
  return fmt::format("SELECT {}{} LIMIT 1 OFFSET {}", column_list(key_columns(schema)),
                     from_range(schema, range), number - 1);
}

void check_condition(std::string_view text) {
  int depth = 0;
  const auto refuse = [](std::string_view what) {
    fail(ErrorKind::usage, "the condition is not one SQL expression: it has {}", what);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"' || c == '`') {
      for (++i; i < text.size() && text[i] != c; ++i)
        if (text[i] == '\\' && c != '`') ++i;
      if (i >= text.size()) refuse("a quote that does not close");
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (--depth < 0) refuse("a parenthesis that does not open");
    } else if (c == ';' || c == '#' || c == '\0' || text.substr(i).starts_with("--") ||
               text.substr(i).starts_with("/*")) {
      refuse("a comment or a semicolon");
    }
  }
  if (depth != 0) refuse("a parenthesis that does not close");
}

}  // namespace freshet
