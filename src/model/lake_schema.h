#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/table_schema.h"

namespace freshet {

// Types of lake columns: the Iceberg v2 primitives we write. A cell of such a column is a Value:
//   boolean, int32, int64      -> ValueKind::int64 (boolean 0 or 1)
//   float32, float64           -> float32, float64
//   decimal                    -> decimal (text, canonical digits)
//   date                       -> int64, days since 1970-01-01
//   timestamp, timestamptz     -> int64, microseconds since the epoch
//   string                     -> text (valid UTF-8);  binary -> bytes
// and any nullable column may hold null.
enum class LakeType : std::uint8_t {
  boolean,
  int32,
  int64,
  float32,
  float64,
  decimal,
  date,
  timestamp,
  timestamptz,
  string,
  binary,
};

struct LakeColumn {
  std::string name;
  LakeType type = LakeType::string;
  std::uint8_t precision = 0;  // decimal only, 1..38
  std::uint8_t scale = 0;
  bool required = false;  // never null: key columns

  friend bool operator==(const LakeColumn&, const LakeColumn&) = default;
};

// The columns of a lake table, as the transform makes them from a source table: flattened, masked.
struct LakeSchema {
  TableName source;
  std::vector<LakeColumn> columns;
  std::vector<std::uint32_t>
      key;  // column indexes of the primary key; empty = keyless (a multiset of rows)

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view column) const noexcept {
    for (std::uint32_t i = 0; i < columns.size(); ++i)
      if (columns[i].name == column) return i;
    return std::nullopt;
  }
  friend bool operator==(const LakeSchema&, const LakeSchema&) = default;
};

// Identity of a source row: a 128-bit keyed hash of its key cells (or, without a key, of all its
// cells) before masking. Keyed with a secret of this installation, so that it tells nothing.
struct RowId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const RowId&, const RowId&) = default;
};

}  // namespace freshet
