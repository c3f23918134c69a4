#include "pipeline/metrics_endpoint.h"

#include <httplib.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/error.h"

namespace freshet {

namespace {

constexpr std::size_t kThreads = 2;
constexpr time_t kPatience = 5;  // seconds, for a client to send or take something
constexpr std::size_t kMostBody = 1024;
constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kText = "text/plain; charset=utf-8";
constexpr int kUnavailable = 503;
constexpr int kFailed = 500;

}  // namespace

class MetricsEndpoint::Server {
 public:
  Server(const ListenAddress& address, MetricsSource source) : source_(std::move(source)) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_.set_read_timeout(kPatience);
    http_.set_write_timeout(kPatience);
    http_.set_keep_alive_max_count(1);  // a connection that waits would hold a thread
    http_.set_payload_max_length(kMostBody);
    // Two processes on one port would each get some of the questions: no SO_REUSEPORT.
    http_.set_socket_options([](int socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    http_.set_exception_handler([](const auto&, httplib::Response& response, const auto&) {
      response.status = kFailed;
      response.set_content("the figures cannot be told now; freshet's log tells more\n", kText);
    });
    http_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(source_.metrics(), kMetricsType);
    });
    http_.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("alive\n", kText);
    });
    http_.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      const std::string problem = source_.problem();
      if (!problem.empty()) response.status = kUnavailable;
      response.set_content(problem.empty() ? "ready\n" : problem + "\n", kText);
    });
    listen(address);
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    // stop() has no effect on a server that does not run yet.
    while (!http_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    http_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  void listen(const ListenAddress& address) {
    errno = 0;
    const int port = address.port == 0
                         ? http_.bind_to_any_port(address.host)
                         : (http_.bind_to_port(address.host, address.port) ? address.port : -1);
    if (port < 0)
      fail(ErrorKind::config,
           "endpoints.metrics: cannot listen on {}: {}; write an address of this machine and a "
           "free port",
           address.text(), errno == 0 ? "no such address" : std::strerror(errno));
    port_ = static_cast<std::uint16_t>(port);
  }

  MetricsSource source_;
  httplib::Server http_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

MetricsEndpoint::MetricsEndpoint(const ListenAddress& address, MetricsSource source)
    : server_(std::make_unique<Server>(address, std::move(source))) {}

MetricsEndpoint::~MetricsEndpoint() = default;

std::uint16_t MetricsEndpoint::port() const noexcept { return server_->port(); }

}  // namespace freshet
