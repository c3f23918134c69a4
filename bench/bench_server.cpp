#include "bench_server.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>

#include "app/made_up_users.h"
#include "base/error.h"
#include "base/file.h"

namespace freshet {

namespace {

constexpr std::uint32_t kStatementRows = 1000;
constexpr std::string_view kColumns =
    "(userid INTEGER NOT NULL PRIMARY KEY, username CHAR(8), firstname VARCHAR(30), lastname "
    "VARCHAR(30), city VARCHAR(30), state CHAR(2), email VARCHAR(100), phone CHAR(14), "
    "numberofdocuments INTEGER)";

// Columns of the wide table, over and over; {} in an expression is the column's number.
struct WideColumn {
  std::string_view type, expression;
};
constexpr std::array<WideColumn, 9> kWide = {{
    {"INTEGER", "n * 7 + {}"},
    {"VARCHAR(40)", "LEFT(MD5(n + {}), 1 + n % 24)"},
    {"BIGINT UNSIGNED", "n * 1000003 + {}"},
    {"DATETIME(3)", "'2026-01-01 00:00:00.5' + INTERVAL n * {} SECOND"},
    {"DECIMAL(12,2)", "n / 100 + {}"},
    {"DOUBLE", "SQRT(n) + {}"},
    {"TINYINT", "(n + {}) % 100"},
    {"DATE", "'2026-01-01' + INTERVAL (n + {}) % 9999 DAY"},
    {"CHAR(10)", "LEFT(SHA1(n + {}), 10)"},
}};
constexpr std::size_t kWideColumns = 99;  // beside the key

std::string wide_table() {
  std::string sql = "CREATE TABLE wide (id INTEGER NOT NULL PRIMARY KEY";
  for (std::size_t i = 0; i < kWideColumns; ++i)
    sql += fmt::format(", column{} {}", i, kWide[i % kWide.size()].type);
  return sql + ")";
}

// Row `place` of a window, in an order that visits each row once. `prime` divides no window.
std::uint32_t shuffled(std::uint32_t place, std::uint32_t window) {
  constexpr std::uint64_t prime = 982'451'653;
  return static_cast<std::uint32_t>(place * prime % window);
}

}  // namespace

const TableName BenchServer::kUsers{"bench", "users"};

BenchServer::BenchServer(const std::filesystem::path& folder, std::uint32_t rows,
                         std::uint32_t window, const std::filesystem::path& mysqld)
    : server_(folder, mysqld),
      sql_(Connection::open(server_.administrator())),
      facts_(read_server_facts(sql_)),
      rows_(rows),
      window_(window) {
  sql_.execute("SET GLOBAL innodb_buffer_pool_size = 536870912");
  sql_.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0");
  const auto csv = folder / "users.csv";
  write_made_up_users(csv, rows);
  sql_.execute("SET SESSION sql_log_bin = 0");
  sql_.execute("CREATE DATABASE bench");
  sql_.execute("USE bench");
  sql_.execute(fmt::format("CREATE TABLE made_up {}", kColumns));
  sql_.execute(fmt::format("CREATE TABLE users {}", kColumns));
  sql_.execute(fmt::format("CREATE TABLE users_compressed {}", kColumns));
  sql_.execute(wide_table());
  sql_.execute("CREATE TABLE documents (id BIGINT NOT NULL PRIMARY KEY, document JSON)");
  sql_.execute(fmt::format("LOAD DATA INFILE '{}' INTO TABLE made_up FIELDS TERMINATED BY ','",
                           csv.string()));
  sql_.execute(
      "CREATE PROCEDURE update_one_by_one(transactions INT, users INT) BEGIN DECLARE n INT DEFAULT "
      "0; WHILE n < transactions DO UPDATE users SET numberofdocuments = numberofdocuments + 1 "
      "WHERE userid = 1 + (n * 7919) MOD users; SET n = n + 1; END WHILE; END");
  sql_.execute("SET SESSION sql_log_bin = 1");
  std::filesystem::remove(csv);
}

template <typename Work>
LogStretch BenchServer::logged(const TableName& table, std::uint64_t rows, Work work) {
  sql_.execute("FLUSH BINARY LOGS");
  LogStretch stretch{.table = table, .from = read_log_end(sql_, facts_).log, .rows = rows};
  work();
  stretch.to = read_log_end(sql_, facts_).log;
  if (stretch.to.file != stretch.from.file)
    fail(ErrorKind::failed, "the log went on in a new file: take fewer --rows");
  return stretch;
}

LogStretch BenchServer::insert_all() {
  return logged(kUsers, rows_, [this] {
    for (std::uint32_t userid = 1; userid <= rows_; userid += kStatementRows)
      sql_.execute(
          fmt::format("INSERT INTO users SELECT * FROM made_up WHERE userid BETWEEN {} AND {}",
                      userid, userid + kStatementRows - 1));
  });
}

LogStretch BenchServer::update_all() {
  return logged(kUsers, rows_, [this] {
    for (std::uint32_t first = 0; first < rows_; first += kStatementRows) {
      std::string ids;
      for (std::uint32_t n = first; n < first + kStatementRows; ++n)
        ids += fmt::format("{}{}", ids.empty() ? "" : ",",
                           n / window_ * window_ + shuffled(n % window_, window_) + 1);
      sql_.execute(fmt::format(
          "UPDATE users SET city = 'Bonn', numberofdocuments = numberofdocuments + 1 WHERE userid "
          "IN ({})",
          ids));
    }
  });
}

LogStretch BenchServer::update_one_by_one(std::uint32_t transactions) {
  return logged(kUsers, transactions, [&] {
    sql_.execute(fmt::format("CALL update_one_by_one({}, {})", transactions, rows_));
  });
}

LogStretch BenchServer::insert_compressed() {
  const std::string_view compression =
      facts_.mariadb ? "GLOBAL log_bin_compress" : "SESSION binlog_transaction_compression";
  sql_.execute(fmt::format("SET {} = ON", compression));
  if (facts_.mariadb)  // the length of a row, although events are packed
    sql_.execute("SET GLOBAL log_bin_compress_min_len = 10");
  LogStretch stretch = logged({"bench", "users_compressed"}, rows_, [this] {
    for (std::uint32_t userid = 1; userid <= rows_; userid += kStatementRows)
      sql_.execute(fmt::format(
          "INSERT INTO users_compressed SELECT * FROM made_up WHERE userid BETWEEN {} AND {}",
          userid, userid + kStatementRows - 1));
  });
  sql_.execute(fmt::format("SET {} = OFF", compression));
  return stretch;
}

LogStretch BenchServer::insert_wide(std::uint32_t rows) {
  std::string expressions;
  for (std::size_t i = 0; i < kWideColumns; ++i)
    expressions += fmt::format("{}IF(n % 10 = {}, NULL, {})", i == 0 ? "" : ", ", i % 10,
                               fmt::format(fmt::runtime(kWide[i % kWide.size()].expression), i));
  return insert_sequence("wide", rows, "n, " + expressions);
}

LogStretch BenchServer::insert_documents(std::uint32_t rows) {
  return insert_sequence(
      "documents", rows,
      "n, JSON_OBJECT('id', n, 'name', CONCAT('Person ', n), 'email', CONCAT(MD5(n), "
      "'@example.com'), 'score', n / 7, 'tags', JSON_ARRAY('a', MD5(n + 1), n % 100), 'address', "
      "JSON_OBJECT('street', CONCAT(n % 900, ' Main Street'), 'city', MD5(n + 2), 'zip', n % "
      "99999), 'note', REPEAT(MD5(n + 3), 4))");
}

LogStretch BenchServer::insert_sequence(const std::string& table, std::uint32_t rows,
                                        const std::string& expressions) {
  return logged({"bench", table}, rows, [&] {
    for (std::uint32_t first = 1; first <= rows; first += kStatementRows)
      sql_.execute(
          fmt::format("INSERT INTO {} SELECT {} FROM (SELECT seq AS n FROM seq_{}_to_{}) s", table,
                      expressions, first, std::min(first + kStatementRows - 1, rows)));
  });
}

void BenchServer::make_delay_table(std::uint32_t rows) {
  sql_.execute(fmt::format("CREATE TABLE delay {}", kColumns));
  sql_.execute(fmt::format("INSERT INTO delay SELECT * FROM made_up WHERE userid <= {}", rows));
}

Position BenchServer::position(const LogCoordinate& at) const {
  return {.server_id = facts_.identity, .log = at};
}

}  // namespace freshet
