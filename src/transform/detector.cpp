#include "transform/detector.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <optional>

#include "base/ascii.h"
#include "base/error.h"
#include "transform/column_policy.h"
#include "transform/custom_detector.h"
#include "transform/detector_type.h"
#include "transform/shape_scan.h"

namespace freshet {
namespace {

// The types that an entry of `detect` names: a type, an alias, "all", or a pattern ("USA_*").
std::vector<const DetectorType*> types_of(const std::string& entry) {
  const std::string name = detector_type_name(entry);
  std::vector<const DetectorType*> found;
  std::string known;
  for (const DetectorType* type : detector_types()) {
    known.append(known.empty() ? "" : ", ").append(type->name);
    const bool group = (name == "ALL" && !type->on_request) ||
                       (name.contains('*') && matches_pattern(name, type->name));
    if (group || name == type->name) found.push_back(type);
  }
  if (found.empty())
    fail(ErrorKind::config,
         "transform.sensitive_data.detect: no detector is called '{}' (known: all, {})", entry,
         known);
  return found;
}

// Widens a hit to whole characters of the original text, fillers of the folded one included.
void align(std::string_view text, Hit& hit) noexcept {
  const auto inside = [&](std::size_t at) { return (text[at] & 0xc0) == 0x80; };
  while (hit.begin > 0 && inside(hit.begin)) --hit.begin;
  while (hit.end < text.size() && inside(hit.end)) ++hit.end;
}

constexpr int kSure = 90;

// By begin, the longer first. Few are sorted without the memory that std::stable_sort takes.
void sort(Hits& hits) {
  const auto before = [](const Hit& a, const Hit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  };
  constexpr std::size_t kFew = 16;
  if (hits.size() > kFew) return std::ranges::stable_sort(hits, before), void();
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const Hit hit = hits[i];
    std::size_t at = i;
    for (; at > 0 && before(hit, hits[at - 1]); --at) hits[at] = hits[at - 1];
    hits[at] = hit;
  }
}

// Orders hits and joins those that overlap; the joined one has the type of the surest, of several
// the longest. What stands within a sure one is a part of it: the host of an e-mail address.
void merge(Hits& hits) {
  if (hits.size() < 2) return;
  sort(hits);
  std::size_t last = 0;
  std::size_t length = hits[0].end - hits[0].begin;  // of the one that gave the type
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const Hit hit = hits[i];
    Hit& joined = hits[last];
    if (hit.begin >= joined.end) {
      hits[++last] = hit;
      length = hit.end - hit.begin;
      continue;
    }
    if (joined.confidence >= kSure && hit.end <= joined.end && hit.end - hit.begin < length)
      continue;
    joined.end = std::max(joined.end, hit.end);
    if (hit.confidence > joined.confidence ||
        (hit.confidence == joined.confidence && hit.end - hit.begin > length)) {
      joined.detector = hit.detector;
      joined.confidence = hit.confidence;
      length = hit.end - hit.begin;
    }
  }
  hits.resize(last + 1);
}

}  // namespace

class DetectorSet::Core {
 public:
  explicit Core(const SensitiveDataOptions& options) : allow_(options.allow) {
    std::sort(allow_.begin(), allow_.end());
    std::vector<ShapeScan::Member> shaped;
    for (const std::string& entry : options.detect)
      for (const DetectorType* type : types_of(entry)) {
        if (index_of(type->name) < types_.size()) continue;
        const std::size_t index = add(std::string(type->name), type->context, type->validator);
        words_.add(national_words(*type), index);
        if (type->make) add_detector(type->make(options), index);
        if (type->valid) shaped.push_back({type, index});
      }
    for (const CustomDetectorOptions& custom : options.custom) {
      if (index_of(custom.name) < types_.size() || custom.name.empty())
        fail(ErrorKind::config, "transform.sensitive_data.custom: the name '{}' is taken",
             custom.name);
      std::string words;
      for (const std::string& word : custom.context) words += lower_case(word) + " ";
      const std::size_t index = add(custom.name, words, {});
      add_detector(std::make_unique<CustomDetector>(custom), index);
    }
    for (unsigned kinds = 0; kinds <= TextMarks::kAllKinds; ++kinds)
      for (const Own& own : detectors_)
        if (own.needs & kinds) asked_[kinds].push_back(&own);
    shapes_.emplace(shaped);
    if (shaped.empty()) return;
    wanted_.kinds |= TextMarks::kWords;
    wanted_.words = &shapes_->begins();
  }

  std::size_t size() const noexcept { return types_.size(); }
  std::string_view type(std::size_t detector) const noexcept { return types_[detector]; }
  std::size_t index_of(std::string_view type) const noexcept {
    return static_cast<std::size_t>(std::find(types_.begin(), types_.end(), type) - types_.begin());
  }
  DetectorBits context_of(std::string_view name) const { return words_.of_name(name); }

  HitReason reason(std::string_view text, const Hit& hit, const DetectorBits& name) const {
    HitReason reason{.validator = validators_[hit.detector], .by_name = name[hit.detector]};
    if (!simdjson::validate_utf8(text.data(), text.size())) return {.validator = "no valid UTF-8"};
    std::string scratch;
    ContextWords::Found found;
    ContextWords::Reader context(words_, fold_text(text, scratch), name, found);
    reason.word = context.word_for(hit.detector, hit.begin, hit.end);
    return reason;
  }

  void find(std::string_view text, Hits& hits, DetectorScratch& scratch,
            const DetectorBits& name) const {
    if (text.size() > std::numeric_limits<std::uint32_t>::max())
      fail(ErrorKind::unsupported, "a text of more than 4 GiB");
    TextMarks& marks = scratch.marks;
    scan_text(text, marks, wanted_);
    std::string_view folded = text;
    if (marks.may_fold()) {
      if (!marks.ascii && !simdjson::validate_utf8(text.data(), text.size())) {
        hits.push_back({0, text.size(), 0, 100});
        return;
      }
      folded = fold_text(text, scratch.folded);
      if (folded.data() != text.data() || marks.filler) scan_folded(folded, marks);
    }
    const std::vector<const Own*>& asked = asked_[marks.kinds];
    if (marks.words.empty() && asked.empty()) return;
    ContextWords::Reader context(words_, folded, name, scratch.context, marks.ascii);
    const DetectorText seen{text, folded, marks, context};
    if (!marks.words.empty()) shapes_->find(seen, hits);
    for (const Own* own : asked) own->detector->find(seen, own->index, hits);
    if (hits.empty()) return;
    for (Hit& hit : hits) align(text, hit);
    merge(hits);
    if (!allow_.empty()) std::erase_if(hits, [&](const Hit& hit) { return is_allowed(text, hit); });
  }

 private:
  // A detector that is no row of shapes.
  struct Own {
    unsigned needs;
    std::size_t index;
    std::unique_ptr<Detector> detector;
  };

  void add_detector(std::unique_ptr<Detector> detector, std::size_t index) {
    const unsigned needs = detector->needs();
    wanted_.kinds |= needs | detector->reads();
    detectors_.push_back({needs, index, std::move(detector)});
  }

  std::size_t add(std::string name, std::string_view context, std::string_view validator) {
    const std::size_t index = types_.size();
    if (index >= kMaxDetectors)
      fail(ErrorKind::config, "transform.sensitive_data: more than {} detectors", kMaxDetectors);
    types_.push_back(std::move(name));
    validators_.push_back(validator);
    words_.add(context, index);
    return index;
  }

  bool is_allowed(std::string_view text, const Hit& hit) const {
    return std::binary_search(allow_.begin(), allow_.end(),
                              text.substr(hit.begin, hit.end - hit.begin));
  }

  std::vector<std::string> types_;
  std::vector<std::string_view> validators_;  // by type
  std::vector<Own> detectors_;
  // By the kinds of marks that a text has: whom to ask.
  std::array<std::vector<const Own*>, TextMarks::kAllKinds + 1> asked_;
  MarksWanted wanted_{.kinds = 0};
  std::optional<ShapeScan> shapes_;
  ContextWords words_;
  std::vector<std::string> allow_;  // sorted
};

// A set of all detectors costs milliseconds to make, and each table wants one: those that are in
// use are shared.
std::shared_ptr<const DetectorSet::Core> DetectorSet::shared_core(
    const SensitiveDataOptions& options) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const Core>> cores;
  std::string key;
  const auto put = [&](const std::vector<std::string>& list) {
    for (const std::string& one : list) key += fmt::format("{}:{}", one.size(), one);
    key += '\n';
  };
  put(options.detect);
  put(options.phone_regions);
  put(options.allow);
  for (const CustomDetectorOptions& custom : options.custom) {
    put({custom.name, custom.pattern});
    put(custom.context);
    put(custom.allow);
  }
  const std::scoped_lock lock(mutex);
  std::weak_ptr<const Core>& known = cores[key];
  if (auto core = known.lock()) return core;
  auto core = std::make_shared<const Core>(options);
  known = core;
  return core;
}

DetectorSet::DetectorSet(const SensitiveDataOptions& options) : core_(shared_core(options)) {}

std::size_t DetectorSet::size() const noexcept { return core_->size(); }
std::string_view DetectorSet::type(std::size_t detector) const noexcept {
  return core_->type(detector);
}
std::size_t DetectorSet::index_of(std::string_view type) const noexcept {
  return core_->index_of(type);
}
DetectorBits DetectorSet::context_of(std::string_view name) const {
  return core_->context_of(name);
}

HitReason DetectorSet::reason(std::string_view text, const Hit& hit,
                              const DetectorBits& name) const {
  return core_->reason(text, hit, name);
}

void DetectorSet::find(std::string_view text, Hits& hits, DetectorScratch& scratch,
                       const DetectorBits& name) const {
  hits.clear();
  if (text.empty() || size() == 0) return;
  try {
    core_->find(text, hits, scratch, name);
  } catch (const std::exception&) {
    hits.assign(1, Hit{0, text.size(), 0, 100});
  }
}

}  // namespace freshet
