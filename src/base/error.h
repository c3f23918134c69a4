#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace freshet {

// Why work stopped. The supervisor decides by kind alone (docs/architecture.md, "Errors").
enum class ErrorKind {
  usage,            // bad command line, SQL or request: the user mends it
  config,           // bad configuration: names file:line and the setting
  unavailable,      // a server, disk or network does not answer now: waiting helps
  conflict,         // somebody else changed what we were about to change: reload and retry
  unknown_outcome,  // a write may or may not have happened: reload and look
  corrupt,          // bytes that break their format or their checksum: never skipped
  unsupported,      // well-formed, but nothing we can carry without loss
  lost_position,    // the source cannot continue from where we stand, or is another server
  failed,           // the work was done and the answer is "no" (a failed check, a difference found)
  internal,         // a state that our own logic rules out
};

// The one exception type. what() is a single line that says what happened, where, and how to mend
// it. It never carries row values: those may be personal data.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

// Throws Error{kind} with a formatted message.
template <typename... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

[[nodiscard]] const char* name_of(ErrorKind kind) noexcept;

// Process exit status: 1 the work failed or found a difference, 2 bad usage or configuration,
// 3 the source refuses (position lost, wrong server).
[[nodiscard]] int exit_code(ErrorKind kind) noexcept;

}  // namespace freshet
