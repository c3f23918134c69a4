#pragma once

#include "transform/detector.h"

namespace freshet {

// E-mail addresses as people and programs write them: RFC 5322 atoms and quoted local parts, plus
// tags, internationalised local parts and domains (RFC 6531), address literals, and %40 for '@'.
// Needs a domain with a dot: `@handle`, `user@host` and `package@1.2.3` are left alone.
class EmailDetector final : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kAtSigns; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override;
};

}  // namespace freshet
