#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "transform/options.h"

namespace freshet {

// What was found in one column since its masking began. Holds no values.
struct ColumnFinding {
  struct Count {
    std::string type;  // "EMAIL"
    std::uint64_t cells =
        0;  // in which it was found; all non-empty cells of a column known by name
  };
  // Why all of the column is masked; `cells` if it is not, and each is looked at.
  enum class Basis : std::uint8_t { cells, name, verdict, rule };
  std::string column;
  MaskAction action = MaskAction::keep;  // what is done to a cell, or to a match in it
  Basis basis = Basis::cells;
  std::string known_as;      // type that name or verdict tell, or empty
  std::uint64_t cells = 0;   // cells looked at (neither null nor empty)
  std::uint64_t masked = 0;  // cells changed
  std::vector<Count> hits;
};
[[nodiscard]] std::string_view name_of(ColumnFinding::Basis basis) noexcept;
// As the configuration spells it.
[[nodiscard]] std::string_view name_of(MaskAction action) noexcept;

}  // namespace freshet
