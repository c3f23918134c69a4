// Keys, tokens and wallet addresses: what their issuers' documents say of prefixes and lengths.

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "transform/detector_type.h"
#include "transform/keccak.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

bool is_run(char c) noexcept { return is_alnum(c) || c == '_' || c == '-'; }

std::size_t run_end(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && (is_run(text[at]) || text[at] == kFiller)) ++at;
  return at;
}

// A detector that judges the long runs of a text, one by one.
class RunDetector : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kRuns; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    std::size_t done = 0;
    for (const std::size_t begin : text.marks.runs) {
      if (begin < done) continue;
      const Hit hit = judge(text, begin, run_end(text.folded, begin), index);
      if (hit.end == 0) continue;
      hits.push_back(hit);
      done = hit.end;
    }
  }

 protected:
  // The hit at the run [begin, end), or one whose end is 0.
  [[nodiscard]] virtual Hit judge(const DetectorText& text, std::size_t begin, std::size_t end,
                                  std::size_t index) const = 0;
};

struct KeyForm {
  std::string_view prefix;
  std::size_t least;  // characters behind the prefix
};

// The prefix may stand before the run, where it ends with a dot.
constexpr KeyForm kKeyForms[] = {
    {"AIza", 35},       {"GOCSPX-", 20},   {"ya29.", 20},
    {"ghp_", 36},       {"gho_", 36},      {"ghu_", 36},
    {"ghs_", 36},       {"ghr_", 36},      {"github_pat_", 22},
    {"glpat-", 20},     {"gldt-", 20},     {"glrt-", 20},
    {"xoxb-", 10},      {"xoxp-", 10},     {"xoxa-", 10},
    {"xoxr-", 10},      {"xoxs-", 10},     {"xoxe-", 10},
    {"xapp-", 10},      {"sk_live_", 16},  {"sk_test_", 16},
    {"rk_live_", 16},   {"rk_test_", 16},  {"pk_live_", 16},
    {"whsec_", 24},     {"SG.", 20},       {"npm_", 36},
    {"pypi-", 40},      {"dop_v1_", 60},   {"doo_v1_", 60},
    {"shpat_", 32},     {"shpss_", 32},    {"shpca_", 32},
    {"sq0atp-", 22},    {"sq0csp-", 40},   {"sk-ant-", 20},
    {"sk-proj-", 20},   {"sk-", 32},       {"hf_", 30},
    {"xai-", 40},       {"dckr_pat_", 20}, {"rubygems_", 40},
    {"figd_", 30},      {"PMAK-", 50},     {"AGE-SECRET-KEY-1", 40},
    {"lin_api_", 30},   {"key-", 32},      {"EAACEdEose0cBA", 10},
    {"AccountKey", 40}, {"hvs.", 20},      {"NRAK-", 25},
    {"glsa_", 32},
};

class ApiKeyDetector final : public RunDetector {
 protected:
  [[nodiscard]] Hit judge(const DetectorText& text, std::size_t begin, std::size_t end,
                          std::size_t index) const override {
    for (const KeyForm& form : kKeyForms) {
      const bool dotted = form.prefix.ends_with('.');
      const std::size_t size = form.prefix.size();
      const std::size_t from = dotted ? (begin >= size ? begin - size : end) : begin;
      if (end - from < size + form.least) continue;
      if (text.folded.substr(from, size) != form.prefix) continue;
      if (from > 0 && is_alnum(text.folded[from - 1])) continue;
      if (!dotted && !is_random(text.folded.substr(from + size, end - from - size))) continue;
      std::size_t stop = end;
      if (dotted && end < text.folded.size() && text.folded[end] == '.')
        stop = run_end(text.folded, end + 1);
      return {from, stop, index, 95};
    }
    return {};
  }

 private:
  // Keys hold digits, or capitals among small letters; words joined by hyphens do not.
  static bool is_random(std::string_view body) noexcept {
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return std::any_of(body.begin(), body.end(), is_digit) ||
           std::count_if(body.begin(), body.end(), is_capital) > 2;
  }
};

class AwsAccessKeyDetector final : public RunDetector {
 protected:
  [[nodiscard]] Hit judge(const DetectorText& text, std::size_t begin, std::size_t end,
                          std::size_t index) const override {
    constexpr std::string_view kKinds[] = {"AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA", "AGPA"};
    const std::string_view run = text.folded.substr(begin, end - begin);
    const bool known =
        std::find(std::begin(kKinds), std::end(kKinds), run.substr(0, 4)) != std::end(kKinds);
    if (!known || run.size() != 20) return {};
    const bool fits = std::all_of(run.begin(), run.end(),
                                  [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c); });
    return fits ? Hit{begin, end, index, 95} : Hit{};
  }
};

// Forty characters of base64 with capitals, small letters and digits, near a word that says so.
class AwsSecretKeyDetector final : public RunDetector {
 protected:
  [[nodiscard]] Hit judge(const DetectorText& text, std::size_t begin, std::size_t end,
                          std::size_t index) const override {
    const auto is_part = [](char c) { return is_alnum(c) || c == '/' || c == '+'; };
    for (std::size_t n = 0; begin > 0 && n < 40 && is_part(text.folded[begin - 1]); ++n) --begin;
    end = begin;
    while (end < text.folded.size() && end - begin <= 41 && is_part(text.folded[end])) ++end;
    if (end - begin != 40) return {};
    const std::string_view key = text.folded.substr(begin, 40);
    const auto some = [&](auto is) { return std::any_of(key.begin(), key.end(), is); };
    if (!some(is_digit) || !some([](char c) { return c >= 'a' && c <= 'z'; }) ||
        !some([](char c) { return c >= 'A' && c <= 'Z'; }))
      return {};
    return text.context.speaks_for(index, begin, end) ? Hit{begin, end, index, 80} : Hit{};
  }
};

// RFC 7519: three parts of base64url, the first an object in JSON, which begins with `{"`.
class JwtDetector final : public RunDetector {
 protected:
  [[nodiscard]] Hit judge(const DetectorText& text, std::size_t begin, std::size_t end,
                          std::size_t index) const override {
    const std::string_view whole = text.folded;
    if (whole.substr(begin, 3) != "eyJ") return {};
    int parts = 1;
    while (parts < 5 && end + 1 < whole.size() && whole[end] == '.' && is_run(whole[end + 1])) {
      end = run_end(whole, end + 1);
      ++parts;
    }
    return parts >= 2 ? Hit{begin, end, index, 95} : Hit{};
  }
};

// RFC 7468: "-----BEGIN ... PRIVATE KEY-----" to the line that ends it.
class PrivateKeyDetector final : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kRuns; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    constexpr std::string_view kBegin = "-----BEGIN ";
    constexpr std::string_view kEnd = "-----END ";
    const std::string_view whole = text.folded;
    for (std::size_t at = whole.find(kBegin); at != whole.npos;) {
      const std::string_view label = whole.substr(at + kBegin.size(), 48);
      const std::size_t close = label.find("PRIVATE KEY");
      if (close == label.npos || label.find("-----") < close) {
        at = whole.find(kBegin, at + 1);
        continue;
      }
      std::size_t end = whole.find(kEnd, at);
      if (end != whole.npos) end = whole.find("-----", end + kEnd.size());
      end = end == whole.npos ? whole.size() : end + 5;
      hits.push_back({at, end, index, 99});
      at = whole.find(kBegin, end);
    }
  }
};

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kRipple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// 25 bytes whose last four begin the double SHA-256 of the others.
bool is_base58_check(std::string_view text, std::string_view alphabet) noexcept {
  std::array<unsigned char, 25> bytes{};
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == alphabet.npos) return false;
    unsigned carry = static_cast<unsigned>(value);
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += 58u * bytes[i];
      bytes[i] = static_cast<unsigned char>(carry);
      carry >>= 8;
    }
    if (carry != 0) return false;
  }
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bytes.data(), 21, digest);
  SHA256(digest, sizeof digest, digest);
  return std::equal(digest, digest + 4, bytes.begin() + 21);
}

// BIP 173 and 350.
bool is_bech32(std::string_view text) noexcept {
  const std::size_t mark = text.rfind('1');
  if (mark == text.npos || mark == 0 || text.size() - mark < 7) return false;
  unsigned check = 1;
  const auto feed = [&](unsigned value) {
    constexpr unsigned kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const unsigned top = check >> 25;
    check = (check & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; ++i)
      if (top >> i & 1) check ^= kGenerator[i];
  };
  const std::string_view name = text.substr(0, mark);
  for (const char c : name) feed(static_cast<unsigned>(lower(c)) >> 5);
  feed(0);
  for (const char c : name) feed(static_cast<unsigned>(lower(c)) & 31);
  for (const char c : text.substr(mark + 1)) {
    const std::size_t value = kBech32.find(lower(c));
    if (value == kBech32.npos) return false;
    feed(static_cast<unsigned>(value));
  }
  return check == 1 || check == 0x2bc830a3;
}

// "0x" and 20 bytes; ERC-55: letters of both cases are capitals where the digest has a digit
// from 8.
bool is_ethereum(std::string_view run) {
  if (run.size() != 42 || run[0] != '0' || lower(run[1]) != 'x') return false;
  const std::string_view digits = run.substr(2);
  if (!std::ranges::all_of(digits, is_hex)) return false;
  const bool capitals = std::ranges::any_of(digits, [](char c) { return c >= 'A' && c <= 'F'; });
  const bool smalls = std::ranges::any_of(digits, [](char c) { return c >= 'a' && c <= 'f'; });
  if (!capitals || !smalls) return true;
  const std::array<unsigned char, 32> digest = keccak_256(lower_case(digits));
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool capital = (i % 2 ? digest[i / 2] : digest[i / 2] >> 4) & 8;
    if (!is_digit(digits[i]) && (digits[i] <= 'F') != capital) return false;
  }
  return true;
}

class CryptoAddressDetector final : public RunDetector {
 protected:
  [[nodiscard]] Hit judge(const DetectorText& text, std::size_t begin, std::size_t end,
                          std::size_t index) const override {
    const std::string_view run = text.folded.substr(begin, end - begin);
    const bool base58 =
        run.size() >= 26 && run.size() <= 35 &&
        (is_base58_check(run, kBase58) || (run[0] == 'r' && is_base58_check(run, kRipple)));
    const bool bech32 = run.size() >= 39 && run.size() <= 90 && is_bech32(run);
    return is_ethereum(run) || base58 || bech32 ? Hit{begin, end, index, 95} : Hit{};
  }
};

template <typename Made>
std::unique_ptr<Detector> make(const SensitiveDataOptions&) {
  return std::make_unique<Made>();
}

const DetectorType kTypes[] = {
    {.name = "AWS_ACCESS_KEY",
     .aliases = "AWS_ACCESS_KEY_ID",
     .validator = "prefix, 20 capitals and digits",
     .context = "",
     .confidence = 95,
     .make = make<AwsAccessKeyDetector>,
     .example = "AKIAIOSFODNN7EXAMPLE"},
    {.name = "AWS_SECRET_KEY",
     .aliases = "AWS_SECRET_ACCESS_KEY",
     .validator = "40 characters of base64",
     .context = "secret aws secretaccesskey",
     .confidence = 30,
     .make = make<AwsSecretKeyDetector>,
     .example = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    {.name = "API_KEY",
     .aliases = "CLOUD_KEY ACCESS_TOKEN",
     .validator = "issuers' prefixes and lengths",
     .context = "",
     .confidence = 95,
     .make = make<ApiKeyDetector>,
     .example = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
    {.name = "PRIVATE_KEY",
     .aliases = "PEM",
     .validator = "RFC 7468 block",
     .context = "",
     .confidence = 99,
     .make = make<PrivateKeyDetector>,
     .example = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n"
                "-----END PRIVATE KEY-----"},
    {.name = "JSON_WEB_TOKEN",
     .aliases = "JWT",
     .validator = "two parts or more of base64url, the first JSON",
     .context = "",
     .confidence = 95,
     .make = make<JwtDetector>,
     .example = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"},
    {.name = "CRYPTO_ADDRESS",
     .aliases = "CRYPTO BITCOIN_ADDRESS ETHEREUM_ADDRESS",
     .validator = "Base58Check, Bech32, or 0x and 40 hexadecimal digits with the check of ERC-55",
     .context = "",
     .confidence = 95,
     .make = make<CryptoAddressDetector>,
     .example = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
};

}  // namespace

std::span<const DetectorType> secret_types() { return kTypes; }

}  // namespace freshet
