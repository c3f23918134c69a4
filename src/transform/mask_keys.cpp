#include "transform/mask_keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

constexpr std::string_view kTokenHead = "tok_";
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxIdLength = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view text) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (!HMAC(digest, key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
            reinterpret_cast<unsigned char*>(out.data()), &size))
    fail(ErrorKind::internal, "HMAC failed");
  out.resize(size);
  return out;
}

void put_hex(std::string& out, std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : bytes) {
    out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
}

// base64url without padding (RFC 4648, section 5).
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put_base64(std::string& out, std::string_view bytes) {
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out.push_back(kBase64[bits >> (held - 6) & 63]);
  }
  if (held > 0) out.push_back(kBase64[bits << (6 - held) & 63]);
}

std::optional<std::string> read_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == kBase64.npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>(bits >> held & 255));
  }
  return out;
}

const EVP_CIPHER* siv_cipher() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
  if (cipher == nullptr) fail(ErrorKind::internal, "this OpenSSL has no AES-256-SIV");
  return cipher;
}

CipherContext open_siv(std::string_view key, bool encrypt) {
  CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (!context || EVP_CipherInit_ex2(context.get(), siv_cipher(), bytes_of(key), nullptr,
                                     encrypt ? 1 : 0, nullptr) != 1)
    fail(ErrorKind::internal, "AES-256-SIV failed");
  return context;
}

// False where the text is not what was encrypted. In SIV mode all of it goes in one call.
bool run_siv(EVP_CIPHER_CTX* context, std::string_view head, std::string_view in, char* out) {
  int size = 0;
  return EVP_CipherUpdate(context, nullptr, &size, bytes_of(head), static_cast<int>(head.size())) ==
             1 &&
         EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out), &size, bytes_of(in),
                          static_cast<int>(in.size())) == 1 &&
         EVP_CipherFinal_ex(context, reinterpret_cast<unsigned char*>(out), &size) == 1;
}

std::string head_of(std::string_view id) { return std::string(kTokenHead).append(id).append("_"); }

bool is_id(std::string_view id) noexcept {
  return !id.empty() && id.size() <= kMaxIdLength &&
         std::ranges::all_of(id, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); });
}

bool is_base64(char c) noexcept { return kBase64.find(c) != kBase64.npos; }

// Parts of "tok_<id>_<base64url>".
struct TokenText {
  std::string_view head;
  std::string_view id;
  std::string_view body;
};

std::optional<TokenText> split_token(std::string_view text) {
  if (!text.starts_with(kTokenHead)) return std::nullopt;
  const std::size_t mark = text.find('_', kTokenHead.size());
  if (mark == text.npos) return std::nullopt;
  const TokenText token{text.substr(0, mark + 1),
                        text.substr(kTokenHead.size(), mark - kTokenHead.size()),
                        text.substr(mark + 1)};
  if (!is_id(token.id) || !std::ranges::all_of(token.body, is_base64)) return std::nullopt;
  return token;
}

}  // namespace

MaskKeys::MaskKeys(const std::vector<MaskKey>& keys, std::string own) {
  keys_.push_back({std::string(kOwnKeyId), std::move(own), {}});
  for (const MaskKey& key : keys) {
    if (!is_id(key.id) || std::ranges::find(keys_, key.id, &Key::id) != keys_.end())
      fail(ErrorKind::config,
           "\"{}\" cannot be the id of a masking key: ids are 1 to {} of a-z "
           "and 0-9, each once, and {} is the installation's own",
           key.id, kMaxIdLength, kOwnKeyId);
    keys_.push_back({key.id, key.bytes, {}});
  }
  for (Key& key : keys_) {
    if (key.bytes.size() != kKeyBytes)
      fail(ErrorKind::config, "{} must have {} bytes, not {}",
           key.id == kOwnKeyId ? "the installation's key" : "the masking key " + key.id, kKeyBytes,
           key.bytes.size());
    key.token_key = hmac(EVP_sha512(), key.bytes, "freshet token");
  }
}

std::string MaskKeys::hash(std::string_view value, std::string_view domain) const {
  const Key& key = keys_.back();
  std::string out;
  if (key.id != kOwnKeyId) out.append(key.id).push_back('_');
  if (domain.empty()) {
    put_hex(out, hmac(EVP_sha256(), key.bytes, value));
  } else {
    const std::string salted =
        hmac(EVP_sha256(), key.bytes, std::string("freshet hash ").append(domain));
    put_hex(out, hmac(EVP_sha256(), salted, value));
  }
  return out;
}

std::string MaskKeys::token(std::string_view value, std::string_view domain) const {
  const Key& key = keys_.back();
  std::string token = head_of(key.id);
  Bytes plain;
  put_text(plain, domain);
  plain.append(value);
  std::string sealed(kTagBytes + plain.size(), '\0');
  const CipherContext context = open_siv(key.token_key, true);
  if (!run_siv(context.get(), token, plain, sealed.data() + kTagBytes) ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, sealed.data()) != 1)
    fail(ErrorKind::internal, "AES-256-SIV failed");
  put_base64(token, sealed);
  return token;
}

bool MaskKeys::made(std::string_view text) const noexcept {
  constexpr std::size_t kHashDigits = 64;
  const auto is_ours = [&](std::string_view id) {
    return std::ranges::find(keys_, id, &Key::id) != keys_.end();
  };
  if (const auto token = split_token(text)) return is_ours(token->id);
  if (text.size() < kHashDigits) return false;
  const std::string_view head = text.substr(0, text.size() - kHashDigits);
  const bool digits = std::ranges::all_of(
      text.substr(head.size()), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  return digits &&
         (head.empty() || (head.ends_with('_') && is_ours(head.substr(0, head.size() - 1))));
}

std::string MaskKeys::reveal(std::string_view text) const {
  const auto token = split_token(text);
  auto sealed = token ? read_base64(token->body) : std::nullopt;
  if (!sealed || sealed->size() <= kTagBytes)
    fail(ErrorKind::usage, "this is no token; tokens begin with {}", kTokenHead);
  const auto key = std::ranges::find(keys_, token->id, &Key::id);
  if (key == keys_.end())
    fail(ErrorKind::usage,
         "the token was made with the key {}, which transform.sensitive_data.keys does not list",
         token->id);
  std::string plain(sealed->size() - kTagBytes, '\0');
  const CipherContext context = open_siv(key->token_key, false);
  if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, sealed->data()) != 1 ||
      !run_siv(context.get(), token->head, std::string_view(*sealed).substr(kTagBytes),
               plain.data()))
    fail(ErrorKind::usage, "the token was not made with our key {}, or is damaged", token->id);
  ByteReader in(plain);
  (void)in.text();  // the domain
  return std::string(in.rest());
}

std::optional<TokenPlace> find_token(std::string_view text, std::size_t from) {
  while ((from = text.find(kTokenHead, from)) != text.npos) {
    const std::size_t mark = text.find('_', from + kTokenHead.size());
    if (mark == text.npos) return std::nullopt;
    if (is_id(text.substr(from + kTokenHead.size(), mark - from - kTokenHead.size()))) {
      std::size_t end = mark + 1;
      while (end < text.size() && is_base64(text[end])) ++end;
      return TokenPlace{from, end};
    }
    from += kTokenHead.size();
  }
  return std::nullopt;
}

}  // namespace freshet
