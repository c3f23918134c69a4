#include "model/position.h"

#include <simdjson.h>

#include "base/error.h"
#include "base/json_text.h"

namespace freshet {

namespace {

// "mysql-bin.000042" -> 42; names without a number sort first, by text.
std::uint64_t file_number(std::string_view file) noexcept {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos) return 0;
  std::uint64_t number = 0;
  for (const char c : file.substr(dot + 1)) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace

std::strong_ordering operator<=>(const LogCoordinate& a, const LogCoordinate& b) noexcept {
  if (a.file == b.file) return a.offset <=> b.offset;
  const std::uint64_t left = file_number(a.file);
  const std::uint64_t right = file_number(b.file);
  return left != right ? left <=> right : a.file.compare(b.file) <=> 0;
}

std::string to_string(const LogCoordinate& at) { return fmt::format("{}:{}", at.file, at.offset); }

std::string to_json(const Position& position) {
  return fmt::format(
      R"({{"server":{},"file":{},"offset":{},"gtid":{},"rows":{},"transaction":{},"created":{}}})",
      json_quote(position.server_id), json_quote(position.log.file), position.log.offset,
      json_quote(position.gtid), position.rows, json_quote(position.transaction),
      position.file_created);
}

Position position_from_json(std::string_view json) {
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(json.data(), json.size());
    Position position;
    position.server_id = std::string_view(root["server"]);
    position.log.file = std::string_view(root["file"]);
    position.log.offset = std::uint64_t(root["offset"]);
    position.gtid = std::string_view(root["gtid"]);
    position.rows = std::uint64_t(root["rows"]);
    // The last two are younger than some stored positions.
    std::string_view transaction;
    if (root["transaction"].get(transaction) == simdjson::SUCCESS)
      position.transaction = transaction;
    std::uint64_t created = 0;
    if (root["created"].get(created) == simdjson::SUCCESS)
      position.file_created = static_cast<std::uint32_t>(created);
    return position;
  } catch (const simdjson::simdjson_error& error) {
    fail(ErrorKind::corrupt, "a stored source position is unreadable: {}", error.what());
  }
}

}  // namespace freshet
