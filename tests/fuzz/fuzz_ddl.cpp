// Statements: first byte: the SQL mode's two bits that matter, then the text.
#include "fuzz_target.h"
#include "source/binlog_event.h"
#include "source/ddl.h"

namespace freshet::fuzz {

void run_one(std::string_view input) {
  if (input.empty()) return;
  const std::uint64_t mode = ((input[0] & 1) != 0 ? Query::kAnsiQuotes : 0) |
                             ((input[0] & 2) != 0 ? Query::kNoBackslashEscapes : 0);
  static_cast<void>(read_statement(std::string(input.substr(1)), "d", mode));
}

}  // namespace freshet::fuzz
