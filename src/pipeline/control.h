#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace freshet {

// The door through which `freshet query` and `freshet status` speak with a running `freshet run`:
// a Unix socket in the state directory that only its owner may open. One request per connection:
//
//   request = u32 LE length, one line of JSON
//   reply   = frame*, 0 u32, status
//   frame   = u32 LE length (> 0), bytes
//   status  = u8 (0 = done, else 1 + ErrorKind), u32 LE length, message

// Where the socket of a state directory is.
[[nodiscard]] std::filesystem::path control_socket(const std::filesystem::path& state_directory);

// The answer under way. write() blocks while the client is slow, so a handler that streams holds
// one piece in memory. Throws Error{unavailable} when the client has gone.
class ControlReply {
 public:
  explicit ControlReply(int fd) noexcept : fd_(fd) {}
  void write(std::string_view bytes) const;

 private:
  int fd_;
};

// Answers one request. Runs in a thread of its own, several at a time. An Error thrown here reaches
// the client as it is. The token stops when the client goes away or the server closes.
using ControlHandler =
    std::function<void(std::string_view request, const ControlReply& reply, std::stop_token stop)>;

class ControlServer {
 public:
  // Listens. A socket left behind by a dead process is replaced; throws Error{conflict} where a
  // live one answers, Error{unavailable} where the directory does not let us.
  ControlServer(const std::filesystem::path& socket, ControlHandler handler);
  // Stops requests under way, waits for their handlers, removes the socket.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  static constexpr int kMostRequests = 16;  // at once; further ones are told to come again

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

class ControlClient {
 public:
  // Nothing where no process listens.
  static std::optional<ControlClient> connect(const std::filesystem::path& socket);
  ControlClient(ControlClient&& other) noexcept;
  ControlClient& operator=(ControlClient&& other) noexcept;
  ~ControlClient();

  // Sends the request and hands over each piece of the reply. Throws what the handler threw, or
  // Error{unavailable} if the other side died before the end.
  void call(std::string_view request, const std::function<void(std::string_view)>& piece) &&;
  // The whole reply at once: for small ones.
  [[nodiscard]] std::string call(std::string_view request) &&;

 private:
  explicit ControlClient(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace freshet
