#include "app/private_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/file.h"

namespace freshet {

namespace {

constexpr std::string_view kUser = "cdc";
constexpr std::string_view kPassword = "demo";

std::string find_program(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/bin/"})
    if (std::filesystem::exists(folder + name)) return folder + name;
  fail(ErrorKind::unavailable, "{} is not installed: apt-get install mariadb-server-core", name);
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!found) fail(ErrorKind::unavailable, "there is no free port on the loopback interface");
  return ntohs(address.sin_port);
}

std::string end_of(const std::filesystem::path& log) {
  const Bytes text = read_file_if_present(log).value_or("");
  std::string end = text.substr(text.size() > 300 ? text.size() - 300 : 0);
  std::ranges::replace(end, '\n', ' ');
  return end;
}

// Makes an empty data directory and returns the command that serves it.
std::vector<std::string> prepare(const std::filesystem::path& directory, std::uint16_t port) {
  const std::string data = (directory / "mariadb").string();
  const std::string log = (directory / "mariadb-install.log").string();
  if (run_to_end({find_program("mariadb-install-db"), "--no-defaults",
                  "--auth-root-authentication-method=normal", "--user=root", "--skip-test-db",
                  "--skip-name-resolve", "--force", "--datadir=" + data},
                 log) != 0)
    fail(ErrorKind::unavailable, "MariaDB cannot make a data directory: {}", end_of(log));
  return {find_program("mariadbd"),
          "--no-defaults",
          "--user=root",
          "--datadir=" + data,
          "--socket=" + (directory / "mariadb.sock").string(),
          fmt::format("--port={}", port),
          "--bind-address=127.0.0.1",
          "--skip-name-resolve",
          "--server-id=1",
          "--log-bin=mysql-bin",
          "--binlog-format=ROW",
          "--binlog-row-metadata=FULL",
          "--innodb-buffer-pool-size=64M",
          "--innodb-log-file-size=64M",
          "--secure-file-priv=" + directory.string(),
          "--pid-file=" + (directory / "mariadb.pid").string()};
}

}  // namespace

PrivateServer::PrivateServer(const std::filesystem::path& directory)
    : PrivateServer(directory, free_port()) {}

PrivateServer::PrivateServer(const std::filesystem::path& directory, std::uint16_t port)
    : socket_(directory / "mariadb.sock"),
      port_(port),
      process_(prepare(directory, port), directory / "mariadb.log") {
  wait_until_it_answers(directory / "mariadb.log");
  create_capture_account();
}

void PrivateServer::wait_until_it_answers(const std::filesystem::path& log) {
  for (int attempt = 0; attempt < 300; ++attempt) {
    try {
      (void)Connection::open(administrator());
      return;
    } catch (const Error&) {
      if (!process_.alive()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  fail(ErrorKind::unavailable, "the private MariaDB does not answer: {}", end_of(log));
}

void PrivateServer::create_capture_account() {
  Connection server = Connection::open(administrator());
  server.execute(fmt::format("CREATE USER '{}'@'%' IDENTIFIED BY '{}'", kUser, kPassword));
  server.execute(fmt::format(
      "GRANT SELECT, LOCK TABLES, RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO '{}'@'%'",
      kUser));
}

SourceOptions PrivateServer::administrator() const {
  return {.socket = socket_.string(), .user = "root", .tls = TlsMode::off, .connect_timeout = 2};
}

SourceOptions PrivateServer::capture_account() const {
  return {.port = port_, .user = std::string(kUser), .password = std::string(kPassword)};
}

std::string PrivateServer::url() const {
  return fmt::format("mysql://{}:{}@127.0.0.1:{}", kUser, kPassword, port_);
}

}  // namespace freshet
