#include "source/binlog_event.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "source/test_support.h"

namespace freshet {
namespace {

using test::hex;

// An event as it stands in a log.
Bytes event_of(EventType type, std::string_view body, std::uint32_t log_pos,
               std::uint16_t flags = 0, bool checksum = true) {
  Bytes raw;
  put_fixed<std::uint32_t>(raw, 1795367946);
  put_u8(raw, static_cast<std::uint8_t>(type));
  put_fixed<std::uint32_t>(raw, 7);
  put_fixed(raw, static_cast<std::uint32_t>(kEventHeaderSize + body.size() + (checksum ? 4 : 0)));
  put_fixed(raw, log_pos);
  put_fixed(raw, flags);
  raw += body;
  if (checksum)
    put_fixed(raw, static_cast<std::uint32_t>(
                       crc32_z(0, reinterpret_cast<const Bytef*>(raw.data()), raw.size())));
  return raw;
}

TEST(EventFramer, VerifiesChecksums) {
  EventFramer framer({"bin.000001", 4}, true);
  Bytes raw = event_of(EventType::xid, hex("0100000000000000"), 100);
  const Event event = framer.frame(raw);
  EXPECT_EQ(event.type, EventType::xid);
  EXPECT_EQ(event.body.size(), 8U);
  EXPECT_EQ(event.begin, 69U);
  EXPECT_EQ(event.end, 100U);
  EXPECT_EQ(framer.at(), (LogCoordinate{"bin.000001", 100}));
  raw[20] ^= 1;
  EXPECT_THROW(framer.frame(raw), Error);
  EXPECT_THROW(framer.frame(std::string_view(raw).substr(0, 30)), Error);
  EventFramer plain({"bin.000001", 4}, false);
  EXPECT_EQ(
      plain.frame(event_of(EventType::xid, hex("0100000000000000"), 100, 0, false)).body.size(),
      8U);
}

TEST(EventFramer, TakesTheChecksumRuleFromEachFile) {
  EventFramer framer({"bin.000001", 4}, true);
  Bytes format = hex("0400");
  format += Bytes("10.11.19-MariaDB-log").append(30, '\0');
  format += hex("00000000 13");
  format.append(40, '\0');
  put_u8(format, 0);  // no checksums, but room for one
  Bytes raw = event_of(EventType::format_description, format, 120);
  EXPECT_TRUE(parse_format_description(framer.frame(raw).body).mariadb);
  EXPECT_EQ(
      framer.frame(event_of(EventType::xid, hex("0100000000000000"), 200, 0, false)).body.size(),
      8U);
  // The next file's fake ROTATE still follows this file's rule.
  Bytes rotate = hex("0400000000000000");
  rotate += "bin.000002";
  const Bytes fake = event_of(EventType::rotate, rotate, 0, kArtificialFlag, false);
  const Event event = framer.frame(fake);
  EXPECT_EQ(parse_rotate(event.body).file, "bin.000002");
  EXPECT_EQ(framer.at(), (LogCoordinate{"bin.000002", 4}));
}

TEST(EventFramer, CountsBeyondFourGiB) {
  EventFramer framer({"bin.000001", 4}, true);
  const Bytes body = hex("0100000000000000");
  framer.frame(event_of(EventType::xid, body, 0xfffffff0));
  const Event event = framer.frame(event_of(EventType::xid, body, 15));
  EXPECT_EQ(event.begin, 0xfffffff0U);
  EXPECT_EQ(event.end, 0x10000000fU);
  // Events that are not in the file may point back, and mean nothing by it.
  framer.frame(event_of(EventType::mariadb_gtid_list, hex("00000000"), 7, kArtificialFlag));
  framer.frame(event_of(EventType::heartbeat, "bin.000001", 9));
  EXPECT_EQ(framer.at().offset, 0x10000000fU);
}

TEST(BinlogEvent, ReadsTaggedGtids) {
  const Bytes body =
      hex("02 72 00 0000 02 4903fc3e5a9903610222c503e1026204f103000000 02 0404 060a6d79746167 0804 "
          "0a08 0c7ff44cc1e1e06006 "
          "10e503 1283120b");
  const Gtid gtid = parse_gtid_tagged(body);
  EXPECT_EQ(format_uuid({gtid.uuid.data(), 16}), "d27e1f2d-e698-11f1-b831-02fc00000001");
  EXPECT_EQ(gtid.tag, "mytag");
  EXPECT_EQ(gtid.number, 1U);
  EXPECT_GT(gtid.commit_micros, 1'700'000'000'000'000U);
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_THROW(static_cast<void>(parse_gtid_tagged(std::string_view(body).substr(0, size))),
                 Error);
}

TEST(BinlogEvent, ReadsGtids) {
  Bytes body = hex("01 d27e1f2de69811f1b83102fc00000001 0700000000000000");
  EXPECT_EQ(parse_gtid(body).number, 7U);  // 5.6
  EXPECT_EQ(parse_gtid(body).commit_micros, 0U);
  body += hex("02 0100000000000000 0200000000000000");
  Bytes with_original = body;
  put_fixed<std::uint64_t>(body, 1'795'367'946'123'456);
  body.pop_back();
  EXPECT_EQ(parse_gtid(body).commit_micros, 1'795'367'946'123'456U);
  put_fixed<std::uint64_t>(with_original, 1'795'367'946'123'456 | std::uint64_t{1} << 55);
  EXPECT_EQ(parse_gtid(with_original).commit_micros, 1'795'367'946'123'456U);
}

TEST(BinlogEvent, ReadsMariadbGtids) {
  const MariadbGtid plain = parse_mariadb_gtid(hex("0a00000000000000 00000000 0c 000000000000"));
  EXPECT_EQ(plain.sequence, 10U);
  EXPECT_EQ(plain.flags, 0x0c);
  EXPECT_EQ(plain.extra_flags, 0);
  const Bytes prepared = hex("0a00000000000000 00000000 4c 01000000 02 00 7833 01 ff");
  const MariadbGtid xa = parse_mariadb_gtid(prepared);
  EXPECT_NE(xa.flags & MariadbGtid::kPreparedXa, 0);
  EXPECT_EQ(xa.xid, hex("01000000 02 00 7833"));
  const MariadbGtid alter =
      parse_mariadb_gtid(hex("0a00000000000000 00000000 29 04 119d150000000000"));
  EXPECT_EQ(alter.extra_flags, MariadbGtid::kCommitAlter);
  EXPECT_EQ(
      parse_gtid_list(
          hex("02000000 00000000 07000000 0900000000000000 01000000 02000000 0300000000000000"))
          .text(),
      "0-7-9,1-2-3");
}

TEST(BinlogEvent, ReadsQueries) {
  Bytes status =
      hex("00 00000000  01 0400100000000000  06 03 737464  04 2d00 2d00 0800  0c 01 6100  82 04 "
          "0100000000000000");
  Bytes body = hex("01000000 00000000 02 0000");
  put_fixed(body, static_cast<std::uint16_t>(status.size()));
  body += status + "db" + Bytes(1, '\0') + "DROP TABLE t";
  const Query query = parse_query(body);
  EXPECT_EQ(query.database, "db");
  EXPECT_EQ(query.text, "DROP TABLE t");
  EXPECT_EQ(query.sql_mode, Query::kAnsiQuotes | Query::kNoBackslashEscapes);
  EXPECT_EQ(query.client_collation, 45);
  for (std::size_t size = 0; size + 12 < body.size(); ++size)
    EXPECT_THROW(static_cast<void>(parse_query(std::string_view(body).substr(0, size))), Error);
}

TEST(BinlogEvent, ReadsTheRest) {
  const XaPrepare xa = parse_xa_prepare(hex("00 01000000 02000000 00000000 7831"));
  EXPECT_FALSE(xa.one_phase);
  EXPECT_EQ(xa.xid.size(), 14U);
  const Bytes body = hex("01 0a 62696e2e303030303930 02 03 fc9304 00");
  const Heartbeat beat = parse_heartbeat_v2(body);
  EXPECT_EQ(beat.file, "bin.000090");
  EXPECT_EQ(beat.position, 0x493U);
  EXPECT_EQ(parse_heartbeat("bin.000001").file, "bin.000001");
  EXPECT_EQ(parse_heartbeat(hex("0500000001000000") + "bin.000001").position, 0x100000005U);
  ByteReader in("\xfb");
  EXPECT_THROW(static_cast<void>(read_lenenc(in)), Error);
}

}  // namespace
}  // namespace freshet
