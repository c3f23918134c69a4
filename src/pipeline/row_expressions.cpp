#include "pipeline/row_expressions.h"

#include <utility>

#include "lake/cell_reader.h"
#include "lake/duckdb_session.h"
#include "lake/row_chunk.h"
#include "pipeline/sql_expression.h"

namespace freshet {

namespace {

std::map<std::string, std::string> database_settings() {
  return {{"memory_limit", "256MiB"},
          {"threads", "1"},  // rows come back in order
          {"enable_external_access", "false"},
          {"autoinstall_known_extensions", "false"},
          {"autoload_known_extensions", "false"}};
}

}  // namespace

ExpressionDatabase::ExpressionDatabase() : database_(database_settings()) {
  DuckConnection connection = database_.connect();
  connection.run("SET GLOBAL TimeZone='UTC'");
  // A plan is made once and used for many rows: it must not rest on what rows were there before.
  connection.run("SET disabled_optimizers='statistics_propagation'");
  connection.run(expression_macros());
}

struct RowExpressions::State {
  State(DuckConnection connection, std::string table, std::vector<LakeColumn> inputs)
      : connection(std::move(connection)), table(std::move(table)), chunk(std::move(inputs)) {}

  void create(const std::vector<LakeColumn>& inputs);
  void prepare(const std::vector<std::string>& outputs);
  void flush();

  DuckConnection connection;
  std::string table;
  RowChunk chunk;
  std::optional<Appender> appender;  // while there are rows
  std::size_t rows = 0;
  PreparedStatement statement;
};

RowExpressions::RowExpressions(ExpressionDatabase& database, const std::vector<LakeColumn>& inputs,
                               const std::vector<std::string>& outputs)
    : state_(std::make_unique<State>(database.database_.connect(),
                                     fmt::format("rows_{}", ++database.tables_), inputs)) {
  state_->create(inputs);
  state_->prepare(outputs);
}

RowExpressions::~RowExpressions() = default;
RowExpressions::RowExpressions(RowExpressions&&) noexcept = default;

void RowExpressions::State::create(const std::vector<LakeColumn>& inputs) {
  std::string columns;
  for (const LakeColumn& column : inputs)
    columns += (columns.empty() ? "" : ", ") + quote_name(column.name) + " " + sql_type(column);
  connection.run(fmt::format("CREATE TABLE {} ({})", table, columns));
}

void RowExpressions::State::prepare(const std::vector<std::string>& outputs) {
  std::string list;
  for (const std::string& output : outputs) list += (list.empty() ? "" : ", ") + output;
  const std::string select = fmt::format("SELECT {} FROM {}", list, table);
  if (duckdb_prepare(connection.raw(), select.c_str(), statement.out()) == DuckDBError)
    fail(ErrorKind::config, "{}", one_line(duckdb_prepare_error(statement.get())));
}

void RowExpressions::add(std::span<const Value> cells) {
  state_->chunk.set(0, cells);
  state_->chunk.end_row();
  ++state_->rows;
  if (state_->chunk.full()) state_->flush();
}

std::size_t RowExpressions::rows() const noexcept { return state_->rows; }

void RowExpressions::State::flush() {
  if (chunk.empty()) return;
  if (!appender) appender.emplace(connection, "memory", "main", table);
  appender->append(chunk.filled());
  chunk.clear();
}

void RowExpressions::evaluate(const std::function<void(std::span<const Value> outputs)>& row) {
  if (state_->rows == 0) return;
  state_->flush();
  state_->appender->close();
  state_->appender.reset();
  state_->rows = 0;
  try {
    CellReader reader(state_->statement);
    Result result = execute_streaming(state_->statement);
    while (const DataChunk chunk = result.next()) reader.read(chunk, row);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    // DuckDB's reason may carry the value.
    fail(ErrorKind::unsupported,
         "an expression cannot be evaluated for a row (a text that is no "
         "number or moment, or a number that does not fit)");
  }
  state_->connection.run(fmt::format("TRUNCATE {}", state_->table));
}

}  // namespace freshet
