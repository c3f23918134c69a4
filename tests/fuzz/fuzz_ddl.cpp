// Statements, and the definitions they make: first byte: the SQL mode's two bits that matter, and
// which server; then the text.
#include "fuzz_target.h"
#include "source/binlog_event.h"
#include "source/ddl.h"
#include "source/table_definition.h"

namespace freshet::fuzz {

void run_one(std::string_view input) {
  if (input.empty()) return;
  const std::uint64_t mode = ((input[0] & 1) != 0 ? Query::kAnsiQuotes : 0) |
                             ((input[0] & 2) != 0 ? Query::kNoBackslashEscapes : 0);
  const Statement statement =
      read_statement(std::string(input.substr(1)), "d", {mode, (input[0] & 4) != 0});
  TableDefinition table;
  for (const Statement::Action& action : statement.actions)
    if (auto after = apply_edit(table, action.edit, "utf8mb4")) table = *std::move(after);
}

}  // namespace freshet::fuzz
