#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/lake_schema.h"

namespace freshet {

// RowId -> number below 2^32 - 2, for the rows of one commit window. Open addressing with linear
// probing: a RowId is a keyed hash already, so its low word is the hash.
class RowMap {
 public:
  [[nodiscard]] std::optional<std::uint32_t> find(const RowId& id) const noexcept {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t at = id.low & mask(); slots_[at].value != kEmpty; at = (at + 1) & mask())
      if (slots_[at].id == id && slots_[at].value != kErased) return slots_[at].value;
    return std::nullopt;
  }

  // Says that the id will be asked for soon.
  void prefetch(const RowId& id) const noexcept {
    if (!slots_.empty()) __builtin_prefetch(&slots_[id.low & mask()]);
  }

  void set(const RowId& id, std::uint32_t value) {
    if ((used_ + 1) * 4 > slots_.size() * 3) grow();
    Slot* free = nullptr;
    for (std::size_t at = id.low & mask();; at = (at + 1) & mask()) {
      Slot& slot = slots_[at];
      if (slot.value == kEmpty) {
        if (!free) {
          free = &slot;
          ++used_;
        }
        *free = {id, value};
        ++size_;
        return;
      }
      if (slot.value == kErased) {
        if (!free) free = &slot;
      } else if (slot.id == id) {
        slot.value = value;
        return;
      }
    }
  }

  void erase(const RowId& id) noexcept {
    if (slots_.empty()) return;
    for (std::size_t at = id.low & mask(); slots_[at].value != kEmpty; at = (at + 1) & mask()) {
      if (slots_[at].id != id || slots_[at].value == kErased) continue;
      slots_[at].value = kErased;
      --size_;
      return;
    }
  }

  // Forgets all; memory beyond what a usual window needs is given back.
  void clear() {
    if (slots_.size() > kKeptSlots)
      slots_ = {};
    else
      slots_.assign(slots_.size(), Slot{});
    used_ = size_ = 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffff;
  static constexpr std::uint32_t kErased = 0xfffffffe;
  static constexpr std::size_t kFirstSlots = 1024;
  static constexpr std::size_t kKeptSlots = 1 << 18;

  struct Slot {
    RowId id;
    std::uint32_t value = kEmpty;
  };

  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

  void grow() {
    std::vector<Slot> old(size_ * 4 < slots_.size() ? slots_.size()  // mostly erased slots
                          : slots_.empty()          ? kFirstSlots
                                                    : slots_.size() * 2);
    old.swap(slots_);
    used_ = size_ = 0;
    for (const Slot& slot : old)
      if (slot.value < kErased) set(slot.id, slot.value);
  }

  std::vector<Slot> slots_;  // a power of two of them, or none
  std::size_t used_ = 0;     // slots that are not empty
  std::size_t size_ = 0;     // entries
};

}  // namespace freshet
