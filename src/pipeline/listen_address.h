#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace freshet {

// Where an endpoint listens: an address of this machine and a port; 0 = any free one.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;

  // "127.0.0.1:9464", "[::1]:9464". Throws Error{config} that says what would be right.
  [[nodiscard]] static ListenAddress parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

}  // namespace freshet
