#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/cell_writer.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "source/charset.h"
#include "source/table_map.h"

namespace freshet {

// As CellWriter::put_text(); the text becomes valid UTF-8.
void put_converted(CellWriter& out, ValueKind kind, std::string_view text, const Charset& charset);

// For texts that are made piece by piece: empty, and the thread's own.
[[nodiscard]] Bytes& scratch_text() noexcept;

struct CellPlan;
using DecodeCell = void (*)(ByteReader& in, const CellPlan& plan, CellWriter& out);

// How a column's values are read: made once per table map, used for every row.
struct CellPlan {
  DecodeCell decode = nullptr;
  bool prefixed = false;               // the value begins with its length
  bool ascii_based = false;            // of texts: a byte below 0x80 stands for itself
  bool binary_json = false;            // an update may tell its changes alone
  std::uint32_t width = 0;             // bytes of the value, or of its length
  std::uint32_t length = 0;            // BINARY, UUID, INET: bytes to pad to; DECIMAL: precision
  std::uint8_t scale = 0;              // DECIMAL: scale; times: fraction digits
  ValueKind kind = ValueKind::absent;  // of texts
  const Charset* charset = nullptr;    // of texts
  const std::vector<std::string>* labels = nullptr;  // belongs to the schema
};

// The plan for a column that the log describes as `mapped` and whose schema is `column`, which must
// outlive the plan. `charset` is that of its text, nullptr where it has none.
[[nodiscard]] CellPlan plan_cell(const MappedColumn& mapped, const Column& column,
                                 const Charset* charset);

// Only the sizes: enough to step over a row. Old MariaDB time types, whose width the log does not
// tell, need the schema's fraction digits.
[[nodiscard]] CellPlan plan_width(const MappedColumn& mapped, std::uint8_t scale);

// The length in front of a value. A copy of varying size would cost more than all else in a text.
inline std::size_t read_length(ByteReader& in, std::uint32_t width) {
  switch (width) {
    case 1: return in.u8();
    case 2: return in.fixed<std::uint16_t>();
    case 4: return in.fixed<std::uint32_t>();
    default: return in.le(width);
  }
}

inline void skip_cell(ByteReader& in, const CellPlan& plan) {
  in.skip(plan.prefixed ? read_length(in, plan.width) : plan.width);
}

}  // namespace freshet
