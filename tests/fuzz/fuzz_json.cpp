// Binary JSON: first byte odd: a document; even: u16 length of a document, the document, diffs.
#include "fuzz_target.h"
#include "source/json_binary.h"
#include "source/json_diff.h"

namespace freshet::fuzz {

void run_one(std::string_view input) {
  if (input.empty()) return;
  ByteReader in(input.substr(1));
  Bytes out;
  if ((input[0] & 1) != 0) return append_json(out, in.rest());
  const std::string_view document = in.take(in.fixed<std::uint16_t>());
  append_patched_json(out, document, in.rest());
}

}  // namespace freshet::fuzz
