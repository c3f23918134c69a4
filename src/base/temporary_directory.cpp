#include "base/temporary_directory.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace freshet {

TemporaryDirectory::TemporaryDirectory(std::string_view purpose,
                                       const std::filesystem::path& parent) {
  const auto place = parent.empty() ? std::filesystem::temp_directory_path() : parent;
  std::string name = (place / fmt::format("freshet-{}-XXXXXX", purpose)).string();
  if (::mkdtemp(name.data()) == nullptr)
    fail(ErrorKind::unavailable, "cannot make a temporary directory in {}: {}", place.string(),
         std::generic_category().message(errno));
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // a leftover among temporary files harms nobody
  if (!kept_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace freshet
