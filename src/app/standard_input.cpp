#include "app/standard_input.h"

#include <cstdio>

#include "app/console.h"
#include "base/error.h"

namespace freshet {

std::string read_standard_input(std::string_view remedy) {
  constexpr std::size_t kMaxText = std::size_t{64} << 20;
  std::string text;
  char buffer[64 << 10];
  while (const std::size_t got = std::fread(buffer, 1, sizeof(buffer), stdin)) {
    text.append(buffer, got);
    if (text.size() > kMaxText)
      fail(ErrorKind::usage, "the text is longer than {}; {}", human_bytes(kMaxText), remedy);
  }
  return text;
}

}  // namespace freshet
