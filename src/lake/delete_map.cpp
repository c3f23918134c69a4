#include "lake/delete_map.h"

#include <new>

namespace freshet {

namespace {

roaring_bitmap_t* checked(roaring_bitmap_t* bits) {
  if (!bits) throw std::bad_alloc();
  return bits;
}

// DuckDB flattens the arguments of a C function, and the version is a constant of the view, so row
// 0 has it; rows of one chunk come from few files, so a file's set is looked up where it changes.
void mark_live(const DeleteVersion& version, const std::uint64_t* files, const std::int64_t* rows,
               idx_t count, bool* live) {
  const RowSet* set = nullptr;
  for (idx_t i = 0; i < count; ++i) {
    if (i == 0 || files[i] != files[i - 1]) set = version.of(files[i]);
    live[i] = !set || !set->contains(static_cast<std::uint32_t>(rows[i]));
  }
}

void live_function(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& registry =
      *static_cast<const DeleteRegistry*>(duckdb_scalar_function_get_extra_info(info));
  const idx_t count = duckdb_data_chunk_get_size(input);
  if (count == 0) return;
  const auto column = [&](idx_t i) {
    return duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, i));
  };
  const auto version = registry.find(*static_cast<const std::uint64_t*>(column(0)));
  if (!version) {
    duckdb_scalar_function_set_error(info, "the state of the table that this query reads is gone");
    return;
  }
  mark_live(*version, static_cast<const std::uint64_t*>(column(1)),
            static_cast<const std::int64_t*>(column(2)), count,
            static_cast<bool*>(duckdb_vector_get_data(output)));
}

}  // namespace

RowSet::RowSet() : bits_(checked(roaring_bitmap_create())) {}
RowSet::RowSet(const RowSet& other) : bits_(checked(roaring_bitmap_copy(other.bits_))) {}
RowSet::~RowSet() {
  if (bits_) roaring_bitmap_free(bits_);
}

bool RowSet::add(std::uint32_t row) { return roaring_bitmap_add_checked(bits_, row); }

void RowSet::add_range(std::uint32_t begin, std::uint32_t end) {
  roaring_bitmap_add_range(bits_, begin, end);
}

std::uint64_t RowSet::size() const noexcept { return roaring_bitmap_get_cardinality(bits_); }

RowSet& DeadRows::mine() {
  if (!rows_) {
    rows_ = std::make_shared<RowSet>();
  } else if (frozen_) {
    rows_ = std::make_shared<RowSet>(*rows_);
  }
  frozen_ = false;
  return *rows_;
}

const RowSet* DeleteVersion::of(std::uint64_t file) const noexcept {
  if (file == kHotFile) return hot.get();
  return file < files.size() ? files[file].get() : nullptr;
}

DeleteRegistry::Pin::~Pin() {
  if (registry_) registry_->unpin(at_);
}

std::uint64_t DeleteRegistry::add(DeleteVersion version) {
  const std::unique_lock lock(mutex_);
  versions_.emplace(++last_, std::make_shared<const DeleteVersion>(std::move(version)));
  return last_;
}

void DeleteRegistry::retire(std::uint64_t number) {
  const std::unique_lock lock(mutex_);
  retired_.emplace_back(++time_, number);
  sweep();
}

DeleteRegistry::Pin DeleteRegistry::pin() {
  const std::unique_lock lock(mutex_);
  return Pin(this, pins_.insert(time_));
}

std::shared_ptr<const DeleteVersion> DeleteRegistry::find(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  const auto at = versions_.find(number);
  return at == versions_.end() ? nullptr : at->second;
}

std::size_t DeleteRegistry::size() const {
  const std::shared_lock lock(mutex_);
  return versions_.size();
}

void DeleteRegistry::unpin(std::multiset<std::uint64_t>::iterator at) noexcept {
  const std::unique_lock lock(mutex_);
  pins_.erase(at);
  sweep();
}

// A pin taken at time p may meet versions that were retired later than p.
void DeleteRegistry::sweep() {
  const std::uint64_t oldest = pins_.empty() ? time_ : *pins_.begin();
  std::erase_if(retired_, [&](const auto& entry) {
    const bool free = entry.first <= oldest;
    if (free) versions_.erase(entry.second);
    return free;
  });
}

void register_live_function(DuckConnection& connection, DeleteRegistry& registry) {
  DuckdbHandle<duckdb_scalar_function, duckdb_destroy_scalar_function> function(
      duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), "freshet_live");
  for (const duckdb_type type : {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_BIGINT}) {
    const LogicalType parameter(duckdb_create_logical_type(type));
    duckdb_scalar_function_add_parameter(function.get(), parameter.get());
  }
  const LogicalType boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  duckdb_scalar_function_set_return_type(function.get(), boolean.get());
  duckdb_scalar_function_set_extra_info(function.get(), &registry, nullptr);
  duckdb_scalar_function_set_function(function.get(), live_function);
  if (duckdb_register_scalar_function(connection.raw(), function.get()) == DuckDBError)
    fail(ErrorKind::internal, "DuckDB does not take the function freshet_live");
}

}  // namespace freshet
