#include "transform/json_tokens.h"

#include <cctype>
#include <cstdint>
#include <cstring>

#include "transform/text_scan.h"

namespace freshet {

using Token = JsonTokens::Token;

void JsonTokens::skip_space() noexcept {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
}

void JsonTokens::value_ended() noexcept {
  expect_ = stack_.empty() ? Expect::end : Expect::comma_or_end;
}

Token JsonTokens::next() {
  skip_space();
  if (at_ == end_) return {expect_ == Expect::end ? Kind::end : Kind::bad, false, {}};
  switch (expect_) {
    case Expect::end: return {};
    case Expect::comma_or_end:
      if (*at_ == '}' || *at_ == ']') return close();
      if (*at_ != ',') return {};
      ++at_;
      skip_space();
      if (at_ == end_) return {};
      return stack_.back() == '{' ? read_key() : read_value();
    case Expect::key_or_end: return *at_ == '}' ? close() : read_key();
    case Expect::key: return read_key();
    case Expect::value_or_end: return *at_ == ']' ? close() : read_value();
    case Expect::value: return read_value();
  }
  return {};
}

Token JsonTokens::punctuation(Kind kind) noexcept { return {kind, false, {at_++, 1}}; }

Token JsonTokens::open(Kind kind, char bracket) {
  stack_.push_back(bracket);
  expect_ = bracket == '{' ? Expect::key_or_end : Expect::value_or_end;
  return punctuation(kind);
}

Token JsonTokens::close() {
  const bool object = *at_ == '}';
  if (stack_.back() != (object ? '{' : '[')) return {};
  stack_.pop_back();
  value_ended();
  return punctuation(object ? Kind::end_object : Kind::end_array);
}

Token JsonTokens::read_key() {
  if (*at_ != '"') return {};
  const Token key = read_string(Kind::key);
  skip_space();
  if (at_ == end_ || *at_ != ':') return {};
  ++at_;
  expect_ = Expect::value;
  return key;
}

Token JsonTokens::read_value() {
  switch (*at_) {
    case '{': return open(Kind::begin_object, '{');
    case '[': return open(Kind::begin_array, '[');
    case '"': value_ended(); return read_string(Kind::string);
    case 't': return read_word("true", Kind::boolean);
    case 'f': return read_word("false", Kind::boolean);
    case 'n': return read_word("null", Kind::null);
    default: return read_number();
  }
}

Token JsonTokens::read_word(std::string_view word, Kind kind) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return {};
  at_ += word.size();
  value_ended();
  return {kind, false, {at_ - word.size(), word.size()}};
}

Token JsonTokens::read_string(Kind kind) {
  const char* const from = ++at_;
  bool escaped = false;
  for (; at_ < end_ && *at_ != '"'; ++at_) {
    if (static_cast<unsigned char>(*at_) < 0x20) return {};
    if (*at_ != '\\') continue;
    escaped = true;
    if (++at_ == end_) return {};
    if (*at_ == 'u') {
      for (int i = 0; i < 4; ++i)
        if (++at_ == end_ || !std::isxdigit(static_cast<unsigned char>(*at_))) return {};
    } else if (!std::memchr("\"\\/bfnrt", *at_, 8)) {
      return {};
    }
  }
  if (at_ == end_) return {};
  const std::string_view raw(from, static_cast<std::size_t>(at_ - from));
  ++at_;
  return {kind, escaped, raw};
}

Token JsonTokens::read_number() {
  const char* const from = at_;
  const auto digits = [&] {
    const char* const first = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ > first;
  };
  if (*at_ == '-') ++at_;
  const bool zero = at_ < end_ && *at_ == '0';
  const char* const whole = at_;
  if (!digits() || (zero && at_ - whole > 1)) return {};
  if (at_ < end_ && *at_ == '.') {
    ++at_;
    if (!digits()) return {};
  }
  if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!digits()) return {};
  }
  value_ended();
  return {Kind::number, false, {from, static_cast<std::size_t>(at_ - from)}};
}

bool JsonTokens::skip_container() {
  const std::size_t around = stack_.size() - 1;
  while (stack_.size() > around) {
    const Token token = next();
    if (token.kind == Kind::bad || token.kind == Kind::end) return false;
  }
  return true;
}

namespace {

std::uint32_t hex4(const char* at) noexcept {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = lower(at[i]);
    value = value << 4 | static_cast<std::uint32_t>(is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  return value;
}

void put_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

// Reads \uXXXX, or a pair of them, whose 'u' is at `at`; the index of the last digit.
std::size_t unescape_unicode(std::string_view raw, std::size_t at, std::string& out) {
  std::uint32_t code = hex4(raw.data() + at + 1);
  at += 4;
  if (code >= 0xd800 && code < 0xdc00 && at + 6 < raw.size() && raw[at + 1] == '\\' &&
      raw[at + 2] == 'u') {
    const std::uint32_t second = hex4(raw.data() + at + 3);
    if (second >= 0xdc00 && second < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
      at += 6;
    }
  }
  put_utf8(code >= 0xd800 && code < 0xe000 ? 0xfffd : code, out);
  return at;
}

}  // namespace

void unescape_json(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out.push_back(raw[i]);
      continue;
    }
    switch (raw[++i]) {
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'u': i = unescape_unicode(raw, i, out); break;
      default: out.push_back(raw[i]);
    }
  }
}

}  // namespace freshet
