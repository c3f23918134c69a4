#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace freshet {

// Which national numbers are in use, by libphonenumber's metadata. Says what the library's
// IsValidNumber() and GetNumberType() say, some twenty times faster: its regular expressions are
// joined by length, and run by RE2. Immutable to its users; safe for several threads at once.
class PhonePatterns {
 public:
  // Throws Error{internal} if the library's metadata cannot be read.
  PhonePatterns();
  ~PhonePatterns();

  enum class Kind : std::uint8_t {
    none,    // not in use
    fixed,   // in use: a fixed line, or a service
    mobile,  // a mobile line, or one of which the plan does not tell
  };
  // `national`: digits alone, without trunk prefix.
  [[nodiscard]] Kind kind(int code, std::string_view national) const;

 private:
  struct Code;
  std::array<std::unique_ptr<Code>, 1000> codes_;  // by country calling code
};

}  // namespace freshet
