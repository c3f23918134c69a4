#include "lake/table_rewrite.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/file.h"
#include "lake/commit_summary.h"
#include "lake/ids.h"
#include "lake/key_index.h"
#include "lake/parquet_writer.h"
#include "lake/table_view.h"

namespace freshet {

namespace {

namespace fs = std::filesystem;

// In the table's folder: files that its metadata does not name are to be removed.
constexpr std::string_view kMarker = "rewrite-unfinished";

// The functions that SQL calls, by number.
struct Functions {
  std::mutex mutex;
  std::vector<std::function<std::optional<std::string>(std::string_view)>> list;
};

// freshet_rewrite(number of the function, cell).
void call_function(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto& functions = *static_cast<Functions*>(duckdb_scalar_function_get_extra_info(info));
  const idx_t count = duckdb_data_chunk_get_size(input);
  const auto* numbers = static_cast<const std::int32_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)));
  const duckdb_vector cells = duckdb_data_chunk_get_vector(input, 1);
  const auto* texts = static_cast<const duckdb_string_t*>(duckdb_vector_get_data(cells));
  std::uint64_t* const valid = duckdb_vector_get_validity(cells);
  const std::lock_guard lock(functions.mutex);
  try {
    for (idx_t i = 0; i < count; ++i) {
      std::optional<std::string> cell;
      if (valid == nullptr || duckdb_validity_row_is_valid(valid, i))
        cell = functions.list[static_cast<std::size_t>(numbers[i])](text_at(texts[i]));
      if (cell) {
        duckdb_vector_assign_string_element_len(output, i, cell->data(), cell->size());
      } else {
        duckdb_vector_ensure_validity_writable(output);
        duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), i);
      }
    }
  } catch (const std::exception& error) {
    duckdb_scalar_function_set_error(info, error.what());
  }
}

void register_function(DuckConnection& connection, const char* name, duckdb_type cell,
                       Functions& functions) {
  DuckdbHandle<duckdb_scalar_function, duckdb_destroy_scalar_function> function(
      duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), name);
  const LogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_INTEGER));
  const LogicalType text(duckdb_create_logical_type(cell));
  duckdb_scalar_function_add_parameter(function.get(), number.get());
  duckdb_scalar_function_add_parameter(function.get(), text.get());
  duckdb_scalar_function_set_return_type(function.get(), text.get());
  duckdb_scalar_function_set_extra_info(function.get(), &functions, nullptr);
  duckdb_scalar_function_set_function(function.get(), call_function);
  if (duckdb_register_scalar_function(connection.raw(), function.get()) == DuckDBError)
    fail(ErrorKind::internal, "DuckDB does not take the function {}", name);
}

// One table's rewriting. Its DuckDB is its own, so that nobody else's SQL can call the functions.
class Rewrite {
 public:
  Rewrite(Lake& lake, const std::string& name, const std::vector<ColumnRewrite>& columns)
      : lake_(lake),
        name_(name),
        claim_(lake.claim(name)),
        table_(*IcebergTable::open(lake.table_directory(name))),
        database_({{"memory_limit", fmt::format("{}B", lake.options().query_memory)},
                   {"threads", std::to_string(lake.options().threads)},
                   {"temp_directory", (lake.spill_directory() / "rewrite").string()},
                   {"autoinstall_known_extensions", "false"},
                   {"autoload_known_extensions", "false"}}),
        connection_(database_.connect()) {
    connection_.run("SET GLOBAL TimeZone='UTC'");
    register_function(connection_, "freshet_rewrite", DUCKDB_TYPE_VARCHAR, functions_);
    register_function(connection_, "freshet_rewrite_bytes", DUCKDB_TYPE_BLOB, functions_);
    for (const IcebergField& field : table_.schema().fields) add_column(field, columns);
  }

  void run(const std::map<std::string, std::string>& notes) {
    const std::vector<DataFile> old = table_.files();
    write_file(marker(), "");
    sync_directory(marker().parent_path());
    TableCommit change{.added = {}, .replace_all = true, .forget_history = true, .summary = notes};
    for (const DataFile& file : old)
      if (file.content == FileContent::data) change.added.push_back(write_rows(file));
    if (auto deletes = write_deletes(old)) change.added.push_back(std::move(*deletes));
    sync_directory(lake_.table_directory(name_) / "data");
    commit(change);
  }

 private:
  [[nodiscard]] fs::path marker() const { return lake_.table_directory(name_) / kMarker; }

  void add_column(const IcebergField& field, const std::vector<ColumnRewrite>& columns) {
    const std::string name = column_of(field.id);
    const auto found = std::ranges::find(columns, field.column.name, &ColumnRewrite::column);
    std::string sql = name;
    if (found != columns.end()) {
      const bool text = field.column.type == LakeType::string;
      if (found->cell && (text || field.column.type == LakeType::binary)) {
        sql = fmt::format("{}({},{})", text ? "freshet_rewrite" : "freshet_rewrite_bytes",
                          functions_.list.size(), name);
        functions_.list.push_back(found->cell);
      } else {
        sql = "NULL::" + sql_type(field.column);
      }
    }
    select_ += (select_.empty() ? "" : ",") + sql;
  }

  DataFile write_rows(const DataFile& file) {
    const std::vector<std::string> path{file.path};
    DataFile written = write_parquet(
        connection_, fmt::format("SELECT {} FROM {}", select_, scan_sql(table_.schema(), path)),
        table_.schema(), table_.new_data_path());
    if (written.records != file.records)
      fail(ErrorKind::internal, "{} rows of {} were written anew where there are {}",
           written.records, name_, file.records);
    written.partition_day = file.partition_day;
    renamed_.emplace(file.path, written.path);
    return written;
  }

  // The places of dead rows, in the new files.
  std::optional<DataFile> write_deletes(const std::vector<DataFile>& old) {
    std::string deletes, from, to;
    for (const DataFile& file : old)
      if (file.content == FileContent::position_deletes)
        deletes +=
            (deletes.empty() ? "" : ",") + quote_text(IcebergTable::local_of(file.path).string());
    if (deletes.empty()) return std::nullopt;
    for (const auto& [before, after] : renamed_) {
      from += (from.empty() ? "" : ",") + quote_text(before);
      to += (to.empty() ? "" : ",") + quote_text(after);
    }
    const std::string rows = fmt::format(
        "SELECT ([{}])[list_position([{}], file_path)] AS path, pos FROM read_parquet([{}])", to,
        from, deletes);
    const std::string live = "FROM (" + rows + ") WHERE path IS NOT NULL";
    if (connection_.query_int("SELECT count(*) " + live).value_or(0) == 0) return std::nullopt;
    return write_position_deletes(connection_, "SELECT path, pos " + live + " ORDER BY path, pos",
                                  table_.new_data_path("-deletes.parquet"));
  }

  void commit(TableCommit& change) {
    const std::string commit_id = new_uuid();
    change.summary[std::string(kCommitIdKey)] = commit_id;
    KeyIndex index(lake_.keys(), name_, !table_.schema().identifier_ids.empty());
    settle(index);
    const bool indexed = !index.commit_id().empty();  // a history is not
    if (indexed && index.commit_id() != table_.summary(kCommitIdKey).value_or(""))
      fail(ErrorKind::corrupt,
           "table {} and its key index are at different commits: take a new snapshot of the table",
           name_);
    if (indexed) {
      KeyIndex::Delta delta = index.delta();
      for (const auto& [number, path] : index.files())
        if (const auto renamed = renamed_.find(path); renamed != renamed_.end())
          delta.add_file(number, renamed->second);
      index.store_pending(commit_id, std::move(delta));
    }
    commit_table(table_, change, commit_id);
    if (indexed) index.apply_pending();
  }

  // A crash may have left a step to the table's commit, or beyond it.
  void settle(KeyIndex& index) {
    const auto waiting = index.pending_commit();
    if (!waiting) return;
    if (*waiting == table_.summary(kCommitIdKey).value_or(""))
      index.apply_pending();
    else
      index.drop_pending();
  }

  Lake& lake_;
  const std::string& name_;
  TableClaim claim_;
  IcebergTable table_;
  Functions functions_;
  Database database_;
  DuckConnection connection_;
  std::string select_;
  std::map<std::string, std::string> renamed_;  // old path -> new one
};

}  // namespace

bool rewrite_table(Lake& lake, const std::string& table, const std::vector<ColumnRewrite>& columns,
                   const std::map<std::string, std::string>& notes) {
  if (!IcebergTable::open(lake.table_directory(table))) return false;
  Rewrite(lake, table, columns).run(notes);
  lake.refresh();  // views name the new files before the old ones go
  finish_rewrite(lake, table);
  return true;
}

void finish_rewrite(Lake& lake, const std::string& table) {
  const fs::path marker = lake.table_directory(table) / kMarker;
  if (!fs::exists(marker)) return;
  if (auto opened = IcebergTable::open(lake.table_directory(table))) opened->remove_unreferenced();
  remove_file_if_present(marker);
}

}  // namespace freshet
