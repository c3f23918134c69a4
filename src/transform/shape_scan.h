#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "transform/detector.h"
#include "transform/detector_type.h"
#include "transform/shape_matcher.h"

namespace freshet {

// Finds all types that consist of shapes, in one walk over the words of a text. Immutable.
class ShapeScan {
 public:
  // A type, and its index in the set.
  struct Member {
    const DetectorType* type;
    std::size_t index;
  };
  explicit ShapeScan(const std::vector<Member>& members);

  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  void find(const DetectorText& text, Hits& hits) const;
  // How the words begin from which find() has to look, where no fillers are.
  [[nodiscard]] const WordForms& begins() const noexcept { return begins_; }

 private:
  struct Row {
    std::size_t index;
    int confidence;
    bool (*valid)(const ShapeMatch&);
  };
  class Walk;

  std::vector<Row> rows_;
  std::optional<ShapeMatcher> matcher_;
  WordForms begins_;
};

}  // namespace freshet
