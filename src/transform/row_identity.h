#pragma once

#include <cstdint>
#include <string_view>

#include "model/lake_schema.h"
#include "model/table_schema.h"

namespace freshet {

// SipHash-2-4 with 128-bit output (Aumasson, Bernstein: "SipHash: a fast short-input PRF", and the
// double-width variant of its reference). Bytes may come in pieces; only their sequence counts.
class SipHash128 {
 public:
  struct Key {
    std::uint64_t low = 0, high = 0;
  };
  // A key for one purpose, so that what is made for different ones shares nothing. `secret` is the
  // installation's: 32 bytes, else Error{config}.
  [[nodiscard]] static Key key_for(std::string_view purpose, std::string_view secret);

  explicit SipHash128(const Key& key) noexcept;

  void update(std::string_view bytes) noexcept;
  void update_word(std::uint64_t word) noexcept;  // the same as its 8 bytes, little-endian
  // `low` is the first half of the output read little-endian, `high` the second. Ends the hash.
  [[nodiscard]] RowId finish() noexcept;

 private:
  void compress(std::uint64_t word) noexcept;
  void round() noexcept;

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t tail_ = 0;    // bytes that do not fill a word yet
  std::uint64_t length_ = 0;  // bytes so far
};

// Names rows. Equal keys have equal ids, whatever else the row holds; and a key cell keeps its id
// over changes of type that keep its value (INT to BIGINT UNSIGNED, DECIMAL(8,2) to (10,4)).
// Without a primary key all cells that are not null make the id.
class RowIdentity {
 public:
  // `key` is the installation's secret: 32 bytes, else Error{config}.
  explicit RowIdentity(std::string_view key);

  // The id of a row image before masking; an image that was masked at capture carries it. Throws
  // Error{unsupported} if a cell that it needs is absent from the image.
  [[nodiscard]] RowId row_id(const TableSchema& schema, std::string_view image) const;

 private:
  SipHash128::Key key_;
};

}  // namespace freshet
