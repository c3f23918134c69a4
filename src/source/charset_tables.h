#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace freshet {

// Cells are UTF-16 units, each a whole character: '?' for a code that has no character, 0 where the
// bytes are no code.

// What the last byte of a code stands for, from byte `first` on.
struct CharsetRow {
  std::uint8_t first = 0;
  std::u16string_view cells;
};

// Four-byte codes whose characters follow one another. Codes are numbered in their order:
// 81 30 81 30 is 0, 81 30 81 39 is 9, 81 30 82 30 is 10 (GB 18030-2005).
struct CharsetRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t to = 0;
};

// A character set as the servers convert it to Unicode. The C library's tables have other ideas of
// thousands of codes, and its converter of UHC crashes on some texts.
struct CharsetTable {
  std::string_view name;
  std::u16string_view low;              // of 0x00 to 0x7f; empty for ASCII
  std::u16string_view high;             // of 0x80 to 0xff, where one byte is a character
  const CharsetRow* pairs = nullptr;    // by the first byte, from 0x80
  const CharsetRow* triples = nullptr;  // behind 0x8f, by the second byte, from 0x80
  std::span<const CharsetRun> quads;
};

[[nodiscard]] std::span<const CharsetTable> charset_tables() noexcept;

}  // namespace freshet
