#include "pipeline/mask_key_source.h"

#include <sys/stat.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "base/file.h"

namespace freshet {
namespace {

constexpr std::size_t kKeyBytes = 32;

// Blanks around do not count: editors end files with a line feed.
std::optional<std::string> read_hex(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  if (text.size() != 2 * kKeyBytes) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* const end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

std::string from_file(const MaskKeySource& source) {
  struct stat facts{};
  if (::stat(source.file.c_str(), &facts) == 0 && (facts.st_mode & S_IROTH) != 0)
    fail(ErrorKind::config, "the masking key {} in {} may be read by everyone: chmod o-r it",
         source.id, source.file.native());
  const std::string content = read_file(source.file);
  if (auto key = read_hex(content)) return *key;
  if (content.size() == kKeyBytes) return content;
  fail(ErrorKind::config,
       "{} holds no key: write 32 bytes or 64 hex digits, as by openssl rand -hex 32",
       source.file.native());
}

std::string from_variable(const MaskKeySource& source) {
  const char* const text = std::getenv(source.variable.c_str());
  if (text == nullptr)
    fail(ErrorKind::config, "the variable {} with the masking key {} is not set", source.variable,
         source.id);
  if (auto key = read_hex(text)) return *key;
  fail(ErrorKind::config,
       "the variable {} holds no key: write 64 hex digits, as by openssl rand -hex 32",
       source.variable);
}

}  // namespace

void load_mask_keys(Config& config) {
  std::vector<MaskKey>& keys = config.transform.sensitive_data.keys;
  keys.clear();
  for (const MaskKeySource& source : config.mask_keys)
    keys.push_back(
        {source.id, source.variable.empty() ? from_file(source) : from_variable(source)});
}

}  // namespace freshet
