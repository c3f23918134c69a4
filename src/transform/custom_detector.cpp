#include "transform/custom_detector.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace freshet {
namespace {

constexpr std::size_t kMostWork = std::size_t{256} << 20;  // bytes

}  // namespace

CustomDetector::CustomDetector(const CustomDetectorOptions& options)
    : allow_(options.allow), needs_context_(!options.context.empty()) {
  re2::RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_max_mem(8 << 20);
  pattern_ = std::make_unique<const re2::RE2>(options.pattern, settings);
  if (!pattern_->ok())
    fail(ErrorKind::config, "transform.sensitive_data.custom.{}: {}", options.name,
         pattern_->error());
  if (re2::RE2::FullMatch("", *pattern_))
    fail(ErrorKind::config, "transform.sensitive_data.custom.{}: matches the empty text",
         options.name);
  std::sort(allow_.begin(), allow_.end());
}

CustomDetector::~CustomDetector() = default;

void CustomDetector::find(const DetectorText& text, std::size_t index, Hits& hits) const {
  const auto put = [&](std::size_t begin, std::size_t end) {
    if (!needs_context_ || text.context.speaks_for(index, begin, end))
      hits.push_back({begin, end, index, 90});
  };
  for_each_match(text.original, put);
  if (text.folded.data() == text.original.data()) return;
  std::string plain;  // the folded text without its fillers
  std::vector<std::uint32_t> places;
  for (std::size_t i = 0; i < text.folded.size(); ++i) {
    if (text.folded[i] == kFiller) continue;
    plain.push_back(text.folded[i]);
    places.push_back(static_cast<std::uint32_t>(i));
  }
  for_each_match(plain, [&](std::size_t begin, std::size_t end) {
    put(places[begin], std::size_t{places[end - 1]} + 1);
  });
}

template <typename Put>
void CustomDetector::for_each_match(std::string_view text, const Put& put) const {
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match;
  std::size_t work = 0;  // some expressions look through the rest of the text at each match
  for (std::size_t at = 0; at < whole.size() && pattern_->Match(whole, at, whole.size(),
                                                                re2::RE2::UNANCHORED, &match, 1);) {
    const auto begin = static_cast<std::size_t>(match.data() - whole.data());
    const std::size_t end = begin + match.size();
    work += whole.size() - begin;
    if (work > kMostWork && work > 4 * whole.size())
      fail(ErrorKind::unsupported, "a custom detector matches too often in one value");
    at = std::max(end, at + 1);
    if (match.empty() || std::binary_search(allow_.begin(), allow_.end(), std::string_view(match)))
      continue;
    put(begin, end);
  }
}

}  // namespace freshet
