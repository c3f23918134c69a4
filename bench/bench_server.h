#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "app/private_server.h"
#include "model/position.h"
#include "model/table_schema.h"
#include "source/connection.h"

namespace freshet {

// A stretch of the binary log that holds one kind of change, and nothing else.
struct LogStretch {
  TableName table;
  LogCoordinate from;
  LogCoordinate to;
  std::uint64_t rows = 0;

  [[nodiscard]] double megabytes() const noexcept {
    return static_cast<double>(to.offset - from.offset) / 1e6;
  }
};

// A private server with made-up users, and the means to fill its log.
//
// The table is the demo's, with `userid` as its key. Updates go to users in an order that jumps
// about within windows of `window` users, so that a consumer meets no friendly order, while the
// first n updates concern the first n users wherever n is a multiple of the window.
class BenchServer {
 public:
  static const TableName kUsers;  // bench.users

  // MySQL where its `mysqld` is given, else MariaDB.
  BenchServer(const std::filesystem::path& folder, std::uint32_t rows, std::uint32_t window,
              const std::filesystem::path& mysqld = {});

  // 1000 rows a statement.
  [[nodiscard]] LogStretch insert_all();
  [[nodiscard]] LogStretch update_all();
  // One row a transaction.
  [[nodiscard]] LogStretch update_one_by_one(std::uint32_t transactions);
  // The users once more, in another table: with MariaDB's compressed events (log_bin_compress), or
  // MySQL's compressed transactions.
  [[nodiscard]] LogStretch insert_compressed();
  // MariaDB only, as the next one. Rows of 100 columns of nine types, a tenth of them null.
  [[nodiscard]] LogStretch insert_wide(std::uint32_t rows);
  // Rows of a key and a JSON document of about 400 bytes, which MariaDB logs as text.
  [[nodiscard]] LogStretch insert_documents(std::uint32_t rows);
  // bench.delay: the first `rows` users.
  void make_delay_table(std::uint32_t rows);

  [[nodiscard]] Connection& sql() noexcept { return sql_; }
  [[nodiscard]] SourceOptions account() const { return server_.capture_account(); }
  [[nodiscard]] const ServerFacts& facts() const noexcept { return facts_; }
  [[nodiscard]] Position position(const LogCoordinate& at) const;

 private:
  template <typename Work>
  LogStretch logged(const TableName& table, std::uint64_t rows, Work work);
  // INSERT INTO table SELECT `expressions` of n = first..last, statement by statement.
  LogStretch insert_sequence(const std::string& table, std::uint32_t rows,
                             const std::string& expressions);

  PrivateServer server_;
  Connection sql_;
  ServerFacts facts_;
  std::uint32_t rows_;
  std::uint32_t window_;
};

}  // namespace freshet
