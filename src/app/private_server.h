#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "app/child_process.h"
#include "source/connection.h"

namespace freshet {

// A MariaDB or MySQL server of our own in a folder of our own: a free loopback port, no system
// service, no file elsewhere. Row binlog with full metadata; the account `cdc` has what a capture
// needs.
class PrivateServer {
 public:
  // MySQL where its `mysqld` is given, else Debian's MariaDB. Takes a few seconds. Throws
  // Error{unavailable} if mariadb-server-core is missing, or with the end of the server's own log
  // where it does not start.
  explicit PrivateServer(const std::filesystem::path& directory,
                         const std::filesystem::path& mysqld = {});

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] SourceOptions administrator() const;
  [[nodiscard]] SourceOptions capture_account() const;
  [[nodiscard]] std::string url() const;  // of the capture account
  [[nodiscard]] ChildProcess& process() noexcept { return process_; }

 private:
  PrivateServer(const std::filesystem::path& directory, const std::filesystem::path& mysqld,
                std::uint16_t port);
  void wait_until_it_answers(const std::filesystem::path& log);
  void create_capture_account(std::string_view log_privilege);

  std::filesystem::path socket_;
  std::uint16_t port_;
  ChildProcess process_;
};

}  // namespace freshet
