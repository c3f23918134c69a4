#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

// Check digits and dates of identifiers. Texts are digits or capital letters, as the detectors
// compact them; what is neither counts as wrong.
namespace freshet {

[[nodiscard]] constexpr int digit_at(std::string_view text, std::size_t i) noexcept {
  return text[i] - '0';
}

// The number that the digits [from, from + count) make.
[[nodiscard]] long long number_at(std::string_view digits, std::size_t from,
                                  std::size_t count) noexcept;

[[nodiscard]] bool all_digits(std::string_view text) noexcept;
[[nodiscard]] bool all_same(std::string_view text) noexcept;

// Sum of digit times weight, for as many as there are weights.
[[nodiscard]] int weighted_sum(std::string_view digits,
                               std::initializer_list<int> weights) noexcept;

// ISO/IEC 7812-1, the check digit last.
[[nodiscard]] bool luhn(std::string_view digits) noexcept;
// Verhoeff's dihedral code, the check digit last.
[[nodiscard]] bool verhoeff(std::string_view digits) noexcept;
// ISO/IEC 7064 MOD 11,10, the check digit last.
[[nodiscard]] bool mod_11_10(std::string_view digits) noexcept;
// ISO/IEC 7064 MOD 11-2, the check character ('0' to '9', 'X') last.
[[nodiscard]] bool mod_11_2(std::string_view text) noexcept;
// Remainder by 97 of digits, letters standing for 10 to 35.
[[nodiscard]] int mod_97(std::string_view text, int seed = 0) noexcept;

// A day of the calendar; February has 29 days where the year is given by two digits.
[[nodiscard]] bool is_date(int year, int month, int day) noexcept;
[[nodiscard]] bool is_day_of_month(int month, int day) noexcept;
// Dates at a place of digits.
[[nodiscard]] bool has_yymmdd(std::string_view digits, std::size_t from = 0) noexcept;
[[nodiscard]] bool has_ddmmyy(std::string_view digits, std::size_t from = 0) noexcept;
// A day between 1900 and 2099.
[[nodiscard]] bool has_yyyymmdd(std::string_view digits, std::size_t from = 0) noexcept;

}  // namespace freshet
