#include "pipeline/installation_key.h"

#include <sys/random.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"

namespace freshet {

namespace {

constexpr std::size_t kKeyBytes = 32;

std::string random_key() {
  std::string key(kKeyBytes, '\0');
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
    fail(ErrorKind::unavailable, "the operating system gives no random bytes");
  return key;
}

}  // namespace

std::string load_or_create_key(const std::filesystem::path& file) {
  if (auto key = read_file_if_present(file)) {
    if (key->size() == kKeyBytes) return *key;
    fail(ErrorKind::corrupt,
         "{} holds {} bytes where the installation's key has {}: restore it from a backup",
         file.string(), key->size(), kKeyBytes);
  }
  const mode_t mask = ::umask(0077);  // before any thread runs
  const std::string key = random_key();
  replace_file(file, key);
  ::umask(mask);
  return key;
}

}  // namespace freshet
