#include "pipeline/name_pattern.h"

#include <algorithm>

#include "base/error.h"

namespace freshet {

namespace {

// Takes the first code point off the text; a stray byte counts as one.
std::string_view take_character(std::string_view& text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
    ++length;
  const std::string_view character = text.substr(0, length);
  text.remove_prefix(length);
  return character;
}

}  // namespace

NamePattern NamePattern::made_of(std::string_view text, bool literal, std::vector<Token> tokens) {
  NamePattern pattern;
  pattern.text_ = text;
  pattern.literal_ = literal;
  pattern.tokens_ = std::move(tokens);
  return pattern;
}

NamePattern NamePattern::exact(std::string_view text) {
  std::vector<Token> tokens;
  for (std::string_view rest = text; !rest.empty();)
    tokens.push_back({Token::Kind::one_of, {std::string(take_character(rest))}});
  return made_of(text, true, std::move(tokens));
}

NamePattern NamePattern::glob(std::string_view text) {
  std::vector<Token> tokens;
  bool literal = true;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = take_character(rest);
    if (character != "*") {
      tokens.push_back({Token::Kind::one_of, {std::string(character)}});
      continue;
    }
    tokens.push_back({Token::Kind::run, {}});
    literal = false;
  }
  return made_of(text, literal, std::move(tokens));
}

NamePattern NamePattern::dms(std::string_view text) {
  std::vector<Token> tokens;
  std::string plain;
  bool literal = true;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view character = take_character(rest);
    Token token{Token::Kind::one_of, {std::string(character)}};
    if (character == "%" || character == "_") {
      token = {character == "%" ? Token::Kind::run : Token::Kind::any, {}};
    } else if (character == "[") {
      const std::size_t close = rest.find(']', 1);
      if (close == std::string_view::npos)
        fail(ErrorKind::config, "the pattern \"{}\" has a bracket that is not closed", text);
      token.characters.clear();
      for (std::string_view inner = rest.substr(0, close); !inner.empty();)
        token.characters.emplace_back(take_character(inner));
      rest.remove_prefix(close + 1);
    }
    literal = literal && token.characters.size() == 1;
    if (literal) plain += token.characters.front();
    tokens.push_back(std::move(token));
  }
  return made_of(literal ? std::string_view(plain) : text, literal, std::move(tokens));
}

bool NamePattern::matches(std::string_view name) const {
  if (literal_) return name == text_;
  std::vector<std::string_view> characters;
  for (std::string_view rest = name; !rest.empty();) characters.push_back(take_character(rest));
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t p = 0, n = 0, run = kNone, taken = 0;  // the last run met, and what it has taken
  while (n < characters.size()) {
    if (p < tokens_.size() && tokens_[p].kind == Token::Kind::run) {
      run = p++;
      taken = n;
    } else if (p < tokens_.size() && (tokens_[p].kind == Token::Kind::any ||
                                      std::ranges::find(tokens_[p].characters, characters[n]) !=
                                          tokens_[p].characters.end())) {
      ++p;
      ++n;
    } else if (run != kNone) {
      p = run + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (p < tokens_.size() && tokens_[p].kind == Token::Kind::run) ++p;
  return p == tokens_.size();
}

}  // namespace freshet
