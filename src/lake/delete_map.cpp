#include "lake/delete_map.h"

#include <new>

namespace freshet {

namespace {

roaring_bitmap_t* checked(roaring_bitmap_t* bits) {
  if (!bits) throw std::bad_alloc();
  return bits;
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

std::uint64_t RowSet::count(std::uint32_t begin, std::uint32_t end) const noexcept {
  return roaring_bitmap_range_cardinality(bits_, begin, end);
}

RowSet& DeadRows::mine() {
  if (!rows_) {
    rows_ = std::make_shared<RowSet>();
  } else if (frozen_) {
    rows_ = std::make_shared<RowSet>(*rows_);
  }
  frozen_ = false;
  return *rows_;
}

}  // namespace freshet
