#include "transform/checksum.h"

#include <algorithm>
#include <array>

#include "transform/text_scan.h"

namespace freshet {

long long number_at(std::string_view digits, std::size_t from, std::size_t count) noexcept {
  long long value = 0;
  for (std::size_t i = from; i < from + count; ++i) value = value * 10 + digit_at(digits, i);
  return value;
}

bool all_digits(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), is_digit);
}

bool all_same(std::string_view text) noexcept {
  return text.find_first_not_of(text.front()) == text.npos;
}

int weighted_sum(std::string_view digits, std::initializer_list<int> weights) noexcept {
  int sum = 0;
  std::size_t i = 0;
  for (const int weight : weights) sum += weight * digit_at(digits, i++);
  return sum;
}

bool luhn(std::string_view digits) noexcept {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    if (!is_digit(digits[i])) return false;
    const int value = digit_at(digits, i) * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

bool verhoeff(std::string_view digits) noexcept {
  // Products in the dihedral group of order 10, and the permutation that each place adds.
  constexpr int kPermutation[] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  const auto times = [](int a, int b) {
    if (a < 5) return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
    return b < 5 ? 5 + (a - b) % 5 : (a - b + 5) % 5;
  };
  int check = 0;
  for (std::size_t place = 0; place < digits.size(); ++place) {
    int value = digit_at(digits, digits.size() - 1 - place);
    for (std::size_t n = place % 8; n > 0; --n) value = kPermutation[value];
    check = times(check, value);
  }
  return check == 0;
}

bool mod_11_10(std::string_view digits) noexcept {
  int product = 10;
  for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
    const int sum = (digit_at(digits, i) + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return (product + digit_at(digits, digits.size() - 1)) % 10 == 1;
}

bool mod_11_2(std::string_view text) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) sum = (sum + digit_at(text, i)) * 2 % 11;
  const int check = (12 - sum) % 11;
  return text.back() == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

int mod_97(std::string_view text, int seed) noexcept {
  int rest = seed;
  for (const char c : text) {
    const int value = is_digit(c) ? c - '0' : c - 'A' + 10;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

bool is_day_of_month(int month, int day) noexcept {
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month >= 1 && month <= 12 && day >= 1 && day <= kDays[static_cast<std::size_t>(month - 1)];
}

bool is_date(int year, int month, int day) noexcept {
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return is_day_of_month(month, day) && (month != 2 || day < 29 || leap);
}

bool has_yymmdd(std::string_view digits, std::size_t from) noexcept {
  return is_day_of_month(static_cast<int>(number_at(digits, from + 2, 2)),
                         static_cast<int>(number_at(digits, from + 4, 2)));
}

bool has_ddmmyy(std::string_view digits, std::size_t from) noexcept {
  return is_day_of_month(static_cast<int>(number_at(digits, from + 2, 2)),
                         static_cast<int>(number_at(digits, from, 2)));
}

bool has_yyyymmdd(std::string_view digits, std::size_t from) noexcept {
  const int year = static_cast<int>(number_at(digits, from, 4));
  return year >= 1900 && year <= 2099 &&
         is_date(year, static_cast<int>(number_at(digits, from + 4, 2)),
                 static_cast<int>(number_at(digits, from + 6, 2)));
}

}  // namespace freshet
