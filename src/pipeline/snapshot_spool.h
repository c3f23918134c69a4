#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>

#include "model/change.h"

namespace freshet {

// The rows of a keyless table, between its one read view and the stream. Such a table cannot be
// resumed by key, so it is read to a local file first; from the sealed file its blocks enter the
// stream one by one, and a restart goes on with the next: no row twice, none from zero.
//
// The file: (u32 LE length, block)*, then a zero length; without the zero it is unfinished.
class SpoolWriter {
 public:
  // `seal` encrypts the blocks (capture_masker.h) if it is not empty. Throws Error{unavailable}.
  SpoolWriter(std::filesystem::path path, std::string seal);
  void append(const ChangeBatch& batch);
  // Durable and readable once this returns. Consumes the writer.
  void seal() &&;

 private:
  std::filesystem::path path_;
  std::string seal_;
  std::ofstream file_;
};

class SpoolReader {
 public:
  // Throws Error{corrupt} if the file is missing or not sealed.
  SpoolReader(std::filesystem::path path, std::uint64_t skip_blocks);
  // The next block, or nothing at the end.
  std::optional<Bytes> next();

 private:
  std::filesystem::path path_;
  std::ifstream file_;
};

}  // namespace freshet
