#pragma once

#include <string>
#include <string_view>

#include "transform/detector.h"

namespace freshet {

// The text with every match replaced by its type in brackets: by the first `letters` of it.
// `column` is the name of the column that the text stands in.
[[nodiscard]] inline std::string marked_text(const DetectorSet& detectors, std::string_view text,
                                             std::string_view column = {},
                                             std::size_t letters = std::string_view::npos) {
  Hits hits;
  DetectorScratch scratch;
  detectors.find(text, hits, scratch, detectors.context_of(column));
  std::string out;
  std::size_t done = 0;
  for (const Hit& hit : hits) {
    out += text.substr(done, hit.begin - done);
    out += "<" + std::string(detectors.type(hit.detector).substr(0, letters)) + ">";
    done = hit.end;
  }
  return out += text.substr(done);
}

}  // namespace freshet
