#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transform/options.h"

namespace freshet {

// Text with its escapes resolved, and where each of its bytes stood before.
struct DecodedText {
  std::string text;
  std::vector<std::size_t> origins;  // of each byte, and of the end

  // Bytes of the original that [begin, end) of the text was made from.
  [[nodiscard]] std::pair<std::size_t, std::size_t> original(std::size_t begin,
                                                             std::size_t end) const {
    return {origins[begin], origins[end]};
  }
};

// Resolves %XX (url), character references such as &#64; and &commat; (html), \u0040 and \n (json),
// several times over where escapes were escaped. False where the text has none; `out` is then
// unspecified. Escapes that do not stand for UTF-8 stay as they are. `text` must be valid UTF-8.
[[nodiscard]] bool decode_text(std::string_view text, const LookInto& kinds, DecodedText& out);

// The next run of base64 or base64url at or behind `from` that stands for UTF-8 text of at least 12
// bytes; `decoded` gets that text. An empty run where there is none.
[[nodiscard]] std::string_view find_base64(std::string_view text, std::size_t from,
                                           std::string& decoded);

}  // namespace freshet
