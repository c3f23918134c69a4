#pragma once

struct ssl_st;    // SSL of OpenSSL
struct st_mysql;  // MYSQL of libmariadb

namespace freshet {

// The TLS session of a connection, which stays the connection's: the library itself has no way to
// read what is there and no more. Null where the connection is not encrypted. Throws
// Error{unsupported} where the library has its TLS from elsewhere than OpenSSL.
[[nodiscard]] ssl_st* tls_session(st_mysql* mysql);

}  // namespace freshet
