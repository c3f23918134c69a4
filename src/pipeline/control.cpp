#include "pipeline/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace freshet {
namespace {

constexpr std::size_t kLongestRequest = 16U << 20;
constexpr std::size_t kLongestFrame = 1U << 20;
constexpr std::size_t kLongestMessage = 64U << 10;
constexpr timeval kRequestTimeout{.tv_sec = 10, .tv_usec = 0};  // a client that connects must speak

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail(ErrorKind::unavailable, "the other side of the control socket has gone");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string receive(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::recv(fd, bytes.data() + filled, size - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail(ErrorKind::unavailable, "the other side of the control socket has gone");
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::uint32_t receive_u32(int fd) {
  const std::string word = receive(fd, sizeof(std::uint32_t));
  return ByteReader(word).fixed<std::uint32_t>();
}

// A length from the wire, refused beyond `most`: it decides how much memory we take.
std::size_t receive_length(int fd, std::size_t most) {
  const std::uint32_t length = receive_u32(fd);
  if (length > most)
    fail(ErrorKind::corrupt, "the control socket announces {} bytes where {} are allowed", length,
         most);
  return length;
}

void send_block(int fd, std::string_view bytes) {
  Bytes length;
  put_fixed(length, static_cast<std::uint32_t>(bytes.size()));
  send_all(fd, length);
  send_all(fd, bytes);
}

// Ends a reply; code 0 is success, else 1 + ErrorKind.
void send_status(int fd, std::uint8_t code, std::string_view message) {
  Bytes end;
  put_fixed(end, std::uint32_t{0});
  put_u8(end, code);
  message = message.substr(0, kLongestMessage);
  put_fixed(end, static_cast<std::uint32_t>(message.size()));
  end.append(message);
  send_all(fd, end);
}

void send_status(int fd, ErrorKind kind, std::string_view message) {
  send_status(fd, static_cast<std::uint8_t>(1 + static_cast<int>(kind)), message);
}

void receive_status(int fd) {
  const std::string code = receive(fd, 1);
  const std::string message = receive(fd, receive_length(fd, kLongestMessage));
  if (code[0] == 0) return;
  const int kind = static_cast<unsigned char>(code[0]) - 1;
  if (kind > static_cast<int>(ErrorKind::internal))
    fail(ErrorKind::corrupt, "the control socket answers with the unknown status {}", kind + 1);
  throw Error(static_cast<ErrorKind>(kind), message);
}

FileDescriptor new_socket(int flags = 0) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) fail(ErrorKind::unavailable, "cannot make a socket: {}", std::strerror(errno));
  return FileDescriptor(fd);
}

// The address of a socket file in whatever directory. A sun_path holds 107 characters, which a
// deep directory exceeds; the way through the open directory under /proc is always short.
class SocketAddress {
 public:
  explicit SocketAddress(const std::filesystem::path& socket)
      : directory_(::open(socket.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    const std::string way =
        fmt::format("/proc/self/fd/{}/{}", directory_.get(), socket.filename().native());
    if (way.size() >= sizeof(address_.sun_path))
      fail(ErrorKind::internal, "the name of the control socket {} is too long", socket.native());
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, way.c_str(), way.size() + 1);
  }

  [[nodiscard]] bool directory_exists() const noexcept { return directory_.get() >= 0; }
  [[nodiscard]] int directory() const noexcept { return directory_.get(); }
  [[nodiscard]] int connect(int fd) const noexcept {
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof(address_));
  }
  [[nodiscard]] int bind(int fd) const noexcept {
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof(address_));
  }

 private:
  FileDescriptor directory_;
  sockaddr_un address_{};
};

FileDescriptor listen_at(const std::filesystem::path& socket) {
  if (ControlClient::connect(socket))
    fail(ErrorKind::conflict, "another freshet process is running with the state directory {}",
         socket.parent_path().native());
  const SocketAddress address(socket);
  FileDescriptor fd = new_socket(SOCK_NONBLOCK);  // a wake-up need not be a client
  const auto refuse = [&] {
    fail(ErrorKind::unavailable, "cannot open the control socket {}: {}", socket.native(),
         std::strerror(errno));
  };
  if (!address.directory_exists()) refuse();
  if (::unlinkat(address.directory(), socket.filename().c_str(), 0) != 0 && errno != ENOENT)
    refuse();
  // Nobody can connect before listen(), so the mode is in force in time.
  if (address.bind(fd.get()) != 0) refuse();
  if (::fchmodat(address.directory(), socket.filename().c_str(), S_IRUSR | S_IWUSR, 0) != 0)
    refuse();
  if (::listen(fd.get(), ControlServer::kMostRequests) != 0) refuse();
  return fd;
}

// Permissions of the socket keep others out; this holds where a file system ignores them.
bool same_user(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace

std::filesystem::path control_socket(const std::filesystem::path& state_directory) {
  return state_directory / "control.sock";
}

void ControlReply::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const std::string_view frame = bytes.substr(0, kLongestFrame);
    send_block(fd_, frame);
    bytes.remove_prefix(frame.size());
  }
}

// One thread accepts and watches the clients; a thread per request answers. Descriptors and
// request threads belong to the watching thread, which alone makes and ends them.
class ControlServer::Loop {
 public:
  Loop(const std::filesystem::path& socket, ControlHandler handler)
      : socket_(socket),
        handler_(std::move(handler)),
        listener_(listen_at(socket)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this](std::stop_token stop) { run(stop); }) {}

  ~Loop() {
    thread_.request_stop();
    wake();
    thread_.join();
    ::unlink(socket_.c_str());
  }

 private:
  struct Request {
    explicit Request(FileDescriptor client) : fd(std::move(client)) {}
    FileDescriptor fd;
    bool abandoned = false;
    std::atomic<bool> done = false;
    std::jthread thread;
  };

  void wake() const noexcept {
    const std::uint64_t one = 1;
    // A full counter wakes as well, so the result tells nothing.
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      wait();
      accept_client();
      remove_finished();
    }
    for (Request& request : requests_) {
      request.thread.request_stop();
      ::shutdown(request.fd.get(), SHUT_RDWR);  // unblocks a reply that the client does not read
    }
    requests_.clear();
  }

  // Until a client comes or goes, a request ends, or the server closes.
  void wait() {
    std::vector<pollfd> watched{{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    for (const Request& request : requests_)  // poll() skips negative descriptors
      watched.push_back({request.abandoned ? -1 : request.fd.get(), POLLRDHUP, 0});
    if (::poll(watched.data(), watched.size(), -1) <= 0) return;
    std::uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t drained = ::read(wake_.get(), &wakes, sizeof(wakes));
    std::size_t i = 2;
    for (Request& request : requests_)
      if (watched[i++].revents != 0) abandon(request);
  }

  // The client has gone: its request stops as soon as the handler looks.
  static void abandon(Request& request) {
    request.abandoned = true;
    request.thread.request_stop();
  }

  void accept_client() {
    FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client.get() < 0 || !same_user(client.get())) return;
    ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &kRequestTimeout, sizeof(kRequestTimeout));
    if (requests_.size() >= kMostRequests) return refuse(client.get());
    Request& request = requests_.emplace_back(std::move(client));
    request.thread = std::jthread([this, &request](std::stop_token stop) {
      answer(request.fd.get(), stop);
      request.done = true;
      wake();
    });
  }

  static void refuse(int fd) {
    try {
      send_status(fd, ErrorKind::unavailable, "the running freshet is busy; try again in a moment");
    } catch (const Error&) {  // gone already
    }
  }

  void answer(int fd, const std::stop_token& stop) const noexcept {
    try {
      try {
        const std::string request = receive(fd, receive_length(fd, kLongestRequest));
        handler_(request, ControlReply(fd), stop);
        send_status(fd, 0, {});
      } catch (const Error& error) {
        send_status(fd, error.kind(), error.what());
      } catch (const std::exception& error) {
        send_status(fd, ErrorKind::internal, error.what());
      }
    } catch (...) {  // nobody is there to be told
    }
  }

  void remove_finished() {
    requests_.remove_if([](const Request& request) { return request.done.load(); });
  }

  std::filesystem::path socket_;
  ControlHandler handler_;
  FileDescriptor listener_;
  FileDescriptor wake_;
  std::list<Request> requests_;  // stable addresses: threads hold references
  std::jthread thread_;          // last: it uses all of the above
};

ControlServer::ControlServer(const std::filesystem::path& socket, ControlHandler handler)
    : loop_(std::make_unique<Loop>(socket, std::move(handler))) {}

ControlServer::~ControlServer() = default;

std::optional<ControlClient> ControlClient::connect(const std::filesystem::path& socket) {
  const SocketAddress address(socket);
  FileDescriptor fd = new_socket();
  if (!address.directory_exists() || address.connect(fd.get()) != 0) return std::nullopt;
  return ControlClient(fd.release());
}

ControlClient::ControlClient(ControlClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

ControlClient& ControlClient::operator=(ControlClient&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

ControlClient::~ControlClient() {
  if (fd_ >= 0) ::close(fd_);
}

void ControlClient::call(std::string_view request,
                         const std::function<void(std::string_view)>& piece) && {
  if (request.size() > kLongestRequest)
    fail(ErrorKind::usage, "a request may have at most {} bytes", kLongestRequest);
  const FileDescriptor fd(std::exchange(fd_, -1));
  send_block(fd.get(), request);
  while (const std::size_t size = receive_length(fd.get(), kLongestFrame))
    piece(receive(fd.get(), size));
  receive_status(fd.get());
}

std::string ControlClient::call(std::string_view request) && {
  std::string whole;
  std::move(*this).call(request, [&](std::string_view bytes) { whole.append(bytes); });
  return whole;
}

}  // namespace freshet
