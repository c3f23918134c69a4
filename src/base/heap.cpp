#include "base/heap.h"

#include <malloc.h>

namespace freshet {

namespace {

// Many threads free what others allocated: with a heap for each of them, memory that nobody uses
// piles up.
constexpr int kHeaps = 2;
// Fixed: by itself it grows with what is freed, up to 32 MB.
constexpr int kApartFrom = 512 << 10;

}  // namespace

void settle_heap() noexcept {
  ::mallopt(M_ARENA_MAX, kHeaps);
  ::mallopt(M_MMAP_THRESHOLD, kApartFrom);
}

void trim_heap() noexcept { ::malloc_trim(0); }

}  // namespace freshet
