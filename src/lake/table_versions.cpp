#include "lake/table_versions.h"

#include <span>

#include "lake/table_view.h"

namespace freshet {

namespace {

constexpr const char* kGone = "the state of the table that this query reads is gone";

// DuckDB flattens the arguments of a C function, and the version is a constant of the view, so row
// 0 has it; rows of one chunk come from few files, so a file's set is looked up where it changes.
void mark_live(const TableVersion& version, const std::uint64_t* files, const std::int64_t* rows,
               idx_t count, bool* live) {
  const RowSet* dead = nullptr;
  for (idx_t i = 0; i < count; ++i) {
    if (i == 0 || files[i] != files[i - 1])
      dead = files[i] < version.dead.size() ? version.dead[files[i]].get() : nullptr;
    live[i] = !dead || !dead->contains(static_cast<std::uint32_t>(rows[i]));
  }
}

void live_function(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& versions =
      *static_cast<const TableVersions*>(duckdb_scalar_function_get_extra_info(info));
  const idx_t count = duckdb_data_chunk_get_size(input);
  if (count == 0) return;
  const auto column = [&](idx_t i) {
    return duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, i));
  };
  const auto version = versions.find(*static_cast<const std::uint64_t*>(column(0)));
  if (!version) return duckdb_scalar_function_set_error(info, kGone);
  mark_live(*version, static_cast<const std::uint64_t*>(column(1)),
            static_cast<const std::int64_t*>(column(2)), count,
            static_cast<bool*>(duckdb_vector_get_data(output)));
}

void register_live(DuckConnection& connection, TableVersions& versions) {
  DuckdbHandle<duckdb_scalar_function, duckdb_destroy_scalar_function> function(
      duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), "freshet_live");
  for (const duckdb_type type : {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_BIGINT}) {
    const LogicalType parameter(duckdb_create_logical_type(type));
    duckdb_scalar_function_add_parameter(function.get(), parameter.get());
  }
  const LogicalType boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  duckdb_scalar_function_set_return_type(function.get(), boolean.get());
  duckdb_scalar_function_set_extra_info(function.get(), &versions, nullptr);
  duckdb_scalar_function_set_function(function.get(), live_function);
  if (duckdb_register_scalar_function(connection.raw(), function.get()) == DuckDBError)
    fail(ErrorKind::internal, "DuckDB does not take the function freshet_live");
}

// ---- hot rows ----

// Gives DuckDB an object to keep.
template <typename T>
void drop(void* object) {
  delete static_cast<T*>(object);
}

using BoundVersion = std::shared_ptr<const TableVersion>;

struct HotScan {
  std::vector<idx_t> columns;  // that the query wants
  std::size_t next = 0;        // block
};

void bind_hot(duckdb_bind_info info) {
  const auto& versions = *static_cast<const TableVersions*>(duckdb_bind_get_extra_info(info));
  DuckdbHandle<duckdb_value, duckdb_destroy_value> number(duckdb_bind_get_parameter(info, 0));
  BoundVersion version = versions.find(static_cast<std::uint64_t>(duckdb_get_int64(number.get())));
  if (!version || !version->hot) return duckdb_bind_set_error(info, kGone);
  for (const IcebergField& field : version->hot->fields) {
    const LogicalType type = logical_type(field.column);
    duckdb_bind_add_result_column(info, column_of(field.id).c_str(), type.get());
  }
  duckdb_bind_set_cardinality(info, version->hot->rows, false);
  duckdb_bind_set_bind_data(info, new BoundVersion(std::move(version)), drop<BoundVersion>);
}

void begin_hot(duckdb_init_info info) {
  auto scan = std::make_unique<HotScan>();
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i)
    scan->columns.push_back(duckdb_init_get_column_index(info, i));
  duckdb_init_set_init_data(info, scan.release(), drop<HotScan>);
}

using Selection = DuckdbHandle<duckdb_selection_vector, [](duckdb_selection_vector* selection) {
  duckdb_destroy_selection_vector(*selection);
}>;

// The live rows of a block that has dead ones.
Selection live_rows(const HotSnapshot::Part& part, const RowSet& dead) {
  Selection selection(duckdb_create_selection_vector(part.block->rows));
  sel_t* out = duckdb_selection_vector_get_data_ptr(selection.get());
  for (std::uint32_t row = 0; row < part.block->rows; ++row)
    if (!dead.contains(part.first + row)) *out++ = row;
  return selection;
}

// The block's vectors themselves; readers never write to them.
idx_t give_block(const HotSnapshot::Part& part, const RowSet* dead, std::span<const idx_t> columns,
                 duckdb_data_chunk output) {
  const auto rows = static_cast<std::uint32_t>(part.block->rows);
  const idx_t gone = dead ? dead->count(part.first, part.first + rows) : 0;
  if (gone == rows) return 0;
  const Selection live = gone > 0 ? live_rows(part, *dead) : Selection();
  for (idx_t i = 0; i < columns.size(); ++i) {
    const duckdb_vector to = duckdb_data_chunk_get_vector(output, i);
    duckdb_vector_reference_vector(
        to, duckdb_data_chunk_get_vector(part.block->columns.get(), columns[i]));
    if (live) duckdb_slice_vector(to, live.get(), rows - gone);
  }
  return rows - gone;
}

void scan_hot(duckdb_function_info info, duckdb_data_chunk output) {
  const TableVersion& version =
      **static_cast<const BoundVersion*>(duckdb_function_get_bind_data(info));
  auto& scan = *static_cast<HotScan*>(duckdb_function_get_init_data(info));
  idx_t rows = 0;
  while (rows == 0 && scan.next < version.hot->parts.size())
    rows =
        give_block(version.hot->parts[scan.next++], version.hot_dead.get(), scan.columns, output);
  duckdb_data_chunk_set_size(output, rows);
}

// One thread scans: the order of rows is their order in a Parquet file.
void register_hot(DuckConnection& connection, TableVersions& versions) {
  DuckdbHandle<duckdb_table_function, duckdb_destroy_table_function> function(
      duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), "freshet_hot");
  const LogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_table_function_add_parameter(function.get(), number.get());
  duckdb_table_function_set_extra_info(function.get(), &versions, nullptr);
  duckdb_table_function_set_bind(function.get(), bind_hot);
  duckdb_table_function_set_init(function.get(), begin_hot);
  duckdb_table_function_set_function(function.get(), scan_hot);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(connection.raw(), function.get()) == DuckDBError)
    fail(ErrorKind::internal, "DuckDB does not take the function freshet_hot");
}

}  // namespace

TableVersions::Pin::~Pin() {
  if (versions_) versions_->unpin(at_);
}

std::uint64_t TableVersions::add(TableVersion version) {
  const std::unique_lock lock(mutex_);
  versions_.emplace(++last_, std::make_shared<const TableVersion>(std::move(version)));
  return last_;
}

void TableVersions::retire(std::uint64_t number) {
  const std::unique_lock lock(mutex_);
  retired_.emplace_back(++time_, number);
  sweep();
}

TableVersions::Pin TableVersions::pin() {
  const std::unique_lock lock(mutex_);
  return Pin(this, pins_.insert(time_));
}

std::shared_ptr<const TableVersion> TableVersions::find(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  const auto at = versions_.find(number);
  return at == versions_.end() ? nullptr : at->second;
}

std::size_t TableVersions::size() const {
  const std::shared_lock lock(mutex_);
  return versions_.size();
}

void TableVersions::unpin(std::multiset<std::uint64_t>::iterator at) noexcept {
  const std::unique_lock lock(mutex_);
  pins_.erase(at);
  sweep();
}

// A pin taken at time p may meet versions that were retired later than p.
void TableVersions::sweep() {
  const std::uint64_t oldest = pins_.empty() ? time_ : *pins_.begin();
  std::erase_if(retired_, [&](const auto& entry) {
    const bool free = entry.first <= oldest;
    if (free) versions_.erase(entry.second);
    return free;
  });
}

void register_version_functions(DuckConnection& connection, TableVersions& versions) {
  register_live(connection, versions);
  register_hot(connection, versions);
}

}  // namespace freshet
