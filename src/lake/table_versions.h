#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "lake/delete_map.h"
#include "lake/duckdb_session.h"
#include "lake/hot_rows.h"

namespace freshet {

// What a view of a table shows beside the files that it names. Null where nothing is.
struct TableVersion {
  std::vector<std::shared_ptr<const RowSet>> dead;  // of each file, in the order of the view's list
  std::shared_ptr<const HotSnapshot> hot;
  std::shared_ptr<const RowSet> hot_dead;
};

// The versions that views may name. A query takes a pin before its transaction begins; a version
// stays as long as a pin is held that was taken before the version was retired. Thread-safe.
class TableVersions {
 public:
  class Pin {
   public:
    Pin(Pin&& other) noexcept
        : versions_(std::exchange(other.versions_, nullptr)), at_(other.at_) {}
    Pin& operator=(Pin&&) = delete;
    ~Pin();

   private:
    friend class TableVersions;
    Pin(TableVersions* versions, std::multiset<std::uint64_t>::iterator at)
        : versions_(versions), at_(at) {}
    TableVersions* versions_;
    std::multiset<std::uint64_t>::iterator at_;
  };

  [[nodiscard]] std::uint64_t add(TableVersion version);  // its number, new in this process
  // No view that a later transaction can see names the version any more.
  void retire(std::uint64_t number);
  [[nodiscard]] Pin pin();
  [[nodiscard]] std::shared_ptr<const TableVersion> find(std::uint64_t number) const;
  [[nodiscard]] std::size_t size() const;

 private:
  void unpin(std::multiset<std::uint64_t>::iterator at) noexcept;
  void sweep();  // frees what no pin protects; the lock is held

  mutable std::shared_mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<const TableVersion>> versions_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> retired_;  // time of retirement, version
  std::multiset<std::uint64_t> pins_;                             // times
  std::uint64_t time_ = 0;
  std::uint64_t last_ = 0;
};

// A version that is retired with this object, unless it is kept.
class ScopedVersion {
 public:
  ScopedVersion(TableVersions& versions, TableVersion version)
      : versions_(versions), number_(versions.add(std::move(version))) {}
  ScopedVersion(const ScopedVersion&) = delete;
  ScopedVersion& operator=(const ScopedVersion&) = delete;
  ~ScopedVersion() {
    if (!kept_) versions_.retire(number_);
  }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  std::uint64_t keep() noexcept {
    kept_ = true;
    return number_;
  }

 private:
  TableVersions& versions_;
  std::uint64_t number_;
  bool kept_ = false;
};

// Makes two SQL functions known to a database, which the versions must outlive:
//   freshet_live(version, file_index, row) -> BOOLEAN
//   freshet_hot(version) -> the version's live hot rows in order, columns named as column_of()
void register_version_functions(DuckConnection& connection, TableVersions& versions);

}  // namespace freshet
