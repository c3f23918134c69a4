#include "source/row_fragments.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

// A rows event as it stands in a log: header and body.
Bytes rows_event(std::string_view body, std::size_t counted_checksum = 0,
                 EventType type = EventType::write_rows_v1) {
  Bytes raw;
  put_fixed<std::uint32_t>(raw, 1795367946);
  put_u8(raw, static_cast<std::uint8_t>(type));
  put_fixed<std::uint32_t>(raw, 7);
  put_fixed(raw, static_cast<std::uint32_t>(kEventHeaderSize + body.size() + counted_checksum));
  put_fixed<std::uint32_t>(raw, 0);
  put_fixed<std::uint16_t>(raw, 0);
  raw += body;
  return raw;
}

Bytes with_checksum(Bytes raw) {
  const auto checksum = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(raw.data()), raw.size()));
  put_fixed(raw, checksum);
  return raw;
}

Bytes fragment(std::uint32_t total, std::uint32_t number, std::string_view bytes,
               std::optional<std::uint64_t> size = std::nullopt) {
  Bytes body;
  put_fixed(body, total);
  put_fixed(body, number);
  put_u8(body, size ? 1 : 0);
  if (size) put_fixed(body, *size);
  body += bytes;
  return body;
}

// The bodies of the events that `raw` was cut into.
std::vector<Bytes> cut(const Bytes& raw, std::size_t part) {
  std::vector<Bytes> bodies;
  const auto total = static_cast<std::uint32_t>((raw.size() + part - 1) / part);
  for (std::uint32_t i = 0; i < total; ++i) {
    const std::optional<std::uint64_t> size =
        i == 0 ? std::optional<std::uint64_t>(raw.size()) : std::nullopt;
    bodies.push_back(fragment(total, i + 1, std::string_view(raw).substr(i * part, part), size));
  }
  return bodies;
}

std::optional<Event> add(RowFragments& fragments, std::string_view body) {
  Event event;
  event.type = EventType::mariadb_partial_row_data;
  event.body = body;
  event.begin = 100;
  event.end = 200;
  return fragments.add(event);
}

std::string error_of(const std::vector<Bytes>& bodies, ErrorKind kind) {
  RowFragments fragments;
  try {
    for (const Bytes& body : bodies) static_cast<void>(add(fragments, body));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

TEST(RowFragments, GiveTheRowsEventWhoseBytesTheyHold) {
  const Bytes body = hex("120000000000 0100 02 03 fc 07000000 0178");
  RowFragments fragments;
  for (const Bytes& raw : {rows_event(body), rows_event(body, kChecksumSize),
                           with_checksum(rows_event(body, kChecksumSize))})
    for (const std::size_t part : {1, 7, 19, 1000}) {
      std::optional<Event> event;
      const std::vector<Bytes> bodies = cut(raw, part);
      for (std::size_t i = 0; i < bodies.size(); ++i) {
        EXPECT_FALSE(event);
        EXPECT_EQ(fragments.pending(), i > 0);
        event = add(fragments, bodies[i]);
      }
      ASSERT_TRUE(event);
      EXPECT_FALSE(fragments.pending());
      EXPECT_EQ(event->type, EventType::write_rows_v1);
      EXPECT_EQ(event->body, body);
      EXPECT_EQ(event->begin, 100U);
      EXPECT_EQ(event->end, 200U);
    }
}

TEST(RowFragments, RefuseWhatDoesNotBelongTogether) {
  const Bytes raw = rows_event(hex("120000000000 0100 02 03 fc 07000000 0178"));
  const std::vector<Bytes> parts = cut(raw, 10);
  const auto corrupt = ErrorKind::corrupt;
  EXPECT_NE(error_of({parts[1]}, corrupt).find("fragment 2 of 4"), std::string::npos);
  EXPECT_NE(error_of({parts[0], parts[2]}, corrupt).find("after 1 of 4"), std::string::npos);
  EXPECT_NE(error_of({parts[0], parts[0]}, corrupt).find("after 1 of 4"), std::string::npos);
  static_cast<void>(error_of({parts[0], fragment(3, 2, "more")}, corrupt));
  static_cast<void>(error_of({fragment(0, 1, raw)}, corrupt));
  static_cast<void>(error_of({fragment(1, 1, raw, raw.size() + 1)}, corrupt));
  static_cast<void>(error_of({fragment(1, 1, raw.substr(0, raw.size() - 1))}, corrupt));
  static_cast<void>(error_of({fragment(1, 1, raw.substr(0, 5))}, corrupt));
  static_cast<void>(error_of({hex("01000000 01000000")}, corrupt));
}

TEST(RowFragments, RefuseByNameWhatTheyCannotHold) {
  EXPECT_NE(error_of({fragment(9, 1, "start", std::uint64_t{2} << 30)}, ErrorKind::unsupported)
                .find("1 GiB"),
            std::string::npos);
  EXPECT_NE(error_of({fragment(1, 1, rows_event("12345678", 0, EventType::query))},
                     ErrorKind::unsupported)
                .find("type 2"),
            std::string::npos);
}

}  // namespace
}  // namespace freshet
