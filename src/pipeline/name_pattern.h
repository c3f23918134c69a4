#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

// A pattern over names. Case-sensitive; one character is one code point of UTF-8.
class NamePattern {
 public:
  // Of freshet.yaml: * stands for any run of characters.
  [[nodiscard]] static NamePattern glob(std::string_view text);
  // Of AWS DMS: % any run, _ any one character, [_] the underscore itself, [ab] one of those.
  // Throws Error{config} on a bracket that is not closed.
  [[nodiscard]] static NamePattern dms(std::string_view text);
  // The name itself, whatever characters it has.
  [[nodiscard]] static NamePattern exact(std::string_view text);

  [[nodiscard]] bool matches(std::string_view name) const;
  // Matches one name only, which is text().
  [[nodiscard]] bool is_literal() const noexcept { return literal_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  struct Token {
    enum class Kind : std::uint8_t { run, any, one_of };
    Kind kind = Kind::any;
    std::vector<std::string> characters;  // one_of
  };
  [[nodiscard]] static NamePattern made_of(std::string_view text, bool literal,
                                           std::vector<Token> tokens);

  std::string text_;
  bool literal_ = true;
  std::vector<Token> tokens_;
};

}  // namespace freshet
