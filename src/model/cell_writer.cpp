#include "model/cell_writer.h"

#include <algorithm>

namespace freshet {

void CellWriter::grow(std::size_t n) {
  constexpr std::size_t kStep = 4096;
  const std::size_t used = offset();
  const std::size_t size = std::max(used + n + kStep, out_.capacity());
  out_.resize(used);
  out_.resize_and_overwrite(size, [](char*, std::size_t whole) { return whole; });
  at_ = out_.data() + used;
  limit_ = out_.data() + out_.size();
}

}  // namespace freshet
