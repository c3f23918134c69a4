#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "model/gtid_set.h"
#include "model/position.h"

namespace freshet {

// Event types of MySQL 5.6 to 9.x and MariaDB 10.5 to 12 ("MySQL Internals, Binlog events";
// MariaDB sql/log_event.h). MariaDB numbers its own from 160.
enum class EventType : std::uint8_t {
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  load = 6,
  create_file = 8,
  append_block = 9,
  exec_load = 10,
  delete_file = 11,
  new_load = 12,
  rand = 13,
  user_var = 14,
  format_description = 15,
  xid = 16,
  begin_load_query = 17,
  execute_load_query = 18,
  table_map = 19,
  write_rows_v0 = 20,
  update_rows_v0 = 21,
  delete_rows_v0 = 22,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  incident = 26,
  heartbeat = 27,
  ignorable = 28,
  rows_query = 29,
  write_rows = 30,
  update_rows = 31,
  delete_rows = 32,
  gtid = 33,
  anonymous_gtid = 34,
  previous_gtids = 35,
  transaction_context = 36,
  view_change = 37,
  xa_prepare = 38,
  partial_update_rows = 39,
  transaction_payload = 40,
  heartbeat_v2 = 41,
  gtid_tagged = 42,
  mariadb_annotate_rows = 160,
  mariadb_checkpoint = 161,
  mariadb_gtid = 162,
  mariadb_gtid_list = 163,
  mariadb_start_encryption = 164,
  mariadb_query_compressed = 165,
  mariadb_write_rows_compressed_v1 = 166,
  mariadb_update_rows_compressed_v1 = 167,
  mariadb_delete_rows_compressed_v1 = 168,
  mariadb_write_rows_compressed = 169,
  mariadb_update_rows_compressed = 170,
  mariadb_delete_rows_compressed = 171,
  mariadb_partial_row_data = 172,
};

inline constexpr std::size_t kEventHeaderSize = 19;
inline constexpr std::size_t kChecksumSize = 4;
// The servers' own limit of an event (reference: MAX_MAX_ALLOWED_PACKET).
inline constexpr std::size_t kMaxEventSize = std::size_t{1} << 30;

inline constexpr std::uint16_t kArtificialFlag = 0x20;  // made for this dump, not in the file
inline constexpr std::uint16_t kIgnorableFlag =
    0x80;  // a reader that does not know the type may skip it

// The size that an event's header tells; `raw` begins with it. Nothing without a whole header.
[[nodiscard]] std::optional<std::size_t> told_size(std::string_view raw) noexcept;

// What follows the first part of an event's body that comes in parts.
class BodyParts {
 public:
  virtual ~BodyParts() = default;
  // The next part, which lives until the next call: empty if none came within `wait`. Nothing at
  // the end, when the checksum of the whole event has been verified.
  virtual std::optional<std::string_view> next_part(std::chrono::milliseconds wait) = 0;
};

// One event. A view: the body lives until the reader's next event.
struct Event {
  EventType type{};
  std::uint32_t timestamp = 0;  // start of the statement, seconds; follows SET timestamp
  std::uint32_t server_id = 0;
  std::uint16_t flags = 0;
  std::string_view body;    // between header and checksum
  std::uint64_t begin = 0;  // offsets in the file that the framer is in
  std::uint64_t end = 0;
  BodyParts* rest = nullptr;  // TRANSACTION_PAYLOAD only: of the body that does not come at once

  [[nodiscard]] bool artificial() const noexcept { return (flags & kArtificialFlag) != 0; }
};

// The bytes of one event as they come: tells the body's from the checksum's, and verifies that.
class EventTail {
 public:
  EventTail(std::size_t size, bool checksum)
      : body_left_(size - (checksum ? kChecksumSize : 0)), checksum_(checksum) {}

  // The part of the next bytes that the checksum covers. Throws Error{corrupt} on a wrong checksum,
  // or more bytes than the event has.
  std::string_view take(std::string_view bytes);
  [[nodiscard]] bool complete() const noexcept {
    return body_left_ == 0 && stored_.size() == (checksum_ ? kChecksumSize : 0);
  }

 private:
  std::size_t body_left_;
  bool checksum_;
  std::uint32_t actual_ = 0;
  Bytes stored_;
};

// Cuts header and checksum off, verifies the checksum by the rule of the file in which the event
// stands, and keeps the 64-bit coordinate although events carry 32 bits of it.
class EventFramer {
 public:
  // `checksums`: whether the events that come before the first FORMAT_DESCRIPTION have one.
  EventFramer(LogCoordinate start, bool checksums) : at_(std::move(start)), checksums_(checksums) {}

  // Throws Error{corrupt} on a wrong length or checksum.
  Event frame(std::string_view raw);
  // The same of an event of which `raw` is the first part, with its header; the others go through
  // `tail`. The body is what `raw` has of it.
  Event frame_first(std::string_view raw, std::optional<EventTail>& tail);
  // Where the next event begins.
  [[nodiscard]] const LogCoordinate& at() const noexcept { return at_; }

 private:
  struct Head {
    Event event;
    std::uint32_t size, log_pos;
  };
  static Head read_head(std::string_view raw);
  std::string_view checked_body(EventType type, std::string_view raw);
  void advance(Event& event, std::uint32_t log_pos, std::size_t size);
  void follow(const Event& event);

  LogCoordinate at_;
  bool checksums_;
};

// Reads header fields of an event that has neither checksum nor coordinate: those inside a
// TRANSACTION_PAYLOAD. Its place is that of the payload.
[[nodiscard]] Event nested_event(std::string_view raw, const Event& outer);

struct Rotate {
  std::uint64_t position = 4;
  std::string_view file;
};
[[nodiscard]] Rotate parse_rotate(std::string_view body);

// Throws Error{unsupported} for a log whose fixed parts have other sizes than we read.
struct FormatDescription {
  std::string server_version;
  bool mariadb = false;
};
[[nodiscard]] FormatDescription parse_format_description(std::string_view body);

// GTID, ANONYMOUS_GTID and GTID_TAGGED.
struct Gtid {
  std::array<char, 16> uuid{};
  std::string_view tag;
  std::uint64_t number = 0;  // 0: anonymous
  std::uint64_t commit_micros =
      0;  // on this server; 0 where the server does not write it (before 8.0)
};
[[nodiscard]] Gtid parse_gtid(std::string_view body);
[[nodiscard]] Gtid parse_gtid_tagged(std::string_view body);

struct MariadbGtid {
  static constexpr std::uint8_t kStandalone = 1, kGroupCommit = 2, kPreparedXa = 64,
                                kCompletedXa = 128;
  static constexpr std::uint8_t kMultiEngine = 1, kStartAlter = 2, kCommitAlter = 4,
                                kRollbackAlter = 8;
  std::uint64_t sequence = 0;
  std::uint32_t domain = 0;
  std::uint8_t flags = 0;
  std::uint8_t extra_flags = 0;
  std::string_view xid;  // XA: format, lengths, gtrid, bqual
};
[[nodiscard]] MariadbGtid parse_mariadb_gtid(std::string_view body);
[[nodiscard]] GtidState parse_gtid_list(std::string_view body);

// QUERY: the statement with what is needed to read it.
struct Query {
  static constexpr std::uint64_t kAnsiQuotes = 0x4, kNoBackslashEscapes = 0x100000;
  std::uint64_t sql_mode = 0;
  std::uint16_t client_collation = 0;  // of the text; 0 = not told
  std::uint16_t server_collation = 0;  // default of new databases; 0 = not told
  std::uint16_t error = 0;             // non-zero: the statement failed partway
  std::string_view database;
  std::string_view text;
};
[[nodiscard]] Query parse_query(std::string_view body);

struct XaPrepare {
  bool one_phase = false;
  std::string_view xid;  // format, lengths, gtrid, bqual
};
[[nodiscard]] XaPrepare parse_xa_prepare(std::string_view body);

struct Heartbeat {
  std::string_view file;
  std::optional<std::uint64_t> position;  // 64 bits where the event carries them
};
[[nodiscard]] Heartbeat parse_heartbeat(std::string_view body);
[[nodiscard]] Heartbeat parse_heartbeat_v2(std::string_view body);

// A MySQL length-encoded integer.
[[nodiscard]] std::uint64_t read_lenenc(ByteReader& in);

}  // namespace freshet
