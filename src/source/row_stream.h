#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "source/charset.h"
#include "source/connection.h"

struct st_mysql_stmt;  // MYSQL_STMT of libmariadb

namespace freshet {

// How a cell stands in a row of the binary protocol (MySQL Internals, "Binary Protocol Value").
enum class CellForm : std::uint8_t { int8, int16, int32, int64, float4, float8, clock, sized };

struct WireCell {
  CellForm form = CellForm::sized;
  ValueKind kind = ValueKind::text;
  bool is_signed = true;
  bool is_bit = false;
  const Charset* charset = nullptr;  // of a text that is not UTF-8 already
};

// The plan for a cell of `column` that the server announces with the protocol's type code and
// character set (a collation id; texts come in the column's own). Throws Error{unsupported} where
// the two do not fit together, or the character set is unknown.
[[nodiscard]] WireCell plan_wire_cell(const Column& column, int wire_type, unsigned collation,
                                      bool mariadb);

// Appends the row image (model/value.h) of one binary protocol row, its leading status byte
// included. Throws Error{corrupt} on a row that does not have the planned form.
void append_image(Bytes& out, std::string_view row, const std::vector<WireCell>& plan);

// The rows of one SELECT, read from the wire as they come and never buffered. Texts are asked for
// in their columns' character sets and converted here, as those of the log are. The statement's
// columns must be the columns of `schema`, in order. While it lives the connection serves nothing
// else. A stream given up before its end leaves the connection unusable: see finished().
class RowStream {
 public:
  RowStream(Connection& connection, std::string_view sql, const TableSchema& schema);
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;
  ~RowStream();

  // Appends the next row's image; false, and nothing appended, at the end.
  [[nodiscard]] bool next(Bytes& out);
  // Reads the rest and drops it.
  void skip_rest();
  [[nodiscard]] bool finished() const noexcept { return finished_; }

 private:
  // The next row as it stands in the library's buffer; empty at the end.
  std::string_view fetch();

  Connection& connection_;
  st_mysql_stmt* statement_;
  std::vector<WireCell> plan_;
  bool finished_ = false;
};

}  // namespace freshet
