#include "lake/duckdb_session.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <thread>

#include "base/heap.h"

// The jemalloc inside DuckDB; builds of DuckDB that use malloc() lack it.
extern "C" int duckdb_je_mallctl(const char* name, void* old, std::size_t* old_size, void* value,
                                 std::size_t value_size) __attribute__((weak));

namespace freshet {

namespace {

ErrorKind kind_of(duckdb_error_type type) noexcept {
  switch (type) {
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_OUT_OF_MEMORY:
    case DUCKDB_ERROR_CONNECTION: return ErrorKind::unavailable;
    case DUCKDB_ERROR_TRANSACTION: return ErrorKind::conflict;
    case DUCKDB_ERROR_INTERRUPT: return ErrorKind::failed;
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_NULL_POINTER: return ErrorKind::internal;
    default: return ErrorKind::usage;  // what the text of a statement brings about
  }
}

// DuckDB marks the place of a syntax error with a line that holds only a caret.
bool is_marker(std::string_view line) noexcept {
  return line.find_first_not_of(" \t^\r") == std::string_view::npos;
}

void put_squeezed(std::string& out, std::string_view line) {
  for (const char c : line) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space)
      out.push_back(c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
}

duckdb_type plain_type(LakeType type) noexcept {
  switch (type) {
    case LakeType::boolean: return DUCKDB_TYPE_BOOLEAN;
    case LakeType::int32: return DUCKDB_TYPE_INTEGER;
    case LakeType::int64: return DUCKDB_TYPE_BIGINT;
    case LakeType::float32: return DUCKDB_TYPE_FLOAT;
    case LakeType::float64: return DUCKDB_TYPE_DOUBLE;
    case LakeType::decimal: return DUCKDB_TYPE_DECIMAL;
    case LakeType::date: return DUCKDB_TYPE_DATE;
    case LakeType::timestamp: return DUCKDB_TYPE_TIMESTAMP;
    case LakeType::timestamptz: return DUCKDB_TYPE_TIMESTAMP_TZ;
    case LakeType::string: return DUCKDB_TYPE_VARCHAR;
    case LakeType::binary: return DUCKDB_TYPE_BLOB;
  }
  return DUCKDB_TYPE_INVALID;
}

std::string quote(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out.push_back(mark);
    out.push_back(c);
  }
  out.push_back(mark);
  return out;
}

}  // namespace

std::string one_line(std::string_view message) {
  std::string out;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    if (!is_marker(line)) {
      put_squeezed(out, line);
      if (!out.empty() && out.back() != ' ') out.push_back(' ');
    }
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

void fail_duckdb(duckdb_error_type type, const char* message) {
  if (message == nullptr) fail(kind_of(type), "DuckDB gave no reason");
  const ErrorKind kind = kind_of(type);
  throw Error(kind == ErrorKind::usage ? kind_of_plan_error(message) : kind, one_line(message));
}

bool is_want_of_memory(const Error& error) noexcept {
  return std::string_view(error.what()).starts_with("Out of Memory Error");
}

void fail_plan(const char* message) { fail(kind_of_plan_error(message), "{}", one_line(message)); }

ErrorKind kind_of_plan_error(std::string_view message) noexcept {
  return message.contains(".parquet'") ? ErrorKind::corrupt : ErrorKind::usage;
}

DataChunk Result::next() {
  DataChunk chunk(duckdb_fetch_chunk(raw_));
  if (chunk && duckdb_data_chunk_get_size(chunk.get()) > 0) return chunk;
  if (const char* error = duckdb_result_error(&raw_); error && *error)
    fail_duckdb(duckdb_result_error_type(&raw_), error);
  return {};
}

namespace {

using Pending = DuckdbHandle<duckdb_pending_result, duckdb_destroy_pending>;

Result finish(const Pending& pending) {
  Result result;
  if (duckdb_execute_pending(pending.get(), result.raw()) == DuckDBError)
    fail_duckdb(duckdb_result_error_type(result.raw()), duckdb_result_error(result.raw()));
  return result;
}

}  // namespace

Result execute_streaming(const PreparedStatement& statement) {
  Pending pending;
  if (duckdb_pending_prepared_streaming(statement.get(), pending.out()) == DuckDBError)
    fail_plan(duckdb_pending_error(pending.get()));
  return finish(pending);
}

void DuckConnection::run(std::string_view sql) { (void)query(sql); }

Result DuckConnection::query(std::string_view sql) {
  Result result;
  if (duckdb_query(raw(), std::string(sql).c_str(), result.raw()) == DuckDBError)
    fail_duckdb(duckdb_result_error_type(result.raw()), duckdb_result_error(result.raw()));
  return result;
}

PreparedStatement DuckConnection::prepare(std::string_view sql) {
  PreparedStatement statement;
  if (duckdb_prepare(raw(), std::string(sql).c_str(), statement.out()) == DuckDBError)
    fail_plan(duckdb_prepare_error(statement.get()));
  return statement;
}

Result DuckConnection::query_streaming(std::string_view sql) {
  return execute_streaming(prepare(sql));
}

Result DuckConnection::query_at_rest(std::string_view sql) {
  constexpr std::chrono::microseconds kNap{100};
  const PreparedStatement statement = prepare(sql);
  Pending pending;
  if (duckdb_pending_prepared(statement.get(), pending.out()) == DuckDBError)
    fail_plan(duckdb_pending_error(pending.get()));
  for (;;) {
    const duckdb_pending_state state = duckdb_pending_execute_task(pending.get());
    if (state == DUCKDB_PENDING_ERROR || duckdb_pending_execution_is_finished(state))
      return finish(pending);
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE) std::this_thread::sleep_for(kNap);
  }
}

std::optional<std::int64_t> DuckConnection::query_int(std::string_view sql) {
  const auto text = query_text("SELECT (" + std::string(sql) + ")::BIGINT::VARCHAR");
  if (!text) return std::nullopt;
  return std::stoll(*text);
}

std::optional<std::string> DuckConnection::query_text(std::string_view sql) {
  Result result = query("SELECT (" + std::string(sql) + ")::VARCHAR");
  const DataChunk chunk = result.next();
  if (!chunk) return std::nullopt;
  const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), 0);
  std::uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity && !duckdb_validity_row_is_valid(validity, 0)) return std::nullopt;
  return std::string(text_at(*static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))));
}

SqlTransaction::SqlTransaction(DuckConnection& connection, bool read_only)
    : connection_(connection) {
  connection_.run(read_only ? "BEGIN TRANSACTION READ ONLY" : "BEGIN TRANSACTION");
}

SqlTransaction::~SqlTransaction() {
  if (!open_) return;
  duckdb_result ignored;
  duckdb_query(connection_.raw(), "ROLLBACK", &ignored);
  duckdb_destroy_result(&ignored);
}

void SqlTransaction::commit() {
  open_ = false;  // a failed COMMIT has rolled back
  connection_.run("COMMIT");
}

// 4096 stands for all arenas.
void trim_memory() noexcept {
  trim_heap();
  if (duckdb_je_mallctl != nullptr)
    (void)duckdb_je_mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

Database::Database(const std::map<std::string, std::string>& settings) {
  DuckdbHandle<duckdb_config, duckdb_destroy_config> config;
  if (duckdb_create_config(config.out()) == DuckDBError)
    fail(ErrorKind::unavailable, "DuckDB cannot make its configuration: out of memory");
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name.c_str(), value.c_str()) == DuckDBError)
      fail(ErrorKind::config, "DuckDB {} does not take the setting {}={}", duckdb_library_version(),
           name, value);
  }
  duckdb_database raw = nullptr;
  char* error = nullptr;
  if (duckdb_open_ext(nullptr, &raw, config.get(), &error) == DuckDBError) {
    const std::string reason = error ? one_line(error) : "no reason given";
    duckdb_free(error);
    fail(ErrorKind::unavailable, "DuckDB does not start: {}", reason);
  }
  database_ = std::shared_ptr<void>(raw, [](void* database) {
    auto handle = static_cast<duckdb_database>(database);
    duckdb_close(&handle);
  });
}

DuckConnection Database::connect() {
  DuckConnection connection(database_);
  if (duckdb_connect(static_cast<duckdb_database>(database_.get()), connection.connection_.out()) ==
      DuckDBError)
    fail(ErrorKind::unavailable, "DuckDB gives no connection");
  return connection;
}

Appender::Appender(DuckConnection& connection, const std::string& catalog,
                   const std::string& schema, const std::string& table) {
  if (duckdb_appender_create_ext(connection.raw(), catalog.c_str(), schema.c_str(), table.c_str(),
                                 appender_.out()) == DuckDBError)
    fail(ErrorKind::internal, "no appender for the table {}: {}", table,
         one_line(duckdb_appender_error(appender_.get())));
}

void Appender::append(const DataChunk& chunk) {
  if (duckdb_append_data_chunk(appender_.get(), chunk.get()) == DuckDBError)
    fail(ErrorKind::unavailable, "DuckDB does not take rows: {}",
         one_line(duckdb_appender_error(appender_.get())));
}

void Appender::close() {
  if (duckdb_appender_close(appender_.get()) == DuckDBError)
    fail(ErrorKind::unavailable, "DuckDB does not take rows: {}",
         one_line(duckdb_appender_error(appender_.get())));
}

std::string quote_name(std::string_view name) { return quote(name, '"'); }
std::string quote_text(std::string_view text) { return quote(text, '\''); }

std::string sql_type(const LakeColumn& column) {
  switch (column.type) {
    case LakeType::boolean: return "BOOLEAN";
    case LakeType::int32: return "INTEGER";
    case LakeType::int64: return "BIGINT";
    case LakeType::float32: return "FLOAT";
    case LakeType::float64: return "DOUBLE";
    case LakeType::decimal: return fmt::format("DECIMAL({},{})", column.precision, column.scale);
    case LakeType::date: return "DATE";
    case LakeType::timestamp: return "TIMESTAMP";
    case LakeType::timestamptz: return "TIMESTAMPTZ";
    case LakeType::string: return "VARCHAR";
    case LakeType::binary: return "BLOB";
  }
  fail(ErrorKind::internal, "lake type {} has no SQL type", static_cast<int>(column.type));
}

LogicalType logical_type(const LakeColumn& column) {
  if (column.type == LakeType::decimal)
    return LogicalType(duckdb_create_decimal_type(column.precision, column.scale));
  return LogicalType(duckdb_create_logical_type(plain_type(column.type)));
}

}  // namespace freshet
