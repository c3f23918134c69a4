#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace freshet {

// Reads a JSON text token by token, strictly by RFC 8259, without recursion and without limits
// of depth. Written by hand because the transform needs three things that simdjson 3.0 does not
// give together: the exact text of numbers of any size, the raw span of every value so that
// unchanged text passes as a view, and unlimited depth.
class JsonTokens {
 public:
  enum class Kind : std::uint8_t {
    begin_object,
    end_object,
    begin_array,
    end_array,
    key,
    string,
    number,
    boolean,
    null,
    end,
    bad,
  };
  struct Token {
    Kind kind = Kind::bad;
    bool escaped = false;  // a key or string that holds escapes
    std::string_view raw;  // the token; of keys and strings what stands between the quotes
  };

  // `stack` is memory that the caller keeps for reuse.
  JsonTokens(std::string_view text, std::string& stack) noexcept
      : at_(text.data()), end_(at_ + text.size()), stack_(stack) {
    stack_.clear();
  }

  // The next token; `end` after the one value of the text. After `bad` nothing more may be read.
  Token next();

  // Reads on to the end of the container that the last token opened. False if the text is bad.
  bool skip_container();

 private:
  enum class Expect : std::uint8_t { value, value_or_end, key, key_or_end, comma_or_end, end };

  void skip_space() noexcept;
  Token punctuation(Kind kind) noexcept;
  Token open(Kind kind, char bracket);
  Token close();
  Token read_key();
  Token read_value();
  Token read_string(Kind kind);
  Token read_number();
  Token read_word(std::string_view word, Kind kind);
  void value_ended() noexcept;

  const char* at_;
  const char* end_;
  std::string& stack_;  // '{' and '[' of the containers around
  Expect expect_ = Expect::value;
};

// The text that an escaped JSON string stands for, in `out`. A lone surrogate becomes U+FFFD.
void unescape_json(std::string_view raw, std::string& out);

}  // namespace freshet
