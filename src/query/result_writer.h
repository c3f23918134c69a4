#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

enum class ResultFormat : std::uint8_t { table, csv, json, parquet };

[[nodiscard]] std::string_view name_of(ResultFormat format) noexcept;
[[nodiscard]] std::optional<ResultFormat> result_format_of(std::string_view name) noexcept;

// How a cell's text is to be taken.
enum class CellKind : std::uint8_t {
  text,
  number,   // exact digits, fit for JSON; "NaN" and "Infinity" never come as numbers
  boolean,  // "true" or "false"
  json,     // a JSON document: lists, structs, maps
};

struct ResultColumn {
  std::string name;
  std::string type;  // DuckDB's name: "BIGINT", "DECIMAL(10,2)", "VARCHAR"
  bool numeric = false;
};

// A rendered cell; nothing where it is null. The text lives until the next row.
struct ResultCell {
  bool is_null = true;
  CellKind kind = CellKind::text;
  std::string_view text;
};

using ResultSink = std::function<void(std::string_view)>;

// Takes a result row by row: begin once, row for each, end once.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void begin(std::span<const ResultColumn> columns) = 0;
  virtual void row(std::span<const ResultCell> cells) = 0;
  virtual void end() = 0;
};

// csv: as Athena writes it: a header, every value in quotes, null an empty field without quotes.
// json: one array of objects, a row a line; numbers exact, bytes "0x..", null null.
// table: aligned columns and a count of rows; widths from the first thousand rows.
// Parquet is written by DuckDB itself (QueryEngine::run).
[[nodiscard]] std::unique_ptr<ResultWriter> make_result_writer(ResultFormat format,
                                                               ResultSink sink);

// Columns of a terminal that UTF-8 text takes: wide East Asian characters two, combining marks
// none.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

}  // namespace freshet
