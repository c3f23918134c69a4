#pragma once

#include "transform/detector.h"

namespace freshet {

// E-mail addresses as people and programs write them: RFC 5322 atoms and quoted local parts, plus
// tags, internationalised local parts and domains (RFC 6531), address literals, and %40 for '@'.
// Needs a domain with a dot: `@handle`, `user@host` and `package@1.2.3` are left alone.
class EmailDetector final : public Detector {
 public:
  [[nodiscard]] std::string_view type() const noexcept override { return "EMAIL"; }
  [[nodiscard]] bool may_match(const TextTraits& traits) const noexcept override {
    return traits.at_sign;
  }
  void find(std::string_view folded, std::size_t index, Hits& hits) const override;
};

}  // namespace freshet
