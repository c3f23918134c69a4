#include "source/binlog_event.h"

#include <libdeflate.h>

#include <algorithm>

namespace freshet {

namespace {

constexpr std::size_t kFormatFixedSize = 2 + 50 + 4 + 1;  // before the post-header lengths
constexpr std::uint64_t kWrap = std::uint64_t{1} << 32;

std::uint32_t checksum_of(std::string_view bytes, std::uint32_t before = 0) noexcept {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

// A file that is being written has a mark in its head, which the checksum does not cover.
std::uint32_t checksum_of_event(EventType type, std::string_view covered) {
  constexpr std::size_t kFlags = 17;
  constexpr char kInUse = 1;
  if (type != EventType::format_description || (covered[kFlags] & kInUse) == 0)
    return checksum_of(covered);
  Bytes closed(covered);
  closed[kFlags] = static_cast<char>(closed[kFlags] & ~kInUse);
  return checksum_of(closed);
}

// GTID_TAGGED's integers: the trailing one-bits of the first byte tell how many bytes follow it.
std::uint64_t read_tagged_int(ByteReader& in) {
  const std::uint8_t first = in.u8();
  const auto more = static_cast<std::size_t>(std::countr_one(first));
  if (more == 8) return in.le(8);
  const std::uint64_t rest = in.le(more);
  return (rest << 8 | first) >> (more + 1);
}

std::uint64_t read_tagged_signed(ByteReader& in) {
  const std::uint64_t raw = read_tagged_int(in);
  return (raw >> 1) ^ (0 - (raw & 1));
}

// The XA identifier at the front of a block: format u32, two lengths of `width` bytes, two names.
std::string_view read_xid(std::string_view block, std::size_t width) {
  ByteReader in(block);
  in.skip(4);
  const std::uint64_t gtrid = in.le(width);
  const std::uint64_t bqual = in.le(width);
  in.skip(gtrid);
  in.skip(bqual);
  return block.substr(0, in.offset());
}

// Skips or reads one status variable. False: unknown code, the rest cannot be parsed.
bool read_status(std::uint8_t code, ByteReader& in, Query& query) {
  switch (code) {
    case 1: query.sql_mode = in.le(8); return true;
    case 4:
      query.client_collation = static_cast<std::uint16_t>(in.le(2));
      in.skip(2);
      query.server_collation = static_cast<std::uint16_t>(in.le(2));
      return true;
    case 0:
    case 3:
    case 10: in.skip(4); return true;
    case 2: in.skip(in.u8() + std::size_t{1}); return true;
    case 5:
    case 6: in.skip(in.u8()); return true;
    case 7:
    case 8:
    case 18: in.skip(2); return true;
    case 9:
    case 17:
    case 129: in.skip(8); return true;
    case 11:
      in.skip(in.u8());
      in.skip(in.u8());
      return true;
    case 13:
    case 128: in.skip(3); return true;
    case 16:
    case 19:
    case 20:
    case 21: in.skip(1); return true;
    case 12: {
      const std::uint8_t names = in.u8();
      if (names == 254) return true;
      for (int i = 0; i < names; ++i)
        while (in.u8() != 0) {
        }
      return true;
    }
    case 130:
      if ((in.u8() & 12) != 0) in.skip(8);
      return true;
    default: return false;
  }
}

}  // namespace

std::uint64_t read_lenenc(ByteReader& in) {
  const std::uint8_t first = in.u8();
  if (first < 0xfb) return first;
  if (first == 0xfc) return in.le(2);
  if (first == 0xfd) return in.le(3);
  if (first == 0xfe) return in.le(8);
  fail(ErrorKind::corrupt, "a length-encoded integer begins with byte {:#x}", first);
}

std::optional<std::size_t> told_size(std::string_view raw) noexcept {
  constexpr std::size_t kSizeAt = 9;
  if (raw.size() < kEventHeaderSize) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, raw.data() + kSizeAt, sizeof size);
  return size;
}

std::string_view EventTail::take(std::string_view bytes) {
  const std::string_view covered = bytes.substr(0, std::min(bytes.size(), body_left_));
  actual_ = checksum_of(covered, actual_);
  body_left_ -= covered.size();
  stored_ += bytes.substr(covered.size());
  if (stored_.size() > (checksum_ ? kChecksumSize : 0))
    fail(ErrorKind::corrupt, "an event goes on beyond its end");
  if (checksum_ && complete() && ByteReader(stored_).fixed<std::uint32_t>() != actual_)
    fail(
        ErrorKind::corrupt,
        "an event in parts has another checksum than is stored: the binlog or the link is damaged");
  return covered;
}

EventFramer::Head EventFramer::read_head(std::string_view raw) {
  ByteReader in(raw);
  Head head{};
  head.event.timestamp = in.fixed<std::uint32_t>();
  head.event.type = static_cast<EventType>(in.u8());
  head.event.server_id = in.fixed<std::uint32_t>();
  head.size = in.fixed<std::uint32_t>();
  head.log_pos = in.fixed<std::uint32_t>();
  head.event.flags = in.fixed<std::uint16_t>();
  return head;
}

Event EventFramer::frame(std::string_view raw) {
  Head head = read_head(raw);
  Event& event = head.event;
  if (head.size != raw.size())
    fail(ErrorKind::corrupt, "an event of {} bytes says that it has {}, after {}", raw.size(),
         head.size, to_string(at_));
  event.body = checked_body(event.type, raw);
  advance(event, head.log_pos, head.size);
  follow(event);
  return event;
}

Event EventFramer::frame_first(std::string_view raw, std::optional<EventTail>& tail) {
  Head head = read_head(raw);
  if (head.size < kEventHeaderSize + kChecksumSize || head.size > kMaxEventSize)
    fail(ErrorKind::corrupt, "an event of {} bytes stands after {}", head.size, to_string(at_));
  tail.emplace(head.size, checksums_);
  head.event.body = tail->take(raw).substr(kEventHeaderSize);
  advance(head.event, head.log_pos, head.size);
  return head.event;
}

std::string_view EventFramer::checked_body(EventType type, std::string_view raw) {
  bool present = checksums_;
  if (type == EventType::format_description) {
    if (raw.size() < kEventHeaderSize + kFormatFixedSize + 1 + kChecksumSize)
      fail(ErrorKind::corrupt, "a FORMAT_DESCRIPTION event has only {} bytes, after {}", raw.size(),
           to_string(at_));
    // The bytes of a checksum are there even when the algorithm is "none".
    const char algorithm = raw[raw.size() - kChecksumSize - 1];
    if (algorithm != 0 && algorithm != 1)
      fail(ErrorKind::unsupported, "the binlog uses checksum algorithm {}, after {}",
           static_cast<int>(algorithm), to_string(at_));
    checksums_ = algorithm == 1;
    present = checksums_;
    if (!present)
      return raw.substr(kEventHeaderSize, raw.size() - kEventHeaderSize - kChecksumSize);
  }
  if (!present) return raw.substr(kEventHeaderSize);
  if (raw.size() < kEventHeaderSize + kChecksumSize)
    fail(ErrorKind::corrupt, "an event is too short for its checksum, after {}", to_string(at_));
  const std::string_view covered = raw.substr(0, raw.size() - kChecksumSize);
  std::uint32_t stored = 0;
  std::memcpy(&stored, raw.data() + covered.size(), kChecksumSize);
  if (const std::uint32_t actual = checksum_of_event(type, covered); actual != stored)
    fail(ErrorKind::corrupt,
         "an event of type {} after {} has checksum {:08x} where {:08x} is stored: the binlog or "
         "the "
         "link is damaged",
         static_cast<int>(type), to_string(at_), actual, stored);
  return covered.substr(kEventHeaderSize);
}

// log_pos is the end modulo 2^32; 0 in events that are not in the file. It falls only where the
// file passes a multiple of 4 GiB, except in artificial events, which may point back.
void EventFramer::advance(Event& event, std::uint32_t log_pos, std::size_t size) {
  const std::uint64_t here = at_.offset;
  const bool heartbeat =
      event.type == EventType::heartbeat || event.type == EventType::heartbeat_v2;
  const bool outside =
      event.artificial() || heartbeat || event.type == EventType::format_description;
  std::uint64_t end = here;
  if (log_pos != 0) {
    end = (here & ~(kWrap - 1)) | log_pos;
    if (end < here) end = outside ? here : end + kWrap;
  }
  event.end = end;
  event.begin = !outside && log_pos != 0 && end >= size ? end - size : here;
  at_.offset = end;
}

// What an event says about the place of the next one.
void EventFramer::follow(const Event& event) {
  if (event.type == EventType::rotate) {
    const Rotate rotate = parse_rotate(event.body);
    at_.file = rotate.file;
    at_.offset = rotate.position;
    return;
  }
  Heartbeat beat;
  if (event.type == EventType::heartbeat)
    beat = parse_heartbeat(event.body);
  else if (event.type == EventType::heartbeat_v2)
    beat = parse_heartbeat_v2(event.body);
  else
    return;
  if (beat.position && beat.file == at_.file) at_.offset = std::max(at_.offset, *beat.position);
}

Event nested_event(std::string_view raw, const Event& outer) {
  ByteReader in(raw);
  Event event;
  event.timestamp = in.fixed<std::uint32_t>();
  event.type = static_cast<EventType>(in.u8());
  event.server_id = in.fixed<std::uint32_t>();
  in.skip(8);
  event.flags = in.fixed<std::uint16_t>();
  event.body = in.rest();
  event.begin = outer.begin;
  event.end = outer.end;
  return event;
}

Rotate parse_rotate(std::string_view body) {
  ByteReader in(body);
  Rotate rotate;
  rotate.position = in.le(8);
  rotate.file = in.rest();
  if (rotate.file.empty()) fail(ErrorKind::corrupt, "a ROTATE event names no file");
  return rotate;
}

FormatDescription parse_format_description(std::string_view body) {
  ByteReader in(body);
  if (const auto version = in.fixed<std::uint16_t>(); version != 4)
    fail(ErrorKind::unsupported,
         "the binlog has format version {}; only 4 (MySQL 5.0 and later) is read", version);
  FormatDescription format;
  const std::string_view text = in.take(50);
  format.server_version = text.substr(0, text.find('\0'));
  format.mariadb = format.server_version.find("MariaDB") != std::string::npos;
  in.skip(4);
  if (const std::uint8_t header = in.u8(); header != kEventHeaderSize)
    fail(ErrorKind::unsupported, "the binlog has event headers of {} bytes instead of {}", header,
         kEventHeaderSize);
  const std::string_view lengths = in.take(in.left() - 1);
  // 0: the server does not write such events any more.
  const auto expect = [&](EventType type, std::uint8_t size) {
    const auto index = static_cast<std::size_t>(type) - 1;
    const std::uint8_t actual =
        index < lengths.size() ? static_cast<std::uint8_t>(lengths[index]) : 0;
    if (actual != 0 && actual != size)
      fail(ErrorKind::unsupported,
           "the binlog's events of type {} have a fixed part of {} bytes, not {}", index + 1,
           actual, size);
  };
  expect(EventType::query, 13);
  expect(EventType::table_map, 8);
  expect(EventType::write_rows_v1, 8);
  expect(EventType::write_rows, 10);
  return format;
}

Gtid parse_gtid(std::string_view body) {
  constexpr std::uint64_t kOriginalFollows = std::uint64_t{1} << 55;
  ByteReader in(body);
  Gtid gtid;
  in.skip(1);
  std::ranges::copy(in.take(16), gtid.uuid.begin());
  gtid.number = in.le(8);
  if (in.left() < 17 + 7) return gtid;  // 5.6 and 5.7 carry no commit time
  in.skip(17);
  gtid.commit_micros = in.le(7) & ~kOriginalFollows;
  return gtid;
}

Gtid parse_gtid_tagged(std::string_view body) {
  ByteReader in(body);
  Gtid gtid;
  read_tagged_int(in);  // serialisation version
  const std::uint64_t size = read_tagged_int(in);
  if (size > body.size()) fail(ErrorKind::corrupt, "a GTID_TAGGED event is shorter than it says");
  read_tagged_int(in);  // last field that a reader must know
  while (in.offset() < size) {
    switch (const std::uint64_t field = read_tagged_int(in)) {
      case 1:
        for (char& byte : gtid.uuid) byte = static_cast<char>(read_tagged_int(in));
        break;
      case 2: gtid.number = read_tagged_signed(in); break;
      case 3: gtid.tag = in.take(read_tagged_int(in)); break;
      case 4:
      case 5: read_tagged_signed(in); break;
      case 6: gtid.commit_micros = read_tagged_int(in); break;
      case 0:
      case 7:
      case 8:
      case 9:
      case 10:
      case 11: read_tagged_int(in); break;
      default:
        fail(ErrorKind::unsupported, "a GTID_TAGGED event has field {}, unknown to this version",
             field);
    }
  }
  return gtid;
}

MariadbGtid parse_mariadb_gtid(std::string_view body) {
  ByteReader in(body);
  MariadbGtid gtid;
  gtid.sequence = in.le(8);
  gtid.domain = in.fixed<std::uint32_t>();
  gtid.flags = in.u8();
  if ((gtid.flags & MariadbGtid::kGroupCommit) != 0) in.skip(8);
  if ((gtid.flags & (MariadbGtid::kPreparedXa | MariadbGtid::kCompletedXa)) != 0) {
    gtid.xid = read_xid(body.substr(in.offset()), 1);
    in.skip(gtid.xid.size());
  }
  // Servers before 10.8 have no extra flags but pad with zeros.
  if (!in.empty()) gtid.extra_flags = in.u8();
  return gtid;
}

GtidState parse_gtid_list(std::string_view body) {
  ByteReader in(body);
  GtidState state;
  for (std::uint32_t n = in.fixed<std::uint32_t>() & 0x0fffffff; n > 0; --n) {
    const auto domain = in.fixed<std::uint32_t>();
    const auto server = in.fixed<std::uint32_t>();
    state.set(domain, server, in.le(8));
  }
  return state;
}

Query parse_query(std::string_view body) {
  ByteReader in(body);
  Query query;
  in.skip(8);
  const std::size_t database_size = in.u8();
  query.error = in.fixed<std::uint16_t>();
  const auto status_size = in.fixed<std::uint16_t>();
  ByteReader status(in.take(status_size));
  while (!status.empty() && read_status(status.u8(), status, query)) {
  }
  query.database = in.take(database_size);
  in.skip(1);
  query.text = in.rest();
  return query;
}

XaPrepare parse_xa_prepare(std::string_view body) {
  ByteReader in(body);
  XaPrepare xa;
  xa.one_phase = in.u8() != 0;
  xa.xid = read_xid(in.rest(), 4);
  return xa;
}

Heartbeat parse_heartbeat(std::string_view body) {
  // Past 4 GiB MariaDB sets log_pos to 0 and puts the position before the name, which never holds
  // a zero byte itself.
  Heartbeat beat;
  beat.file = body;
  if (body.size() > 8 && body.substr(0, 8).find('\0') != std::string_view::npos) {
    ByteReader in(body);
    beat.position = in.le(8);
    beat.file = in.rest();
  }
  return beat;
}

Heartbeat parse_heartbeat_v2(std::string_view body) {
  ByteReader in(body);
  Heartbeat beat;
  while (!in.empty()) {
    const std::uint64_t type = read_lenenc(in);
    if (type == 0) break;
    ByteReader value(in.take(read_lenenc(in)));
    if (type == 1) beat.file = value.rest();
    if (type == 2) beat.position = read_lenenc(value);
  }
  return beat;
}

}  // namespace freshet
