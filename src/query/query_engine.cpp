#include "query/query_engine.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <fstream>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "lake/lake_snapshot.h"
#include "query/cell_text.h"

namespace freshet {

namespace {

constexpr std::size_t kPieceBytes = 64 << 10;

// A statement that may run, with DuckDB's plan of it.
struct Checked {
  PreparedStatement statement;
  std::string text;        // without a semicolon at its end
  bool is_select = false;  // can be a subquery
};

std::string_view trimmed(std::string_view sql) {
  const auto is_tail = [](char c) {
    return std::isspace(static_cast<unsigned char>(c)) || c == ';';
  };
  while (!sql.empty() && is_tail(sql.back())) sql.remove_suffix(1);
  while (!sql.empty() && std::isspace(static_cast<unsigned char>(sql.front())))
    sql.remove_prefix(1);
  return sql;
}

// The next word if it is `word`, whatever its case; takes it off.
bool take_word(std::string_view& sql, std::string_view word) {
  if (sql.size() <= word.size()) return false;
  const bool equal = std::ranges::equal(sql.substr(0, word.size()), word, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
  if (!equal || !std::isspace(static_cast<unsigned char>(sql[word.size()]))) return false;
  sql = trimmed(sql.substr(word.size()));
  return true;
}

PreparedStatement prepare_one(DuckConnection& connection, const std::string& sql) {
  ExtractedStatements extracted;
  const idx_t count = duckdb_extract_statements(connection.raw(), sql.c_str(), extracted.out());
  if (count == 0) {
    const char* reason = duckdb_extract_statements_error(extracted.get());
    fail(ErrorKind::usage, "{}", reason ? one_line(reason) : "there is no statement in the text");
  }
  if (count > 1) fail(ErrorKind::usage, "one statement at a time: the text holds {}", count);
  PreparedStatement statement;
  if (duckdb_prepare_extracted_statement(connection.raw(), extracted.get(), 0, statement.out()) ==
      DuckDBError)
    fail_plan(duckdb_prepare_error(statement.get()));
  return statement;
}

[[noreturn]] void refuse() {
  fail(ErrorKind::usage,
       "only statements that read are run here: SELECT, WITH, VALUES, SHOW, DESCRIBE, EXPLAIN");
}

// EXPLAIN ANALYZE runs what it explains, so that has to be a SELECT as well.
void check_explained(DuckConnection& connection, std::string_view sql) {
  if (!take_word(sql, "explain")) refuse();
  take_word(sql, "analyze");
  const PreparedStatement inner = prepare_one(connection, std::string(sql));
  if (duckdb_prepared_statement_type(inner.get()) != DUCKDB_STATEMENT_TYPE_SELECT) refuse();
}

Checked check(DuckConnection& connection, std::string_view sql) {
  Checked checked;
  checked.text = trimmed(sql);
  if (checked.text.empty()) fail(ErrorKind::usage, "there is no statement in the text");
  checked.statement = prepare_one(connection, checked.text);
  const auto type = duckdb_prepared_statement_type(checked.statement.get());
  if (type == DUCKDB_STATEMENT_TYPE_EXPLAIN)
    check_explained(connection, checked.text);
  else if (type != DUCKDB_STATEMENT_TYPE_SELECT)
    refuse();
  if (duckdb_nparams(checked.statement.get()) > 0)
    fail(ErrorKind::usage, "the statement has parameters ($1, ?) that nothing gives values to");
  checked.is_select = type == DUCKDB_STATEMENT_TYPE_SELECT;
  return checked;
}

struct Shape {
  std::vector<ResultColumn> columns;
  std::vector<CellFormat> formats;

  [[nodiscard]] bool all_plain() const {
    return std::ranges::all_of(formats, &CellFormat::is_plain);
  }
};

std::string plain_type_name(const CellFormat& format) {
  switch (format.type) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_DECIMAL: return fmt::format("DECIMAL({},{})", format.width, format.scale);
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY: return "ARRAY";
    case DUCKDB_TYPE_STRUCT: return "STRUCT";
    case DUCKDB_TYPE_MAP: return "MAP";
    default: return "VARCHAR";
  }
}

Shape shape_of(const PreparedStatement& statement) {
  Shape shape;
  const idx_t count = duckdb_prepared_statement_column_count(statement.get());
  for (idx_t i = 0; i < count; ++i) {
    const LogicalType type(duckdb_prepared_statement_column_logical_type(statement.get(), i));
    const CellFormat& format = shape.formats.emplace_back(type.get());
    const char* name = duckdb_prepared_statement_column_name(statement.get(), i);
    shape.columns.push_back({name ? name : "", plain_type_name(format), format.is_numeric()});
    duckdb_free(const_cast<char*>(name));
  }
  return shape;
}

// The statement with its columns numbered, and those that only DuckDB can print as text: nested
// ones as JSON. The line break ends a comment that the text may end with.
std::string printable_sql(const Checked& checked, const Shape& shape) {
  std::string list, names;
  for (std::size_t i = 0; i < shape.formats.size(); ++i) {
    const std::string name = "f" + std::to_string(i);
    const CellFormat& format = shape.formats[i];
    const std::string cell = format.is_plain()    ? name
                             : format.is_nested() ? "to_json(" + name + ")::VARCHAR"
                                                  : name + "::VARCHAR";
    list += (i > 0 ? "," : "") + cell;
    names += (i > 0 ? "," : "") + name;
  }
  return fmt::format("SELECT {} FROM (\n{}\n) AS q({})", list, checked.text, names);
}

// Reads cells of chunk after chunk and hands rows to a writer.
class RowFeed {
 public:
  RowFeed(const Shape& shape, ResultWriter& writer) : shape_(shape), writer_(writer) {}

  void feed(const DataChunk& chunk, idx_t rows) {
    find_vectors(chunk);
    for (idx_t row = 0; row < rows; ++row) writer_.row(cells_of(row));
  }

 private:
  void find_vectors(const DataChunk& chunk) {
    data_.clear();
    validity_.clear();
    for (idx_t i = 0; i < shape_.formats.size(); ++i) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), i);
      data_.push_back(duckdb_vector_get_data(vector));
      validity_.push_back(duckdb_vector_get_validity(vector));
    }
  }

  std::span<const ResultCell> cells_of(idx_t row) {
    const std::size_t count = shape_.formats.size();
    text_.clear();
    ends_.clear();
    cells_.assign(count, {});
    for (std::size_t i = 0; i < count; ++i) {
      const bool valid = !validity_[i] || duckdb_validity_row_is_valid(validity_[i], row);
      cells_[i].is_null = !valid;
      if (valid) {
        const CellKind kind = put_cell(text_, shape_.formats[i], data_[i], row);
        cells_[i].kind = shape_.formats[i].is_nested() ? CellKind::json : kind;
      }
      ends_.push_back(text_.size());
    }
    for (std::size_t i = 0, begin = 0; i < count; begin = ends_[i++])
      cells_[i].text = std::string_view(text_).substr(begin, ends_[i] - begin);
    return cells_;
  }

  const Shape& shape_;
  ResultWriter& writer_;
  std::vector<void*> data_;
  std::vector<std::uint64_t*> validity_;
  std::string text_;
  std::vector<std::size_t> ends_;
  std::vector<ResultCell> cells_;
};

std::uint64_t give_rows(LakeSnapshot& snapshot, Result& result, const Shape& shape,
                        std::uint64_t limit, ResultWriter& writer) {
  RowFeed feed(shape, writer);
  writer.begin(shape.columns);
  std::uint64_t rows = 0;
  while (rows < limit) {
    snapshot.check_stop();
    const DataChunk chunk = result.next();
    if (!chunk) break;
    const std::uint64_t taken =
        std::min<std::uint64_t>(duckdb_data_chunk_get_size(chunk.get()), limit - rows);
    feed.feed(chunk, taken);
    rows += taken;
  }
  writer.end();
  return rows;
}

// A file in the spill folder that goes with this object.
class ScratchFile {
 public:
  explicit ScratchFile(const std::filesystem::path& directory) {
    static std::atomic<std::uint64_t> last = 0;
    path_ = directory / fmt::format("result-{}-{}.parquet", ::getpid(), ++last);
  }
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

void give_file(const std::filesystem::path& path, const ResultSink& sink) {
  std::ifstream file(path, std::ios::binary);
  std::string piece(kPieceBytes, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    sink(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
  if (file.bad()) fail(ErrorKind::unavailable, "{} cannot be read back", path.string());
}

std::uint64_t give_parquet(Lake& lake, std::string_view sql, const QueryOptions& options,
                           const ResultSink& sink) {
  const ScratchFile file(lake.spill_directory());
  LakeSnapshot snapshot(lake, options.stop);
  const Checked checked = check(snapshot.connection(), sql);
  if (!checked.is_select) fail(ErrorKind::usage, "the format parquet is for SELECT only");
  const std::string limit = options.row_limit ? fmt::format(" LIMIT {}", *options.row_limit) : "";
  snapshot.check_stop();
  Result result = snapshot.connection().query(
      fmt::format("COPY (SELECT * FROM (\n{}\n){}) TO {} (FORMAT parquet, COMPRESSION zstd)",
                  checked.text, limit, quote_text(file.path().string())));
  const DataChunk count = result.next();
  give_file(file.path(), sink);
  return count ? static_cast<const std::uint64_t*>(
                     duckdb_vector_get_data(duckdb_data_chunk_get_vector(count.get(), 0)))[0]
               : 0;
}

std::uint64_t give_result(Lake& lake, std::string_view sql, const QueryOptions& options,
                          ResultWriter& writer) {
  LakeSnapshot snapshot(lake, options.stop);
  Checked checked = check(snapshot.connection(), sql);
  const Shape shape = shape_of(checked.statement);
  if (checked.is_select && !shape.all_plain())
    checked.statement = prepare_one(snapshot.connection(), printable_sql(checked, shape));
  snapshot.check_stop();
  Result result = execute_streaming(checked.statement);
  return give_rows(snapshot, result, shape, options.row_limit.value_or(UINT64_MAX), writer);
}

// What works for longer may have taken much memory, which DuckDB is done with now.
constexpr std::chrono::milliseconds kLong{100};

// DuckDB names settings of its own, which nobody can reach here.
[[noreturn]] void fail_for_want_of_memory(const LakeOptions& lake) {
  fail(ErrorKind::unavailable,
       "the query needs more than the {} MiB of memory and the {} MiB of disk that all running "
       "queries have: ask for less at once, or raise lake.memory or lake.spill",
       lake.query_memory >> 20, lake.query_disk >> 20);
}

// Runs a query in bounded memory.
template <typename Give>
std::uint64_t run_bounded(const LakeOptions& lake, Give give) {
  const Stopwatch clock;
  try {
    const std::uint64_t rows = give();
    if (clock.elapsed() >= kLong) trim_memory();
    return rows;
  } catch (const Error& error) {
    trim_memory();
    if (is_want_of_memory(error)) fail_for_want_of_memory(lake);
    throw;
  }
}

}  // namespace

std::uint64_t QueryEngine::run(std::string_view sql, const QueryOptions& options,
                               const ResultSink& sink) {
  if (options.format == ResultFormat::parquet)
    return run_bounded(lake_.options(), [&] { return give_parquet(lake_, sql, options, sink); });
  return run(sql, options, *make_result_writer(options.format, sink));
}

std::uint64_t QueryEngine::run(std::string_view sql, const QueryOptions& options,
                               ResultWriter& writer) {
  return run_bounded(lake_.options(), [&] { return give_result(lake_, sql, options, writer); });
}

}  // namespace freshet
