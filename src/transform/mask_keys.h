#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transform/options.h"

namespace freshet {

// The secrets behind keyed hashes and tokens. Equal values of one domain give equal text under one
// key; nothing else does. The last key of the options writes, or without any the installation's
// own key, whose id is kOwnKeyId. Immutable.
//
//   hash    HMAC-SHA-256 as 64 hex digits, with "<key id>_" in front unless the key is the
//           installation's. The HMAC key of a domain is HMAC-SHA-256(key, "freshet hash " domain);
//           without a domain it is the key itself.
//   token   "tok_<key id>_" and base64url of AES-256-SIV (RFC 5297): synthetic IV, ciphertext. Its
//           key is HMAC-SHA-512(key, "freshet token"), its associated data the token's head, its
//           plaintext the length of the domain as a varint, the domain, the value.
class MaskKeys {
 public:
  static constexpr std::string_view kOwnKeyId = "0";
  static constexpr std::size_t kKeyBytes = 32;

  // `own`: the installation's key. Throws Error{config} on a key that has not 32 bytes.
  MaskKeys(const std::vector<MaskKey>& keys, std::string own);

  [[nodiscard]] std::string hash(std::string_view value, std::string_view domain = {}) const;
  [[nodiscard]] std::string token(std::string_view value, std::string_view domain = {}) const;

  // True of text that is, from end to end, a hash or a token as these keys make them.
  [[nodiscard]] bool made(std::string_view text) const noexcept;

  // The value of a token. Throws Error{usage} where the key is not among ours, or the text is no
  // token of that key; the message does not repeat it.
  [[nodiscard]] std::string reveal(std::string_view token) const;

 private:
  struct Key {
    std::string id;
    std::string bytes;
    std::string token_key;  // 64 bytes
  };
  std::vector<Key> keys_;  // the last one writes
};

// Where the first token-like text at or behind `from` stands; nothing if there is none.
struct TokenPlace {
  std::size_t begin = 0;
  std::size_t end = 0;
};
[[nodiscard]] std::optional<TokenPlace> find_token(std::string_view text, std::size_t from);

}  // namespace freshet
