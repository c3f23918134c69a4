#include "transform/binary_text.h"

#include <algorithm>
#include <cstddef>

#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr char kBreak = '\n';

bool is_readable(char c) noexcept {
  return (c >= ' ' && c < '\x7f') || c == '\t' || c == '\n' || c == '\r';
}

// Bytes of the character beyond ASCII at the front, 0 if there is none (Unicode, table 3-7).
std::size_t wide_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool outside = (lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90);
  return overlong || outside ? 0 : length;
}

bool is_latin_letter(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0xc0 && byte != 0xd7 && byte != 0xf7;
}

}  // namespace

void BinaryText::read(std::string_view bytes) {
  text.assign(bytes.size(), kBreak);
  std::size_t readable = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = is_readable(bytes[at]) ? 1 : wide_length(bytes.substr(at));
    bytes.copy(text.data() + at, length, at);
    readable += length;
    // UTF-16: in front of or behind each of its bytes.
    const bool filler = bytes[at] == '\0' && at > 0 && at + 1 < bytes.size() &&
                        is_readable(bytes[at - 1]) && is_readable(bytes[at + 1]);
    if (filler) {
      text[at] = kFiller;
      ++readable;
    }
    at += std::max<std::size_t>(length, 1);
  }
  mostly_text = readable * 4 >= bytes.size() * 3;
  if (!mostly_text) return;
  for (std::size_t at = 0; at < bytes.size(); ++at)
    if (text[at] == kBreak && is_latin_letter(bytes[at])) text[at] = 'e';
}

}  // namespace freshet
