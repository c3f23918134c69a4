#include "lake/decimal_text.h"

namespace freshet {

namespace {

__extension__ using UInt128 = unsigned __int128;

}  // namespace

std::optional<Int128> unscaled_decimal(std::string_view text, int precision, int scale) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  Int128 value = 0;
  int digits = 0;     // significant ones
  int fraction = -1;  // digits seen after the point; -1 before it
  for (const char c : text) {
    if (c == '.' && fraction < 0) {
      fraction = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (fraction >= 0 && ++fraction > scale) return std::nullopt;
    value = value * 10 + (c - '0');
    if (value != 0 && ++digits > precision) return std::nullopt;
  }
  for (int i = fraction < 0 ? 0 : fraction; i < scale; ++i) {
    value *= 10;
    if (value != 0 && ++digits > precision) return std::nullopt;
  }
  return negative ? -value : value;
}

void put_decimal(std::string& out, Int128 value, int scale) {
  const bool negative = value < 0;
  UInt128 rest = negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  char digits[48];
  char* end = digits + sizeof digits;
  char* begin = end;
  for (int n = 0; rest != 0 || n <= scale; ++n) {
    if (n == scale && scale > 0) *--begin = '.';
    *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (negative) out.push_back('-');
  out.append(begin, end);
}

}  // namespace freshet
