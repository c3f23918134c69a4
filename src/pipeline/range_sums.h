#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/lake_schema.h"

namespace freshet {

// Row count and checksum per range of keys. A range is a run of key digests, so that ranges are
// alike on both sides whether keys are masked or not; the checksum is the sum of the row digests
// modulo 2^128, which no order of rows changes. 2^16 ranges of 24 bytes.
class RangeSums {
 public:
  static constexpr std::size_t kRanges = std::size_t{1} << 16;

  [[nodiscard]] static std::size_t range_of(const RowId& key) noexcept { return key.high >> 48; }

  void add(const RowId& key, const RowId& row) {
    Sum& sum = sums_[range_of(key)];
    ++sum.rows;
    sum.low += row.low;
    sum.high += row.high + (sum.low < row.low ? 1 : 0);
    ++rows_;
  }

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t rows_in(std::size_t range) const noexcept {
    return sums_[range].rows;
  }
  // Ranges in which count or checksum differ, ascending.
  [[nodiscard]] std::vector<std::size_t> differing(const RangeSums& other) const {
    std::vector<std::size_t> ranges;
    for (std::size_t i = 0; i < kRanges; ++i)
      if (sums_[i] != other.sums_[i]) ranges.push_back(i);
    return ranges;
  }

 private:
  struct Sum {
    std::uint64_t rows = 0, low = 0, high = 0;
    friend bool operator==(const Sum&, const Sum&) = default;
  };
  std::vector<Sum> sums_ = std::vector<Sum>(kRanges);
  std::uint64_t rows_ = 0;
};

}  // namespace freshet
