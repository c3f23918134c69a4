#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "pipeline/cell_sink.h"
#include "pipeline/line_input.h"

namespace freshet {

enum class RecordFormat : std::uint8_t {
  csv,         // RFC 4180; columns by the header or "column 1", "column 2" ...
  json_lines,  // one JSON text a line
  text,        // a line is a record with one cell, of the column "line"
};

[[nodiscard]] std::string_view name_of(RecordFormat format) noexcept;
[[nodiscard]] std::optional<RecordFormat> record_format_of(std::string_view name) noexcept;

struct RecordOptions {
  RecordFormat format = RecordFormat::text;
  bool header = false;   // CSV: the first record holds the names of the columns
  char separator = ',';  // CSV
};

// Reads records from an input, front to back. Empty CSV fields and empty lines are no cells. Not
// valid UTF-8 is passed on as it is.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Gives the next record to the sink; false at the end. Throws as LineInput::next(), and
  // Error{corrupt}, naming the line, on a CSV file that does not keep to RFC 4180.
  [[nodiscard]] virtual bool next(CellSink& sink) = 0;
};

// The input must outlive the reader.
[[nodiscard]] std::unique_ptr<RecordReader> make_record_reader(LineInput& input,
                                                               const RecordOptions& options);

}  // namespace freshet
