#include "transform/detector.h"

#include <simdjson.h>

#include <algorithm>
#include <exception>

#include "base/error.h"
#include "transform/email_detector.h"
#include "transform/phone_detector.h"

namespace freshet {
namespace {

using Maker = std::unique_ptr<Detector> (*)(const SensitiveDataOptions&);

struct Entry {
  std::string_view type;
  Maker make;
};

constexpr Entry kRegistry[] = {
    {"EMAIL",
     [](const SensitiveDataOptions&) -> std::unique_ptr<Detector> {
       return std::make_unique<EmailDetector>();
     }},
    {"PHONE_NUMBER",
     [](const SensitiveDataOptions& options) -> std::unique_ptr<Detector> {
       return std::make_unique<PhoneDetector>(options.phone_regions);
     }},
};

std::unique_ptr<Detector> make_detector(std::string_view type,
                                        const SensitiveDataOptions& options) {
  std::string known;
  for (const Entry& entry : kRegistry) {
    if (entry.type == type) return entry.make(options);
    known.append(known.empty() ? "" : ", ").append(entry.type);
  }
  fail(ErrorKind::config, "transform.sensitive_data.detect: no detector is called '{}' (known: {})",
       type, known);
}

// Widens a hit to whole characters of the original text, fillers of the folded one included.
void align(std::string_view text, Hit& hit) noexcept {
  const auto inside = [&](std::size_t at) { return (text[at] & 0xc0) == 0x80; };
  while (hit.begin > 0 && inside(hit.begin)) --hit.begin;
  while (hit.end < text.size() && inside(hit.end)) ++hit.end;
}

// Orders hits and joins those that overlap; the joined one has the type of the earlier.
void merge(Hits& hits) {
  if (hits.size() < 2) return;
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::size_t last = 0;
  for (std::size_t i = 1; i < hits.size(); ++i) {
    if (hits[i].begin < hits[last].end)
      hits[last].end = std::max(hits[last].end, hits[i].end);
    else
      hits[++last] = hits[i];
  }
  hits.resize(last + 1);
}

}  // namespace

DetectorSet::DetectorSet(const SensitiveDataOptions& options) {
  for (const std::string& type : options.detect)
    if (index_of(type) == size()) detectors_.push_back(make_detector(type, options));
}

DetectorSet::DetectorSet(std::vector<std::unique_ptr<Detector>> detectors)
    : detectors_(std::move(detectors)) {}

std::size_t DetectorSet::index_of(std::string_view type) const noexcept {
  std::size_t i = 0;
  while (i < detectors_.size() && detectors_[i]->type() != type) ++i;
  return i;
}

void DetectorSet::find(std::string_view text, Hits& hits, std::string& scratch) const {
  hits.clear();
  if (text.empty() || detectors_.empty()) return;
  try {
    find_unguarded(text, scan_text(text), hits, scratch);
  } catch (const std::exception&) {
    hits.assign(1, Hit{0, text.size(), 0});
  }
}

void DetectorSet::find_unguarded(std::string_view text, const TextTraits& traits, Hits& hits,
                                 std::string& scratch) const {
  if (!traits.ascii && !simdjson::validate_utf8(text.data(), text.size())) {
    hits.push_back({0, text.size(), 0});
    return;
  }
  std::string_view folded;
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    if (!detectors_[i]->may_match(traits)) continue;
    if (folded.empty()) folded = traits.may_fold() ? fold_text(text, scratch) : text;
    detectors_[i]->find(folded, i, hits);
  }
  if (hits.empty()) return;
  for (Hit& hit : hits) align(text, hit);
  merge(hits);
}

}  // namespace freshet
