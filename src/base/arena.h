#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace freshet {

// Memory for text that is made once and read often. Text never moves while the arena lives; clear()
// takes all of it back at once and keeps the ordinary chunks for reuse. Not thread-safe.
class Arena {
 public:
  // A copy of the text that lives until clear().
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* room = allocate(text.size());
    std::memcpy(room, text.data(), text.size());
    return {room, text.size()};
  }

  // Room for n bytes, not initialised.
  [[nodiscard]] char* allocate(std::size_t n) {
    if (n > kChunk / 4) {
      large_bytes_ += n;
      return large_.emplace_back(new char[n]).get();
    }
    if (n > left_) next_chunk();
    char* room = at_;
    at_ += n;
    left_ -= n;
    return room;
  }

  // Memory that it holds.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return chunks_.size() * kChunk + large_bytes_;
  }

  void clear() noexcept {
    large_.clear();
    large_bytes_ = 0;
    used_ = 0;
    left_ = 0;
  }

 private:
  static constexpr std::size_t kChunk = std::size_t{64} << 10;

  void next_chunk() {
    if (used_ == chunks_.size()) chunks_.emplace_back(new char[kChunk]);
    at_ = chunks_[used_++].get();
    left_ = kChunk;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::vector<std::unique_ptr<char[]>> large_;  // longer than a quarter chunk: one each
  std::size_t large_bytes_ = 0;
  std::size_t used_ = 0;
  std::size_t left_ = 0;
  char* at_ = nullptr;
};

}  // namespace freshet
