#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "pipeline/config.h"
#include "pipeline/config_text.h"

namespace freshet {
namespace {

constexpr std::string_view kForm = "mysql://user:password@host:3306";

// Cuts `text` at the first `mark` and returns what stood before it; `text` keeps what follows.
// Without a mark all of the text is taken.
std::string_view take_until(std::string_view& text, char mark) noexcept {
  const std::size_t at = text.find(mark);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

std::string_view without_scheme(std::string_view url) {
  for (const std::string_view scheme : {"mysql://", "mariadb://"})
    if (url.starts_with(scheme)) return url.substr(scheme.size());
  fail(ErrorKind::config, "a source URL begins with mysql:// or mariadb://, as in {}", kForm);
}

std::uint16_t parse_port(std::string_view text) {
  const auto port = parse_integer(text);
  if (!port || *port < 1 || *port > 65535)
    fail(ErrorKind::config, "the port of a source URL is a number from 1 to 65535");
  return static_cast<std::uint16_t>(*port);
}

void read_host(std::string_view text, SourceOptions& source) {
  if (text.starts_with('[')) {  // IPv6
    text.remove_prefix(1);
    source.host = take_until(text, ']');
    if (text.starts_with(':')) source.port = parse_port(text.substr(1));
    return;
  }
  const std::string_view host = take_until(text, ':');
  if (!host.empty()) source.host = percent_decode(host);
  if (!text.empty()) source.port = parse_port(text);
}

void read_parameter(std::string_view text, SourceOptions& source) {
  const std::string_view name = take_until(text, '=');
  const std::string value = percent_decode(text);
  if (name == "socket")
    source.socket = value;
  else if (name == "tls")
    source.tls = parse_tls_mode(value);
  else if (name == "tls_ca")
    source.tls_ca = value;
  else
    fail(ErrorKind::config, "a source URL takes the parameters socket, tls and tls_ca, not {}",
         name);
}

}  // namespace

TlsMode parse_tls_mode(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, TlsMode>, 5> kModes{
      {{"off", TlsMode::off},
       {"preferred", TlsMode::preferred},
       {"required", TlsMode::required},
       {"verify_ca", TlsMode::verify_ca},
       {"verify_identity", TlsMode::verify_identity}}};
  const auto* found = std::ranges::find(kModes, name, &std::pair<std::string_view, TlsMode>::first);
  if (found != kModes.end()) return found->second;
  fail(ErrorKind::config,
       "{} is no TLS mode; write off, preferred, required, verify_ca or verify_identity", name);
}

SourceConfig parse_source_url(std::string_view url) {
  SourceConfig config;
  SourceOptions& source = config.connection;
  std::string_view rest = without_scheme(url);
  std::string_view address = take_until(rest, '?');
  std::string_view parameters = rest;
  std::string_view authority = take_until(address, '/');
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view credentials = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    source.user = percent_decode(take_until(credentials, ':'));
    source.password = percent_decode(credentials);
  }
  read_host(authority, source);
  if (!address.empty()) config.tables.push_back(percent_decode(address) + ".*");
  while (!parameters.empty()) read_parameter(take_until(parameters, '&'), source);
  return config;
}

std::string describe_source(const SourceOptions& source) {
  if (!source.socket.empty()) return fmt::format("{}@{}", source.user, source.socket);
  const bool ipv6 = source.host.contains(':');
  return fmt::format("{}@{}{}{}:{}", source.user, ipv6 ? "[" : "", source.host, ipv6 ? "]" : "",
                     source.port);
}

}  // namespace freshet
