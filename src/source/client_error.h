#pragma once

#include <errmsg.h>
#include <mysqld_error.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace freshet {

// The client library's code for a link that is gone: waiting and connecting again helps. A TLS
// link reports a read timeout as a TLS error.
[[nodiscard]] inline bool is_broken_link(unsigned code) noexcept {
  return code == CR_SERVER_GONE_ERROR || code == CR_SERVER_LOST || code == CR_CONNECTION_ERROR ||
         code == CR_CONN_HOST_ERROR || code == CR_COMMANDS_OUT_OF_SYNC ||
         code == CR_SSL_CONNECTION_ERROR || code == ER_SERVER_SHUTDOWN ||
         code == ER_CONNECTION_KILLED;
}

// A server's message quotes SQL text, line breaks included; ours are one line.
[[nodiscard]] inline std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace freshet
