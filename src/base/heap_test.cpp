#include "base/heap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>

namespace freshet {
namespace {

std::size_t resident_bytes() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// Small pieces, of which the last one stays in use.
TEST(Heap, GivesBackWhatLiesBeforePiecesInUse) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer has an allocator of its own";
#endif
  constexpr std::size_t kPiece = 4096, kPieces = 16'384;
  std::vector<std::unique_ptr<char[]>> pieces;
  pieces.reserve(kPieces);
  for (std::size_t i = 0; i < kPieces; ++i) {
    pieces.emplace_back(new char[kPiece]);
    std::fill_n(pieces.back().get(), kPiece, 'x');
  }
  const auto last = std::move(pieces.back());
  pieces.clear();
  const std::size_t before = resident_bytes();
  trim_heap();
  EXPECT_LT(resident_bytes() + kPiece * kPieces / 2, before);
  EXPECT_EQ(last[0], 'x');
}

}  // namespace
}  // namespace freshet
