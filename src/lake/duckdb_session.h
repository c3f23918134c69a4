#pragma once

#include <duckdb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/lake_schema.h"

namespace freshet {

// DuckDB's C API with owners for its handles and Error for its failures. DuckDB's messages are
// folded to one line; which kind an error is follows from DuckDB's own error type.

// Owns a handle that the C API destroys through a pointer to it.
template <typename T, auto Destroy>
class DuckdbHandle {
 public:
  DuckdbHandle() noexcept = default;
  explicit DuckdbHandle(T raw) noexcept : raw_(raw) {}
  DuckdbHandle(DuckdbHandle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  DuckdbHandle& operator=(DuckdbHandle&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~DuckdbHandle() {
    if (raw_) Destroy(&raw_);
  }
  [[nodiscard]] T get() const noexcept { return raw_; }
  [[nodiscard]] T* out() noexcept { return &raw_; }  // for calls that fill it
  explicit operator bool() const noexcept { return raw_ != nullptr; }

 private:
  T raw_ = nullptr;
};

using LogicalType = DuckdbHandle<duckdb_logical_type, duckdb_destroy_logical_type>;
using DataChunk = DuckdbHandle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using PreparedStatement = DuckdbHandle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using ExtractedStatements = DuckdbHandle<duckdb_extracted_statements, duckdb_destroy_extracted>;

// A result, chunk by chunk.
class Result {
 public:
  Result() noexcept : raw_{} {}
  Result(Result&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
  Result& operator=(Result&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Result() { duckdb_destroy_result(&raw_); }

  [[nodiscard]] duckdb_result* raw() noexcept { return &raw_; }
  // The next chunk, empty at the end. Throws what stopped the query.
  [[nodiscard]] DataChunk next();

 private:
  duckdb_result raw_;
};

// A connection is used by one thread at a time, but for interrupt().
class DuckConnection {
 public:
  DuckConnection(DuckConnection&& other) noexcept = default;
  DuckConnection& operator=(DuckConnection&& other) noexcept = default;

  void run(std::string_view sql);  // one statement or several, results thrown away
  [[nodiscard]] Result query(std::string_view sql);
  // One statement that works for long: where a thread of DuckDB's does the work, this one sleeps.
  // (query() spins meanwhile, at the cost of a core.)
  [[nodiscard]] Result query_at_rest(std::string_view sql);
  // One statement whose result comes while it is being fetched, as of execute_streaming().
  [[nodiscard]] Result query_streaming(std::string_view sql);
  // First column of the first row; nothing where there is no row or it is null.
  [[nodiscard]] std::optional<std::int64_t> query_int(std::string_view sql);
  [[nodiscard]] std::optional<std::string> query_text(std::string_view sql);
  [[nodiscard]] duckdb_connection raw() const noexcept { return connection_.get(); }

 private:
  friend class Database;
  [[nodiscard]] PreparedStatement prepare(std::string_view sql);
  explicit DuckConnection(std::shared_ptr<void> database) noexcept
      : database_(std::move(database)) {}

  std::shared_ptr<void> database_;  // goes after the connection
  DuckdbHandle<duckdb_connection, duckdb_disconnect> connection_;
};

// A transaction that is rolled back unless committed.
class SqlTransaction {
 public:
  explicit SqlTransaction(DuckConnection& connection, bool read_only = false);
  ~SqlTransaction();
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;
  void commit();

 private:
  DuckConnection& connection_;
  bool open_ = true;
};

// Gives memory that is free, here and in DuckDB, back to the system (base/heap.h): after work that
// took much of it.
void trim_memory() noexcept;

// An in-memory database with settings fixed at start.
class Database {
 public:
  explicit Database(const std::map<std::string, std::string>& settings);
  [[nodiscard]] DuckConnection connect();

 private:
  std::shared_ptr<void> database_;
};

// Appends chunks to one table, within the connection's transaction if one is open.
class Appender {
 public:
  Appender(DuckConnection& connection, const std::string& catalog, const std::string& schema,
           const std::string& table);
  void append(const DataChunk& chunk);
  void close();  // flushes; what was appended is in the table

 private:
  DuckdbHandle<duckdb_appender, duckdb_appender_destroy> appender_;
};

// Text of a string vector's element; the view lives as long as the chunk.
[[nodiscard]] inline std::string_view text_at(const duckdb_string_t& value) noexcept {
  const std::uint32_t size = value.value.inlined.length;
  return {size <= 12 ? value.value.inlined.inlined : value.value.pointer.ptr, size};
}

// Runs a statement whose result comes while it is being fetched: its memory does not grow with the
// number of rows. The connection does nothing else until the result is read or gone.
[[nodiscard]] Result execute_streaming(const PreparedStatement& statement);

// Throws Error of the kind that DuckDB's error type stands for.
[[noreturn]] void fail_duckdb(duckdb_error_type type, const char* message);
[[noreturn]] void fail_plan(const char* message);  // of a statement that cannot be planned
// Of an Error that one of the two threw: memory_limit, or the disk beside it, was too little.
[[nodiscard]] bool is_want_of_memory(const Error& error) noexcept;
[[nodiscard]] std::string one_line(std::string_view message);
// Why a statement could not be planned or run: over its own text, or, if the message names one,
// over a damaged file of the lake.
[[nodiscard]] ErrorKind kind_of_plan_error(std::string_view message) noexcept;

[[nodiscard]] std::string quote_name(std::string_view name);  // "name", quotes doubled
[[nodiscard]] std::string quote_text(std::string_view text);  // 'text', quotes doubled

[[nodiscard]] std::string sql_type(const LakeColumn& column);  // "DECIMAL(10,2)"
[[nodiscard]] LogicalType logical_type(const LakeColumn& column);

}  // namespace freshet
