#include "source/tls_session.h"

#include <mysql.h>

// ma_pvio.h does not stand alone: it wants this type, and to know that the library has TLS.
using uchar = unsigned char;
#define HAVE_TLS
#include <ma_pvio.h>

#include <string_view>

#include "base/error.h"

namespace freshet {

ssl_st* tls_session(st_mysql* mysql) {
  const MARIADB_PVIO& link = *mysql->net.pvio;
  if (link.ctls == nullptr) return nullptr;
  const char* library = nullptr;
  if (mariadb_get_infov(mysql, MARIADB_TLS_LIBRARY, static_cast<void*>(&library)) != 0 ||
      library == nullptr || !std::string_view(library).starts_with("OpenSSL"))
    fail(ErrorKind::unsupported,
         "libmariadb has its TLS from {}, where Freshet needs OpenSSL: install Debian's "
         "libmariadb3, or set source.tls to off",
         library == nullptr ? "an unknown library" : library);
  if (link.cache != nullptr && link.cache + link.cache_size > link.cache_pos)
    fail(ErrorKind::internal, "libmariadb has read further than its last answer");
  return static_cast<ssl_st*>(link.ctls->ssl);
}

}  // namespace freshet
