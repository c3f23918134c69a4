#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/lake_schema.h"
#include "model/value.h"
#include "transform/row_identity.h"

namespace freshet {

// A row of a lake table: masked and flattened cells, parallel to the columns.
struct LakeRow {
  std::span<const LakeColumn> columns;
  std::uint64_t version = 0;  // another number wherever the columns are others
  std::span<const Value> cells;
};

// What two copies of a row have alike exactly if they are equal. `key` is of the key's cells;
// without a key it is `row`, that of all cells. Both are 128-bit hashes, keyed with the secret of
// this installation.
struct RowDigest {
  RowId key;
  RowId row;
};

// One cell that is not null, for telling which columns of a row differ.
struct CellDigest {
  std::uint32_t column = 0;  // number of the name within its RowDigester
  std::uint64_t hash = 0;
  friend auto operator<=>(const CellDigest&, const CellDigest&) = default;
};

// Makes digests of the rows of one table. Cells count by the name of their column (letter case does
// not matter) and by value, whatever the order and width of columns: 7 is 7 in an int and in a
// long, 12.50 is 12.5, a FLOAT is the double of the same number. A null cell is as good as no
// column. One per side and thread.
class RowDigester {
 public:
  // `secret`: 32 bytes. `key`: names of the key columns; empty for a table without a key.
  // `ignored`: names of columns that are left out.
  RowDigester(std::string_view secret, std::vector<std::string> key,
              std::vector<std::string> ignored = {});

  [[nodiscard]] RowDigest digest(const LakeRow& row);
  // Of all cells that are not null, by column number. Numbers are this digester's own.
  [[nodiscard]] std::vector<CellDigest> cells(const LakeRow& row);
  [[nodiscard]] const std::string& column_name(std::uint32_t number) const {
    return names_.at(number);
  }

  // The key as a JSON object from column to text, {"id":"7"}; "{}" without a key.
  [[nodiscard]] std::string key_text(const LakeRow& row);

 private:
  struct Place {
    std::string name;  // lower case: the order of hashing
    std::uint64_t name_hash = 0;
    std::uint32_t number = 0;
    std::size_t index = 0;
  };
  void follow(const LakeRow& row);

  SipHash128::Key hash_key_;
  std::vector<std::string> key_;
  std::vector<std::string> ignored_;
  std::uint64_t version_ = 0;
  bool known_ = false;
  std::vector<Place> places_;                     // of the columns of `version_`, by name
  std::vector<std::size_t> key_places_;           // index of each key column; npos = not there
  std::vector<std::string> names_;                // as first met
  std::map<std::string, std::uint32_t> numbers_;  // of names in lower case
};

// What a person reads for a cell: of keys only, which are masked where they are personal.
[[nodiscard]] std::string cell_text(const LakeColumn& column, const Value& value);

}  // namespace freshet
