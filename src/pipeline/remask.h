#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lake/lake.h"
#include "model/table_schema.h"
#include "transform/column_verdict.h"
#include "transform/options.h"

namespace freshet {

// Which columns of a lake table are masked again.
enum class RemaskScope : std::uint8_t {
  verdicts,  // those with a verdict
  all,  // by rules, names, verdicts and detectors: as today's configuration has new rows masked
};

// Masks the rows that the lake has of a source table already, in mirror and history, and removes
// the files that have them clear (lake/table_rewrite.h). Rows that come later are not concerned.
// Writers of the table must be gone. Returns the lake columns that were masked, of both tables.
//
// What was masked cell by cell is masked again from what the lake has of it: a hash of a whole cell
// stays, one within longer text is hashed with that text. `notes` go into the summaries of the
// snapshots that this makes.
std::vector<std::string> remask(Lake& lake, const std::string& lake_table, const TableName& source,
                                const TransformOptions& options, const std::string& key,
                                const TableVerdicts& verdicts, RemaskScope scope,
                                const std::map<std::string, std::string>& notes);

// Removes what a remask that was broken off left of the table and its history.
void finish_remask(Lake& lake, const std::string& lake_table);

}  // namespace freshet
