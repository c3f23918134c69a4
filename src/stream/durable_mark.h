#pragma once

#include <filesystem>

#include "stream/stream.h"

namespace freshet {

// The file `durable` of a stream's directory. It does two small things that RocksDB leaves open:
// it locks out a second writing process before anything is touched, and it tells readers in other
// processes up to where the stream is durable, for the price of an 8-byte read.
//
// It holds the offset after the last durable change, little-endian; 0 until the stream is made.
// Written after each flush and never synced: what a power cut leaves of it is too low, never too
// high.
class DurableMark {
 public:
  // Makes the file if there is none and locks it for the life of this object. Throws Error{config}
  // where another process holds the lock, or the directory may not be written.
  [[nodiscard]] static DurableMark lock(const std::filesystem::path& directory);
  // For readers. Throws Error{unavailable} where there is no stream.
  [[nodiscard]] static DurableMark view(const std::filesystem::path& directory);
  [[nodiscard]] static bool present(const std::filesystem::path& directory);

  DurableMark(DurableMark&& other) noexcept;
  DurableMark& operator=(DurableMark&&) = delete;
  DurableMark(const DurableMark&) = delete;
  DurableMark& operator=(const DurableMark&) = delete;
  ~DurableMark();

  [[nodiscard]] StreamOffset next() const;
  void set_next(StreamOffset next);
  void sync() const;

 private:
  DurableMark(std::filesystem::path path, int descriptor) noexcept;

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace freshet
