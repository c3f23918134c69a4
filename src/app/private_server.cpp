#include "app/private_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
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

std::vector<std::string> operator+(std::vector<std::string> first,
                                   std::vector<std::string> second) {
  std::ranges::move(second, std::back_inserter(first));
  return first;
}

void make_data(const std::vector<std::string>& command, const std::filesystem::path& log) {
  if (run_to_end(command, log) != 0)
    fail(ErrorKind::unavailable, "the server cannot make a data directory: {}", end_of(log));
}

std::vector<std::string> options(const std::filesystem::path& directory, std::uint16_t port) {
  return {"--user=root",
          "--datadir=" + (directory / "data").string(),
          "--socket=" + (directory / "server.sock").string(),
          fmt::format("--port={}", port),
          "--bind-address=127.0.0.1",
          "--skip-name-resolve",
          "--server-id=1",
          "--log-bin=mysql-bin",
          "--binlog-format=ROW",
          "--binlog-row-metadata=FULL",
          "--innodb-buffer-pool-size=64M",
          "--secure-file-priv=" + directory.string(),
          "--pid-file=" + (directory / "server.pid").string()};
}

// Makes an empty data directory and returns the command that serves it.
std::vector<std::string> prepare_mariadb(const std::filesystem::path& directory,
                                         std::uint16_t port) {
  make_data({find_program("mariadb-install-db"), "--no-defaults",
             "--auth-root-authentication-method=normal", "--user=root", "--skip-test-db",
             "--skip-name-resolve", "--force", "--datadir=" + (directory / "data").string()},
            directory / "install.log");
  return std::vector<std::string>{find_program("mariadbd"), "--no-defaults",
                                  "--innodb-log-file-size=64M"} +
         options(directory, port);
}

std::vector<std::string> prepare_mysql(const std::filesystem::path& directory,
                                       const std::filesystem::path& mysqld, std::uint16_t port) {
  const std::string data = "--datadir=" + (directory / "data").string();
  make_data({mysqld.string(), "--initialize-insecure", "--user=root", data},
            directory / "install.log");
  return std::vector<std::string>{mysqld.string()} + options(directory, port) +
         std::vector<std::string>{"--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--mysqlx=OFF",
                                  "--performance-schema=OFF"};
}

}  // namespace

PrivateServer::PrivateServer(const std::filesystem::path& directory,
                             const std::filesystem::path& mysqld)
    : PrivateServer(directory, mysqld, free_port()) {}

PrivateServer::PrivateServer(const std::filesystem::path& directory,
                             const std::filesystem::path& mysqld, std::uint16_t port)
    : socket_(directory / "server.sock"),
      port_(port),
      process_(mysqld.empty() ? prepare_mariadb(directory, port)
                              : prepare_mysql(directory, mysqld, port),
               directory / "server.log") {
  wait_until_it_answers(directory / "server.log");
  create_capture_account(mysqld.empty() ? "BINLOG MONITOR" : "REPLICATION CLIENT");
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
  fail(ErrorKind::unavailable, "the private server does not answer: {}", end_of(log));
}

void PrivateServer::create_capture_account(std::string_view log_privilege) {
  Connection server = Connection::open(administrator());
  server.execute(fmt::format("CREATE USER '{}'@'%' IDENTIFIED BY '{}'", kUser, kPassword));
  server.execute(
      fmt::format("GRANT SELECT, LOCK TABLES, RELOAD, REPLICATION SLAVE, {} ON *.* TO '{}'@'%'",
                  log_privilege, kUser));
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
