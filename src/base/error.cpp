#include "base/error.h"

namespace freshet {

const char* name_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::usage: return "usage";
    case ErrorKind::config: return "config";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::unknown_outcome: return "unknown outcome";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::lost_position: return "lost position";
    case ErrorKind::failed: return "failed";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

int exit_code(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::config: return 2;
    case ErrorKind::lost_position: return 3;
    default: return 1;
  }
}

}  // namespace freshet
