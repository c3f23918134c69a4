#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "pipeline/listen_address.h"

namespace freshet {

// What the endpoint tells. Called in its threads, several at a time; what they throw becomes an
// answer with status 500.
struct MetricsSource {
  std::function<std::string()> metrics;  // in Prometheus' text format
  std::function<std::string()> problem;  // why the lake is not whole and fresh; empty if it is
};

// HTTP over plain TCP, for monitoring: GET /metrics; /healthz, 200 while the process lives;
// /readyz, 200 once every table is loaded and the source is connected, else 503 with the reason. It
// asks for no password and tells no values. Two threads; a client that is slow is cut off.
class MetricsEndpoint {
 public:
  // Listens. Throws Error{config} where the address cannot be had.
  MetricsEndpoint(const ListenAddress& address, MetricsSource source);
  // Cuts connections off.
  ~MetricsEndpoint();
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace freshet
