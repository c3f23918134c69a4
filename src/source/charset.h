#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "source/charset_tables.h"

namespace freshet {

// A MySQL character set and how its text becomes UTF-8.
struct Charset {
  enum class Form : std::uint8_t {
    binary,
    utf8,
    ascii,
    latin1,
    ucs2,
    utf16,
    utf16le,
    utf32,
    table
  };

  std::string_view name;  // MySQL's: "utf8mb4", "latin1"
  Form form = Form::table;
  std::uint8_t max_bytes = 1;           // of one character
  const CharsetTable* table = nullptr;  // of Form::table

  [[nodiscard]] bool binary() const noexcept { return form == Form::binary; }
  // Bytes below 0x80 stand for ASCII, wherever they stand alone: a text of such bytes is UTF-8
  // already.
  [[nodiscard]] bool ascii_based() const noexcept {
    return form == Form::utf8 || form == Form::ascii || form == Form::latin1 ||
           (form == Form::table && table->low.empty());
  }
};

// The character set of a collation id, as it stands in the log: MySQL's and MariaDB's numbers,
// which agree below 256. nullptr where no such collation is known.
[[nodiscard]] const Charset* charset_of_collation(std::uint64_t id, bool mariadb) noexcept;
// By name; "utf8" is utf8mb3. nullptr where it is unknown.
[[nodiscard]] const Charset* charset_of_name(std::string_view name) noexcept;

// Length of the front of `text` that is ASCII.
[[nodiscard]] std::size_t ascii_prefix(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// Appends `text` as valid UTF-8. What the charset does not define becomes '?' (as the server's own
// conversion has it), or U+FFFD in text that claims to be UTF-8 already. Returns how many
// characters were replaced so. Binary text must not be asked for.
std::size_t append_utf8(Bytes& out, std::string_view text, const Charset& charset);

}  // namespace freshet
