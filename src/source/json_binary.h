#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace freshet {

// Appends MySQL's binary JSON as the text that the server prints for it: `{"a": 1, "bb":
// [true, 2.5]}`. An empty document is null (a NULL that was forced into a NOT NULL column). Throws
// Error{corrupt} for bytes that are no document: wrong offsets, more than 100 levels.
void append_json(Bytes& out, std::string_view document);

// A value within a binary JSON document: its type byte and what its bytes begin with. A view.
struct BinaryJson {
  struct Member {
    std::string_view key;  // of an object's member
    std::uint8_t type = 0;
    std::string_view bytes;
  };

  std::uint8_t type = 0;
  std::string_view bytes;

  [[nodiscard]] bool is_object() const noexcept;
  [[nodiscard]] bool is_array() const noexcept;
  // Of an object, in the server's order (length of the key, then its bytes), or of an array.
  [[nodiscard]] std::vector<Member> members() const;
};

// The value that the whole document is. Throws Error{corrupt} on an empty one.
[[nodiscard]] BinaryJson json_root(std::string_view document);

// What printing a document may cost: every value and text of a sound one has bytes of its own, from
// which it is paid, so that a small document whose members share bytes cannot print as an endless
// one. Starts as the document's size.
class JsonBudget {
 public:
  explicit JsonBudget(std::size_t bytes) noexcept : unspent_(bytes) {}
  void pay(std::size_t bytes) {
    if (bytes > unspent_)
      fail(ErrorKind::corrupt, "a JSON document has values that share their bytes");
    unspent_ -= bytes;
  }

 private:
  std::size_t unspent_;
};

inline constexpr int kMaxJsonDepth = 100;  // the server's own limit

// append_json() for a part of a document that stands `depth` levels below the root's.
void append_json_value(Bytes& out, const BinaryJson& value, JsonBudget& budget, int depth);

// Appends a double as MySQL's JSON functions print it: the shortest digits that read back as the
// same number; an exponent from 1e15 up and below 1e-15.
void append_json_double(Bytes& out, double number);

// Appends a string in double quotes with the server's escapes.
void append_json_string(Bytes& out, std::string_view text);

// Appends the digits of a NEWDECIMAL (MySQL strings/decimal.cc, decimal2bin) with exactly `scale`
// digits after the point. Consumes its bytes.
void append_decimal(Bytes& out, ByteReader& in, unsigned precision, unsigned scale);
[[nodiscard]] std::size_t decimal_size(unsigned precision, unsigned scale) noexcept;

}  // namespace freshet
