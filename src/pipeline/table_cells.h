#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "model/table_schema.h"
#include "pipeline/cell_sink.h"
#include "source/connection.h"

namespace freshet {

// Reads a table of the source in one consistent view and gives its rows to a sink: text as it is,
// JSON columns by their paths, numbers and binary cells that are text. Nothing is changed on the
// server. `limit`: rows at most. `progress` is called now and then with the rows so far.
// Throws as SnapshotReader.
void read_table_cells(const SourceOptions& source, const TableName& table,
                      std::optional<std::uint64_t> limit, CellSink& sink,
                      const std::function<void(std::uint64_t rows)>& progress);

}  // namespace freshet
