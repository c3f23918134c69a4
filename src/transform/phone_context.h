#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace freshet {

// What the words before a number tell of it, in the languages of many countries.
struct PhoneContext {
  enum class Kind : std::uint8_t {
    none,
    phone,  // "call", "тел.", "my new number is"
    other,  // another kind of number: "order no."
  };
  Kind kind = Kind::none;
  bool nearest = false;  // by the word right before, which tells it clearly
};

// Of the number that begins at `at` of a folded text: by the last three words before it, the
// nearest first. What names another number stands right before it.
[[nodiscard]] PhoneContext phone_context_before(std::string_view text, std::size_t at) noexcept;

}  // namespace freshet
