#pragma once

#include <stop_token>

#include "lake/lake.h"

namespace freshet {

// A connection inside a read-only transaction that sees one published state of all tables,
// whatever writers do meanwhile: the state in force when the first statement is prepared. A stop
// request interrupts what it runs. One thread at a time.
class LakeSnapshot {
 public:
  LakeSnapshot(Lake& lake, std::stop_token stop)
      // The pin, taken before the transaction, keeps the versions that its views name.
      : pin_(lake.versions().pin()),
        connection_(lake.connect()),
        transaction_(connection_, true),
        stop_(std::move(stop)),
        interrupt_(stop_, Interrupt{connection_.raw()}) {}

  [[nodiscard]] DuckConnection& connection() noexcept { return connection_; }
  // Throws Error{failed} after a stop request.
  void check_stop() const {
    if (stop_.stop_requested()) fail(ErrorKind::failed, "the query was cancelled");
  }

 private:
  struct Interrupt {
    duckdb_connection connection;
    void operator()() const noexcept { duckdb_interrupt(connection); }
  };

  TableVersions::Pin pin_;
  DuckConnection connection_;
  SqlTransaction transaction_;
  std::stop_token stop_;
  std::stop_callback<Interrupt> interrupt_;
};

}  // namespace freshet
