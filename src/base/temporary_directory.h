#pragma once

#include <filesystem>
#include <string_view>

namespace freshet {

// A new directory of mode 0700, named `freshet-<purpose>-XXXXXX`, that goes with its owner.
class TemporaryDirectory {
 public:
  // In `parent`, or in the system's directory for temporary files. Throws Error{unavailable}.
  explicit TemporaryDirectory(std::string_view purpose, const std::filesystem::path& parent = {});
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  void keep() noexcept { kept_ = true; }  // the directory outlives its owner

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace freshet
