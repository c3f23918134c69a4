#include "pipeline/listen_address.h"

#include <fmt/format.h>

#include "base/error.h"
#include "pipeline/config_text.h"

namespace freshet {

ListenAddress ListenAddress::parse(std::string_view text) {
  const auto refuse = [&] {
    fail(ErrorKind::config, "\"{}\" is not an address and a port, such as 127.0.0.1:9464", text);
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) refuse();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!bracketed && host.contains(':'))) refuse();
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 0xffff) refuse();
  return {.host = std::string(host), .port = static_cast<std::uint16_t>(*port)};
}

std::string ListenAddress::text() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace freshet
