#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transform/context_words.h"
#include "transform/options.h"
#include "transform/text_scan.h"

namespace freshet {

// A place in a text that holds personal data: bytes [begin, end).
struct Hit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t detector = 0;      // index within the DetectorSet
  std::uint8_t confidence = 90;  // percent
  friend bool operator==(const Hit&, const Hit&) = default;
};

using Hits = std::vector<Hit>;

// Confidence is the share of true matches among what looks the same, as a rough percentage. What
// reaches kReported is reported; a context word near the match, or in the column's name, adds
// kContextBonus, so that a weak pattern counts where something speaks for it.
inline constexpr int kReported = 50;
inline constexpr int kContextBonus = 50;

// A text as detectors see it.
struct DetectorText {
  std::string_view original;
  std::string_view folded;  // fold_text
  const TextMarks& marks;   // of the folded text
  ContextWords::Reader& context;
};

// Recognises one kind of personal data. Implementations are immutable and may be used by several
// threads at once. Most kinds need none: they are rows of shapes (detector_type.h).
class Detector {
 public:
  virtual ~Detector() = default;

  // The marks (bits of TextMarks::kinds) of which each text that holds a match has one at least.
  // They decide for nearly all text.
  [[nodiscard]] virtual unsigned needs() const noexcept = 0;

  // The marks whose places it reads beside those.
  [[nodiscard]] virtual unsigned reads() const noexcept { return 0; }

  // Appends the matches, front to back. `index` goes into each Hit. Work is bounded by a constant
  // per byte; what exceeds the bound counts as a match.
  virtual void find(const DetectorText& text, std::size_t index, Hits& hits) const = 0;
};

// Why a hit is one.
struct HitReason {
  std::string_view validator;  // in words; empty for a custom detector
  std::string word;            // beside it that speaks for it, in lower case; empty if none
  bool by_name = false;        // the column's name speaks for it
};

// Memory that finding needs; kept by the caller for reuse, one per thread.
struct DetectorScratch {
  TextMarks marks;
  std::string folded;
  ContextWords::Found context;
};

// The detectors of a configuration, run as one: mark, fold, find, merge. Immutable, cheap to copy,
// and safe for several threads at once.
class DetectorSet {
 public:
  // Throws Error{config} on the name of a detector that does not exist, or a custom one that is not
  // well formed.
  explicit DetectorSet(const SensitiveDataOptions& options);

  // Replaces `hits` by the matches in the text: in order, without overlap. `name` is what
  // context_of() gave for the column. Fails closed: if a detector throws, or the text is not valid
  // UTF-8, the whole text is one hit.
  void find(std::string_view text, Hits& hits, DetectorScratch& scratch,
            const DetectorBits& name = {}) const;

  // Of a hit that find() gave for the same text and name.
  [[nodiscard]] HitReason reason(std::string_view text, const Hit& hit,
                                 const DetectorBits& name = {}) const;

  // What a column's name speaks for: detectors, and the bits of ContextWords.
  [[nodiscard]] DetectorBits context_of(std::string_view name) const;

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::string_view type(std::size_t detector) const noexcept;
  // Index of the detector of a type, or size() if the set has none.
  [[nodiscard]] std::size_t index_of(std::string_view type) const noexcept;

 private:
  class Core;
  static std::shared_ptr<const Core> shared_core(const SensitiveDataOptions& options);

  std::shared_ptr<const Core> core_;
};

}  // namespace freshet
