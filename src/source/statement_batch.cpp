#include "source/statement_batch.h"

#include <mysql.h>

#include <memory>

#include "base/error.h"
#include "source/client_error.h"

namespace freshet {

namespace {

struct FreeResult {
  void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
};

void demand(MYSQL* mysql, bool good) {
  if (good) return;
  const unsigned code = mysql_errno(mysql);
  fail(is_broken_link(code) ? ErrorKind::unavailable : ErrorKind::failed,
       "the server says: {} (error {})", one_line(mysql_error(mysql)), code);
}

std::vector<SqlRow> store_rows(MYSQL* mysql) {
  const std::unique_ptr<MYSQL_RES, FreeResult> result(mysql_store_result(mysql));
  demand(mysql, result || mysql_field_count(mysql) == 0);
  std::vector<SqlRow> rows;
  if (!result) return rows;
  const unsigned width = mysql_num_fields(result.get());
  while (MYSQL_ROW cells = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    SqlRow& row = rows.emplace_back(width);
    for (unsigned i = 0; i < width; ++i)
      if (cells[i] != nullptr) row[i].emplace(cells[i], lengths[i]);
  }
  return rows;
}

}  // namespace

std::vector<std::vector<SqlRow>> run_batch(Connection& connection, std::string_view statements) {
  MYSQL* mysql = connection.handle();
  // Else a session takes one statement at a time, which is the safer way.
  demand(mysql, mysql_set_server_option(mysql, MYSQL_OPTION_MULTI_STATEMENTS_ON) == 0);
  demand(mysql, mysql_real_query(mysql, statements.data(), statements.size()) == 0);
  std::vector<std::vector<SqlRow>> results;
  int next = 0;
  for (; next == 0; next = mysql_next_result(mysql)) results.push_back(store_rows(mysql));
  demand(mysql, next < 0);  // -1: no more
  demand(mysql, mysql_set_server_option(mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF) == 0);
  return results;
}

}  // namespace freshet
