#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/table_schema.h"
#include "pipeline/cell_sink.h"
#include "transform/cell_masker.h"
#include "transform/options.h"

namespace freshet {

// What a scan found in one column. Holds no values.
struct ScannedColumn {
  struct Count {
    std::string type;         // "EMAIL"; kNotUtf8
    std::uint64_t cells = 0;  // that hold at least one
  };
  // Cells that are not valid UTF-8 cannot be judged; they count as found, and are masked.
  static constexpr std::string_view kNotUtf8 = "NOT_UTF8";

  std::string column;
  std::uint64_t cells = 0;   // looked at: not null, not empty
  std::uint64_t found = 0;   // cells in which anything was found
  std::vector<Count> types;  // by what stands in the cells, whatever the column's name tells
  ColumnPolicy policy;       // what the configuration does with the column
};

// A place where something was found: bytes [begin, end) of the cell at `place` of a record.
struct FoundSpan {
  std::uint64_t record = 0;  // from 1
  const SourceCell& cell;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view type;
  int confidence = 100;  // percent
  bool by_name = false;  // the column's name tells it: the whole cell
};
using SpanSink = std::function<void(const FoundSpan&)>;

// Looks at all cells of records and counts by column. Changes nothing and keeps nothing but
// counts; memory is bounded by the number of columns, of which those beyond kMaxColumns (documents
// may use data as keys) share one entry. One thread.
class PiiScan : public CellSink {
 public:
  static constexpr std::size_t kMaxColumns = 10'000;

  // `table` is what column rules compare with; empty names for files. `spans` may be empty.
  // Throws Error{config} as CellMasker.
  PiiScan(const SensitiveDataOptions& options, const TableName& table, SpanSink spans = {});

  void begin_record() override { ++records_; }
  void cell(const SourceCell& cell) override;
  [[nodiscard]] std::string shown_name(std::string_view name) override;

  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] std::uint64_t cells() const noexcept { return cells_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // of cells
  // In the order in which they were met.
  [[nodiscard]] std::vector<ScannedColumn> columns() const;

 private:
  struct Entry {
    std::string column;
    ColumnPolicy policy;
    std::uint64_t cells = 0;
    std::uint64_t found = 0;
    std::uint64_t not_utf8 = 0;
    std::vector<std::uint64_t> hits;  // cells, by detector
  };

  Entry& entry_of(std::string_view column);
  void count(Entry& entry, const SourceCell& cell);
  void report_known(const Entry& entry, const SourceCell& cell);
  [[nodiscard]] ColumnPolicy policy_of(std::string_view column) const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  CellMasker masker_;
  ColumnRules rules_;
  SpanSink spans_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> by_column_;
  std::uint64_t records_ = 0;
  std::uint64_t cells_ = 0;
  std::uint64_t bytes_ = 0;
  Hits hits_;
};

}  // namespace freshet
