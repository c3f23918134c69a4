#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transform/options.h"
#include "transform/text_scan.h"

namespace freshet {

// A place in a text that holds personal data: bytes [begin, end).
struct Hit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t detector = 0;  // index within the DetectorSet
  friend bool operator==(const Hit&, const Hit&) = default;
};

using Hits = std::vector<Hit>;

// Recognises one kind of personal data. Implementations are immutable and may be used by several
// threads at once. A new one is a file with a class, a table of test cases, and a line in
// DetectorSet's registry.
class Detector {
 public:
  virtual ~Detector() = default;

  // Name of the type, as AWS Glue spells it: "EMAIL", "PHONE_NUMBER".
  [[nodiscard]] virtual std::string_view type() const noexcept = 0;

  // False if no text of these traits can hold a match. Decides for nearly all text, so it must be
  // exact in that direction and cost next to nothing.
  [[nodiscard]] virtual bool may_match(const TextTraits& traits) const noexcept = 0;

  // Appends the matches of a folded text (fold_text), front to back. `index` goes into each Hit.
  // Work is bounded by a constant per byte; what exceeds the bound counts as a match.
  virtual void find(std::string_view folded, std::size_t index, Hits& hits) const = 0;
};

// The detectors of a configuration, run as one: traits, fold, find, merge.
class DetectorSet {
 public:
  // Throws Error{config} on the name of a detector that does not exist.
  explicit DetectorSet(const SensitiveDataOptions& options);
  explicit DetectorSet(std::vector<std::unique_ptr<Detector>> detectors);

  // Replaces `hits` by the matches in the text: in order, without overlap. Fails closed: if a
  // detector throws, or the text is not valid UTF-8, the whole text is one hit. `scratch` is
  // memory that the caller keeps for reuse.
  void find(std::string_view text, Hits& hits, std::string& scratch) const;

  [[nodiscard]] std::size_t size() const noexcept { return detectors_.size(); }
  [[nodiscard]] std::string_view type(std::size_t detector) const noexcept {
    return detectors_[detector]->type();
  }
  // Index of the detector of a type, or size() if the set has none.
  [[nodiscard]] std::size_t index_of(std::string_view type) const noexcept;

 private:
  void find_unguarded(std::string_view text, const TextTraits& traits, Hits& hits,
                      std::string& scratch) const;

  std::vector<std::unique_ptr<Detector>> detectors_;
};

}  // namespace freshet
