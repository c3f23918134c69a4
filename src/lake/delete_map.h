#pragma once

#include <roaring/roaring.h>

#include <cstdint>
#include <memory>
#include <utility>

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
  [[nodiscard]] std::uint64_t count(std::uint32_t begin, std::uint32_t end) const noexcept;
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

}  // namespace freshet
