#include "transform/partial.h"

#include "transform/text_scan.h"

namespace freshet {
namespace {

// Bytes of the character at the front of UTF-8 text.
std::size_t first_character(std::string_view text) noexcept {
  std::size_t size = 1;
  while (size < text.size() && (text[size] & 0xc0) == 0x80) ++size;
  return size;
}

bool is_filled(char lead, const ColumnRule& rule) noexcept {
  return is_digit(lead) || (!rule.digits_only && (is_letter(lead) || is_wide(lead)));
}

// Another one of the same kind; characters that are not ASCII become letters.
char random_like(char lead, char byte) noexcept {
  const auto n = static_cast<unsigned char>(byte);
  if (is_digit(lead)) return static_cast<char>('0' + n % 10);
  return static_cast<char>((lead >= 'A' && lead <= 'Z' ? 'A' : 'a') + n % 26);
}

}  // namespace

bool put_partial(std::string& out, std::string_view value, const ColumnRule& rule,
                 std::string_view random) {
  std::size_t all = 0;
  for (std::string_view rest = value; !rest.empty(); rest.remove_prefix(first_character(rest)))
    all += is_filled(rest[0], rule);
  if (all == 0) return false;
  const bool keeps = all > rule.keep_left + rule.keep_right;
  std::size_t seen = 0;
  for (std::string_view rest = value; !rest.empty();) {
    const std::string_view character = rest.substr(0, first_character(rest));
    rest.remove_prefix(character.size());
    if (!is_filled(character[0], rule)) {
      out += character;
      continue;
    }
    const std::size_t n = seen++;
    if (keeps && (n < rule.keep_left || n >= all - rule.keep_right))
      out += character;
    else if (rule.random_fill)
      out.push_back(random_like(character[0], random[n % random.size()]));
    else
      out += rule.fill;
  }
  return true;
}

}  // namespace freshet
