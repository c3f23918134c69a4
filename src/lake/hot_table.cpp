#include "lake/hot_table.h"

#include <atomic>
#include <utility>

#include "lake/table_view.h"

namespace freshet {

namespace {

constexpr std::uint32_t kMaxRows = 0xfffffff0;  // ids are 32-bit, and RowMap needs two of them

std::string next_name(const std::string& table) {
  static std::atomic<std::uint64_t> last = 0;
  return table + "#" + std::to_string(++last);
}

std::string columns_sql(const IcebergSchema& schema) {
  std::string sql = "_id BIGINT";
  for (const IcebergField& field : schema.fields)
    sql += ", " + column_of(field.id) + " " + sql_type(field.column);
  return sql;
}

std::vector<LakeColumn> chunk_columns(const IcebergSchema& schema) {
  std::vector<LakeColumn> columns{{.name = "_id", .type = LakeType::int64}};
  for (const IcebergField& field : schema.fields) columns.push_back(field.column);
  return columns;
}

// Hot tables that an earlier writer of the table left for readers.
std::vector<std::string> leftovers(DuckConnection& connection, const std::string& table) {
  Result result = connection.query(fmt::format(
      "SELECT table_name FROM duckdb_tables() WHERE database_name = {} AND schema_name = {} AND "
      "starts_with(table_name, {})",
      quote_text(kCatalog), quote_text(kHotSchema), quote_text(table + "#")));
  std::vector<std::string> names;
  while (const DataChunk chunk = result.next()) {
    const auto* texts = static_cast<const duckdb_string_t*>(
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk.get()); ++i)
      names.emplace_back(text_at(texts[i]));
  }
  return names;
}

}  // namespace

// What was published stays readable: table and view outlive the writer.
HotTable::~HotTable() { roll_back(); }

void HotTable::roll_back() noexcept {
  appender_.reset();
  if (!std::exchange(open_, false)) return;
  duckdb_result ignored;
  duckdb_query(connection_.raw(), "ROLLBACK", &ignored);
  duckdb_destroy_result(&ignored);
}

void HotTable::restart(const IcebergSchema& schema, const ViewText& view) {
  replace(schema, view, {});
  next_id_ = 0;
  bytes_ = 0;
}

void HotTable::restart_aside() {
  roll_back();
  const std::string name = next_name(table_);
  connection_.run("CREATE TABLE " + hot_table_sql(name) + " (" + columns_sql(schema_) + ")");
  if (aside_) connection_.run("DROP TABLE " + hot_table_sql(name_));
  aside_ = true;
  name_ = name;
  chunk_->clear();
  next_id_ = 0;
  bytes_ = 0;
}

void HotTable::change_columns(const IcebergSchema& schema, const ViewText& view) {
  std::string select = "_id";
  for (const IcebergField& field : schema.fields) {
    const bool kept = schema_.find(field.id) != nullptr;
    select += fmt::format(", {}::{}", kept ? column_of(field.id) : "NULL", sql_type(field.column));
  }
  replace(schema, view, fmt::format("SELECT {} FROM {}", select, hot_table_sql(name_)));
}

void HotTable::replace(const IcebergSchema& schema, const ViewText& view, const std::string& fill) {
  if (open_) fail(ErrorKind::internal, "hot table {} has unpublished rows", name_);
  const std::vector<std::string> old = leftovers(connection_, table_);
  const std::string name = next_name(table_);
  SqlTransaction transaction(connection_);
  connection_.run("CREATE TABLE " + hot_table_sql(name) + " (" + columns_sql(schema) + ")");
  if (!fill.empty()) connection_.run("INSERT INTO " + hot_table_sql(name) + " " + fill);
  connection_.run(view(name));
  for (const std::string& table : old) connection_.run("DROP TABLE " + hot_table_sql(table));
  transaction.commit();
  aside_ = false;
  name_ = name;
  schema_ = schema;
  chunk_.emplace(chunk_columns(schema));
}

void HotTable::begin() {
  if (!open_) connection_.run("BEGIN TRANSACTION");
  open_ = true;
  appender_.emplace(connection_, std::string(kCatalog), std::string(kHotSchema), name_);
}

std::uint32_t HotTable::append(std::span<const Value> head, std::span<const Value> tail) {
  if (head.size() + tail.size() != schema_.fields.size())
    fail(ErrorKind::internal, "a row of {} has {} cells where the table has {} columns", table_,
         head.size() + tail.size(), schema_.fields.size());
  if (next_id_ >= kMaxRows)
    fail(ErrorKind::unsupported, "{} has {} rows that are not committed", table_, next_id_);
  if (!appender_) begin();
  const Value id = Value::of_int(next_id_);
  chunk_->set(0, {&id, 1});
  chunk_->set(1, head);
  chunk_->set(1 + head.size(), tail);
  chunk_->end_row();
  bytes_ += 8 * schema_.fields.size();
  for (const Value& cell : tail) bytes_ += cell.text.size();
  if (chunk_->full()) flush_chunk();
  return next_id_++;
}

void HotTable::flush_chunk() {
  appender_->append(chunk_->filled());
  chunk_->clear();
}

void HotTable::flush() {
  if (!appender_) return;
  if (!chunk_->empty()) flush_chunk();
  appender_->close();
  appender_.reset();
}

void HotTable::publish(const std::optional<std::string>& view) {
  flush();
  if (view) connection_.run(*view);
  aside_ = aside_ && !view;
  if (!open_) return;
  open_ = false;
  connection_.run("COMMIT");
}

}  // namespace freshet
