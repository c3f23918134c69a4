#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "transform/text_scan.h"

namespace freshet {

// Recognises many fixed shapes of text at once, such as "###-##-####": one automaton for all, a
// table look-up per byte.
//
// A shape is a sequence of
//   #  digit        @  letter        *  letter or digit        %  hexadecimal digit
//   ~  space, hyphen or dot          any other ASCII character: itself, letters in either case
//   [...]  any of these
// each perhaps followed by {n}, {m,n} or ?; a group in (?: ) may be followed by the same.
// Fillers of folded text may stand anywhere inside.
class ShapeMatcher {
 public:
  // Throws Error{internal} on a shape that is not well formed.
  explicit ShapeMatcher(const std::vector<std::string_view>& shapes);

  struct Accept {
    std::size_t end;         // of the match
    std::uint16_t accepted;  // for shapes()
  };
  static constexpr std::size_t kMaxAccepts = 32;
  struct Accepts {
    std::array<Accept, kMaxAccepts> items;
    std::size_t size = 0;
  };

  // The matches that begin at `begin`, the shortest first. Of more than kMaxAccepts the last ones
  // replace each other.
  void match(std::string_view folded, std::size_t begin, Accepts& accepts) const noexcept;

  // The forms of all words that a match without fillers may begin with, which no letter or digit
  // follows.
  [[nodiscard]] WordForms begins() const;

  // Indices of the shapes that an Accept stands for.
  [[nodiscard]] const std::vector<std::uint16_t>& shapes(std::uint16_t accepted) const noexcept {
    return accepted_[accepted];
  }

 private:
  static constexpr std::uint16_t kDead = 0;

  struct Builder;
  class FormReader;
  void part_accepting();
  std::array<std::uint8_t, 256> class_of_{};  // of a byte; 0 = in no shape
  std::size_t classes_ = 1;
  std::vector<std::uint16_t> next_;    // state * classes_ + class
  std::vector<std::uint16_t> accept_;  // of a state: index into accepted_; 0 = none
  std::size_t first_accepting_ = 0;    // state: those before accept nothing
  std::vector<std::vector<std::uint16_t>> accepted_;
};

}  // namespace freshet
