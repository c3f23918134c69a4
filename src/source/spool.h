#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace freshet {

// Where what is read, and may not go on yet, waits on disk.
struct Spool {
  std::filesystem::path directory;
  // Encrypts what is stored; without it, rows stand there as the source has them.
  std::function<std::string(std::string_view)> seal = {};
  // Gives back what was stored, sealed or not.
  std::function<std::string(std::string_view)> unseal = {};
};

}  // namespace freshet
