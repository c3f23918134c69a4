#pragma once

#include <memory>
#include <string>
#include <vector>

#include "transform/detector.h"
#include "transform/options.h"

namespace re2 {
class RE2;
}

namespace freshet {

// A regular expression of the configuration. RE2 takes time linear in the text whatever the
// expression; it has no back references or look-around.
class CustomDetector final : public Detector {
 public:
  // Throws Error{config} on an expression that is not well formed, or matches the empty text.
  explicit CustomDetector(const CustomDetectorOptions& options);
  ~CustomDetector() override;

  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kAny; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override;

 private:
  template <typename Put>
  void for_each_match(std::string_view text, const Put& put) const;

  std::unique_ptr<const re2::RE2> pattern_;
  std::vector<std::string> allow_;  // sorted
  bool needs_context_;
};

}  // namespace freshet
