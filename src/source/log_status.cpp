#include "source/log_status.h"

#include <charconv>

#include "base/error.h"

namespace freshet {

namespace {

constexpr unsigned kBinaryLogStatusSince = 80200;  // MySQL; the old form is gone since 8.4
constexpr std::size_t kExecutedGtids = 4;

std::string without_newlines(std::string text) {
  std::erase(text, '\n');
  return text;
}

}  // namespace

std::string_view log_status_statement(const ServerFacts& facts) noexcept {
  const bool renamed = !facts.mariadb && facts.version_number >= kBinaryLogStatusSince;
  return renamed ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
}

LogEnd log_end_of(const std::vector<SqlRow>& rows, const ServerFacts& facts) {
  if (rows.empty() || rows[0].size() < 2 || !rows[0][0] || !rows[0][1])
    fail(ErrorKind::config, "the server keeps no binary log: set log_bin in its configuration");
  const SqlRow& status = rows[0];
  LogEnd end{.log = {.file = *status[0], .offset = 0}, .gtid = {}};
  const std::string& offset = *status[1];
  std::from_chars(offset.data(), offset.data() + offset.size(), end.log.offset);
  if (!facts.mariadb && facts.gtid && status.size() > kExecutedGtids)
    end.gtid = without_newlines(status[kExecutedGtids].value_or(""));
  return end;
}

}  // namespace freshet
