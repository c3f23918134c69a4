#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace i18n::phonenumbers {
class PhoneNumberUtil;
}

namespace freshet {

class PhonePatterns;

// The numbering plans of all countries, by libphonenumber. Lengths are copied to tables at the
// start, so that patterns are asked only for what they alone know. Immutable; safe for several
// threads at once.
class PhonePlans {
 public:
  static constexpr std::size_t kMostDigits = 17;  // E.164 has 15; "00" or "(0)" may stand before

  // Countries (ISO 3166) whose national notation is known. Throws Error{config} on one that does
  // not exist.
  explicit PhonePlans(const std::vector<std::string>& regions);

  struct Region {
    int code = 0;              // country calling code
    std::string trunk;         // national prefix, "0" mostly; empty where there is none
    bool trunkless = false;    // national numbers are written without it
    bool mobile_bare = false;  // mobile numbers are often written as bare digits
  };
  // Without those of calling code 1.
  [[nodiscard]] const std::vector<Region>& regions() const noexcept { return regions_; }
  // True if a region of calling code 1 is among them.
  [[nodiscard]] bool has_nanp() const noexcept { return nanp_; }

  // True if national numbers of the calling code may have so many digits.
  [[nodiscard]] bool possible(int code, std::size_t digits) const noexcept {
    return digits < 32 && (lengths_[static_cast<std::size_t>(code)] >> digits & 1);
  }
  // Splits an international number: its calling code, or 0. Codes are prefix-free.
  [[nodiscard]] int calling_code(std::string_view digits) const noexcept;
  [[nodiscard]] static std::size_t code_size(int code) noexcept {
    return code < 10 ? 1 : code < 100 ? 2 : 3;
  }

  // True if a number is in use; a mobile line, or one of which the plan does not tell.
  [[nodiscard]] bool valid(int code, std::string_view national) const;
  [[nodiscard]] bool valid_mobile(int code, std::string_view national) const;

 private:
  void learn_lengths(const i18n::phonenumbers::PhoneNumberUtil& library);
  void add_region(const i18n::phonenumbers::PhoneNumberUtil& library, const std::string& name);

  std::shared_ptr<const PhonePatterns> patterns_;
  std::array<std::uint32_t, 1000> lengths_{};  // per calling code: bit n = n digits are possible
  std::vector<Region> regions_;
  bool nanp_ = false;
};

}  // namespace freshet
