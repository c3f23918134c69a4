#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace freshet {

// A program started by this one; ended by pid at the latest when this goes out of scope.
class ChildProcess {
 public:
  // Output and errors go to `log`. Throws Error{unavailable} if it cannot be started.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  [[nodiscard]] bool alive();
  // SIGTERM, then SIGKILL after `patience`.
  void stop(std::chrono::seconds patience = std::chrono::seconds(30));
  // Lets it live on after this program.
  void release() noexcept { pid_ = -1; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  pid_t pid_ = -1;
};

// Runs a program to its end with this program's output; returns its exit status.
int run_to_end(const std::vector<std::string>& command);
// The same with output and errors in `log`.
int run_to_end(const std::vector<std::string>& command, const std::filesystem::path& log);

// The path of this program.
[[nodiscard]] std::string own_binary();

}  // namespace freshet
