#pragma once

#include <roaring/roaring.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "lake/duckdb_session.h"

namespace freshet {

// A set of row numbers of one file, as a Roaring bitmap.
class RowSet {
 public:
  RowSet();
  RowSet(const RowSet& other);
  RowSet(RowSet&& other) noexcept : bits_(std::exchange(other.bits_, nullptr)) {}
  RowSet& operator=(RowSet other) noexcept {
    std::swap(bits_, other.bits_);
    return *this;
  }
  ~RowSet();

  bool add(std::uint32_t row);  // false if it was there
  void add_range(std::uint32_t begin, std::uint32_t end);
  [[nodiscard]] bool contains(std::uint32_t row) const noexcept {
    return roaring_bitmap_contains(bits_, row);
  }
  [[nodiscard]] std::uint64_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return roaring_bitmap_is_empty(bits_); }

 private:
  roaring_bitmap_t* bits_;
};

// Dead rows that change in one thread while readers look at frozen states of them: freezing is
// free, the first change after it copies.
class DeadRows {
 public:
  bool add(std::uint32_t row) { return mine().add(row); }
  void add_range(std::uint32_t begin, std::uint32_t end) { mine().add_range(begin, end); }
  [[nodiscard]] bool contains(std::uint32_t row) const noexcept {
    return rows_ && rows_->contains(row);
  }
  [[nodiscard]] std::uint64_t size() const noexcept { return rows_ ? rows_->size() : 0; }
  [[nodiscard]] std::shared_ptr<const RowSet> freeze() noexcept {
    frozen_ = true;
    return rows_;
  }

 private:
  RowSet& mine();

  std::shared_ptr<RowSet> rows_;  // null = empty
  bool frozen_ = false;
};

// The dead rows of one published version of a table. Null where nothing is dead.
struct DeleteVersion {
  std::vector<std::shared_ptr<const RowSet>> files;  // in the order of the view's file list
  std::shared_ptr<const RowSet> hot;

  [[nodiscard]] const RowSet* of(std::uint64_t file) const noexcept;
};

// file_index by which views name the hot table.
inline constexpr std::uint64_t kHotFile = 0xffffffff;

// The versions that views may name. A query takes a pin before its transaction begins; a version
// stays as long as a pin is held that was taken before the version was retired. Thread-safe.
class DeleteRegistry {
 public:
  class Pin {
   public:
    Pin(Pin&& other) noexcept
        : registry_(std::exchange(other.registry_, nullptr)), at_(other.at_) {}
    Pin& operator=(Pin&&) = delete;
    ~Pin();

   private:
    friend class DeleteRegistry;
    Pin(DeleteRegistry* registry, std::multiset<std::uint64_t>::iterator at)
        : registry_(registry), at_(at) {}
    DeleteRegistry* registry_;
    std::multiset<std::uint64_t>::iterator at_;
  };

  [[nodiscard]] std::uint64_t add(DeleteVersion version);  // its number, new in this process
  // No view that a later transaction can see names the version any more.
  void retire(std::uint64_t number);
  [[nodiscard]] Pin pin();
  [[nodiscard]] std::shared_ptr<const DeleteVersion> find(std::uint64_t number) const;
  [[nodiscard]] std::size_t size() const;

 private:
  void unpin(std::multiset<std::uint64_t>::iterator at) noexcept;
  void sweep();  // frees what no pin protects; the lock is held

  mutable std::shared_mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<const DeleteVersion>> versions_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> retired_;  // time of retirement, version
  std::multiset<std::uint64_t> pins_;                             // times
  std::uint64_t time_ = 0;
  std::uint64_t last_ = 0;
};

// Makes the SQL function freshet_live(version, file_index, row) -> BOOLEAN known to a database.
// The registry must outlive the database.
void register_live_function(DuckConnection& connection, DeleteRegistry& registry);

}  // namespace freshet
