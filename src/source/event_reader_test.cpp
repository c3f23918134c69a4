#include "source/event_reader.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <zlib.h>

#include <thread>

#include "source/compression.h"
#include "source/test_support.h"

namespace freshet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A socket whose far end plays the server.
class Wire : public testing::Test {
 protected:
  Wire() {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
    reader_ = std::make_unique<SocketEventReader>(nullptr, ends_[0], nullptr,
                                                  LogCoordinate{"bin.000001", 4}, seconds(60));
  }
  ~Wire() override {
    close(ends_[0]);
    if (ends_[1] >= 0) close(ends_[1]);
  }

  // Writes from another thread, for a large packet does not fit into the socket.
  void send(Bytes bytes) {
    writer_ = std::jthread([this, bytes = std::move(bytes)] {
      for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t sent =
            ::send(ends_[1], bytes.data() + at, std::min<std::size_t>(bytes.size() - at, 100'000),
                   MSG_NOSIGNAL);
        if (sent <= 0) return;
        at += static_cast<std::size_t>(sent);
      }
    });
  }
  static void put_packet(Bytes& out, std::string_view payload, std::uint8_t& sequence) {
    constexpr std::size_t kFull = 0xffffff;
    while (true) {
      const std::size_t size = std::min(payload.size(), kFull);
      const auto head = static_cast<std::uint32_t>(size) | static_cast<std::uint32_t>(sequence++)
                                                               << 24;
      put_fixed(out, head);
      out += payload.substr(0, size);
      payload.remove_prefix(size);
      if (size < kFull) return;
    }
  }
  // The packet of an event without checksum whose body is `size` bytes.
  static Bytes event(std::size_t size) {
    Bytes raw(1, '\0');
    put_fixed<std::uint32_t>(raw, 1);
    put_u8(raw, static_cast<std::uint8_t>(EventType::ignorable));
    put_fixed<std::uint32_t>(raw, 7);
    put_fixed(raw, static_cast<std::uint32_t>(kEventHeaderSize + size));
    put_fixed<std::uint32_t>(raw, 0);
    put_fixed<std::uint16_t>(raw, 0);
    raw.append(size, 'x');
    return raw;
  }
  // Switches checksums off, as the head of a file does.
  static Bytes format() {
    Bytes body = test::hex("0400") + Bytes(50, 'v') + test::hex("00000000 13") + Bytes(40, '\0');
    Bytes raw = event(body.size() + 5);
    raw[5] = static_cast<char>(EventType::format_description);
    raw.replace(1 + kEventHeaderSize, body.size(), body);
    raw.replace(raw.size() - 5, 5, 5, '\0');
    return raw;
  }

  int ends_[2] = {-1, -1};
  std::unique_ptr<SocketEventReader> reader_;
  std::jthread writer_;
};

TEST_F(Wire, JoinsPacketsOfLargeEvents) {
  constexpr std::size_t kFull = 0xffffff;
  const std::size_t overhead = 1 + kEventHeaderSize;
  const std::size_t sizes[] = {
      10, kFull - overhead - 1, kFull - overhead, kFull - overhead + 1, 3 * kFull, 2'000'000, 0,
      77};
  Bytes wire;
  std::uint8_t sequence = 1;
  put_packet(wire, format(), sequence);
  for (const std::size_t size : sizes) put_packet(wire, event(size), sequence);
  send(std::move(wire));
  ASSERT_TRUE(reader_->next(seconds(5)));
  for (const std::size_t size : sizes) {
    std::optional<Event> event;
    for (int tries = 0; tries < 1000 && !event; ++tries) event = reader_->next(seconds(5));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->body.size(), size);
    EXPECT_EQ(event->body.find_first_not_of('x'), std::string_view::npos);
  }
  EXPECT_FALSE(reader_->next(milliseconds(0)));
  EXPECT_FALSE(reader_->next(milliseconds(5)));
}

// An uncompressed TRANSACTION_PAYLOAD whose packet payload, checksum included, has `total` bytes:
// events of 1 MB and a last one of what is left.
Bytes payload_packet(std::size_t total, bool sound) {
  constexpr std::size_t kEach = 1'000'000;
  const Bytes head = test::hex("02 03 fcff00 00");
  Bytes raw(1, '\0');
  const auto put_event = [&](EventType type, std::size_t size, std::string_view body) {
    put_fixed<std::uint32_t>(raw, 1);
    put_u8(raw, static_cast<std::uint8_t>(type));
    put_fixed<std::uint32_t>(raw, 7);
    put_fixed(raw, static_cast<std::uint32_t>(size));
    put_fixed<std::uint32_t>(raw, 0);
    put_fixed<std::uint16_t>(raw, 0);
    raw += body;
  };
  put_event(EventType::transaction_payload, total - 1, head);
  while (raw.size() + kChecksumSize < total) {
    std::size_t size = total - kChecksumSize - raw.size();
    if (size > 2 * kEach) size = kEach;
    put_event(EventType::ignorable, size, Bytes(size - kEventHeaderSize, 'x'));
  }
  const auto crc = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(raw.data() + 1), raw.size() - 1));
  put_fixed(raw, sound ? crc : crc + 1);
  return raw;
}

class WirePayload : public Wire, public testing::WithParamInterface<std::size_t> {
 protected:
  // Sends the payload and a small event; gives the bytes of the payload's events.
  std::size_t read_payload(bool sound, bool whole = true) {
    Bytes wire;
    std::uint8_t sequence = 1;
    put_packet(wire, payload_packet(GetParam(), sound), sequence);
    put_packet(wire, event(100 - kChecksumSize) + test::hex("00000000"), sequence);
    send(std::move(wire));
    std::optional<Event> outer;
    while (!outer) outer = reader_->next(milliseconds(100));
    EXPECT_EQ(outer->type, EventType::transaction_payload);
    EXPECT_EQ(outer->rest != nullptr, GetParam() > 0xffffff);
    PayloadReader payload(*outer);
    while (!payload.ended()) {
      const auto raw = payload.next(milliseconds(100));
      if (!raw) continue;
      EXPECT_EQ(told_size(*raw), raw->size());
      bytes_ += raw->size();
      if (!whole) break;
    }
    return bytes_;
  }
  std::size_t bytes_ = 0;
};

TEST_P(WirePayload, ComesInParts) {
  const std::size_t overhead = 1 + kEventHeaderSize + 6 + kChecksumSize;
  EXPECT_EQ(read_payload(true), GetParam() - overhead);
}

TEST_P(WirePayload, NeedNotBeReadToItsEnd) {
  EXPECT_GT(read_payload(true, false), 0U);
  EXPECT_THROW(
      while (true) reader_->next(milliseconds(100)),  // the next event has no sound checksum
      Error);
}

TEST_P(WirePayload, GivesNoLastEventOfADamagedOne) {
  EXPECT_THROW(read_payload(false), Error);
  EXPECT_LT(bytes_, GetParam() - 1'000'000);
}

INSTANTIATE_TEST_SUITE_P(Sizes, WirePayload,
                         testing::Values(3'000'000, 0xffffff - 1, 0xffffff, 0xffffff + 1,
                                         0xffffff + 2, 0xffffff + 4, 2 * 0xffffff - 1, 2 * 0xffffff,
                                         3 * 0xffffff + 5'000'000));

TEST_F(Wire, TellsServerErrors) {
  Bytes wire;
  std::uint8_t sequence = 1;
  put_packet(wire,
             Bytes("\xff\xd4\x04#HY000Could not find first log file name in binary log index file"),
             sequence);
  send(std::move(wire));
  try {
    reader_->next(seconds(5));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::lost_position);
    EXPECT_NE(std::string(error.what()).find("bin.000001:4"), std::string::npos) << error.what();
  }
}

TEST_F(Wire, TellsALinkThatBroke) {
  close(std::exchange(ends_[1], -1));
  try {
    reader_->next(seconds(5));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  }
}

TEST_F(Wire, TellsSilence) {
  SocketEventReader impatient(nullptr, ends_[0], nullptr, {"bin.000001", 4}, seconds(0));
  EXPECT_THROW(impatient.next(milliseconds(5)), Error);
}

TEST(DumpError, TellsWhatToDo) {
  const LogCoordinate at{"bin.000001", 4};
  EXPECT_EQ(
      dump_error(1236,
                 "A replica with the same server_uuid/server_id as this replica has connected", at)
          .kind(),
      ErrorKind::config);
  EXPECT_EQ(dump_error(4052, "Slave was killed", at).kind(), ErrorKind::config);
  EXPECT_EQ(dump_error(1236, "source purged required binary logs", at).kind(),
            ErrorKind::lost_position);
  EXPECT_EQ(dump_error(1236, "Cannot replicate anonymous transaction when", at).kind(),
            ErrorKind::unsupported);
  EXPECT_EQ(dump_error(1053, "Server shutdown in progress", at).kind(), ErrorKind::unavailable);
  EXPECT_EQ(dump_error(2013, "Lost connection", at).kind(), ErrorKind::unavailable);
  EXPECT_EQ(dump_error(1227, "Access denied", at).kind(), ErrorKind::config);
}

TEST(EventOfPacket, TellsKindsApart) {
  EXPECT_EQ(event_of_packet(std::string_view("\0abc", 4), {}), "abc");
  EXPECT_THROW(static_cast<void>(event_of_packet("\xfe\1\1\1\1", {})), Error);
  EXPECT_THROW(static_cast<void>(event_of_packet("", {})), Error);
  EXPECT_THROW(static_cast<void>(event_of_packet("\x07", {})), Error);
}

TEST(ReadBuffer, MovesAndGrows) {
  ReadBuffer buffer(8);
  const auto fill = [&](std::size_t total, std::string_view text) {
    const std::span<char> room = buffer.room(total);
    ASSERT_GE(room.size(), text.size());
    std::ranges::copy(text, room.data());
    buffer.filled(text.size());
  };
  fill(4, "abcdef");
  buffer.consume(4);
  fill(6, "gh");
  EXPECT_EQ(buffer.unread(), "efgh");
  fill(20, "ijklmnopqrst");
  EXPECT_EQ(buffer.unread(), "efghijklmnopqrst");
  buffer.consume(15);
  fill(4, "uv");
  EXPECT_EQ(buffer.unread(), "tuv");
}

TEST(FileEventReader, RefusesOtherFiles) {
  EXPECT_THROW(FileEventReader("/nonexistent"), Error);
  EXPECT_THROW(FileEventReader(std::string(FRESHET_SOURCE_DIR) + "/tests/data/binlog/README.md"),
               Error);
}

}  // namespace
}  // namespace freshet
