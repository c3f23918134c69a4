#pragma once

#include <string>
#include <string_view>

namespace freshet {

// What detectors can read in bytes that are no UTF-8 text: images, packed records, text in other
// encodings.
struct BinaryText {
  // As long as the bytes, so that places in one are places in the other. Valid UTF-8: what is
  // readable stands as it is; a NUL between readable bytes (UTF-16) is a filler; all else a line
  // break.
  std::string text;
  // Three quarters of the bytes are readable: text with something odd in it, such as Latin-1, whose
  // letters then stand as 'e'. Else a short match may be chance.
  bool mostly_text = false;

  void read(std::string_view bytes);
};

}  // namespace freshet
