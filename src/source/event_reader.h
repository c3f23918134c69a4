#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "model/position.h"
#include "source/binlog_event.h"
#include "source/connection.h"

struct ssl_st;  // SSL of OpenSSL

namespace freshet {

// Gives the events of a binary log in order. One thread at a time.
class EventReader : private BodyParts {
 public:
  EventReader(LogCoordinate start, bool checksums) : framer_(std::move(start), checksums) {}
  ~EventReader() override = default;
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // The next event, or nothing if none came within `wait` (zero: what is there at once). The event
  // lives until the next call. Throws Error{corrupt, unavailable, lost_position, ...}.
  std::optional<Event> next(std::chrono::milliseconds wait);
  // Where the event after the last one begins.
  [[nodiscard]] const LogCoordinate& at() const noexcept { return framer_.at(); }

 private:
  // A whole event; or the first part of a TRANSACTION_PAYLOAD, header included, whose other parts
  // do_next_part() gives.
  virtual std::optional<std::string_view> do_next(std::chrono::milliseconds wait) = 0;
  virtual std::optional<std::string_view> do_next_part(std::chrono::milliseconds wait);

  std::optional<std::string_view> next_part(std::chrono::milliseconds wait) override;
  [[nodiscard]] bool skip_rest(std::chrono::milliseconds wait);

  EventFramer framer_;
  std::optional<EventTail> tail_;  // of the last event, if it comes in parts
};

// Unread bytes at the front, room at the back. Views into it live until the next call of room().
class ReadBuffer {
 public:
  explicit ReadBuffer(std::size_t capacity)
      : bytes_(std::make_unique_for_overwrite<char[]>(capacity)),
        base_(capacity),
        capacity_(capacity) {}

  [[nodiscard]] std::string_view unread() const noexcept {
    return {bytes_.get() + begin_, end_ - begin_};
  }
  void consume(std::size_t n) noexcept { begin_ += n; }
  // Room such that `total` unread bytes fit; moves the unread bytes if need be.
  std::span<char> room(std::size_t total);
  void filled(std::size_t n) noexcept { end_ += n; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t base_;  // returned to after a large event
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Reads a binlog file: what a server wrote, unencrypted. `next` gives nothing at the end of the
// file, and goes on when the file has grown.
class FileEventReader : public EventReader {
 public:
  // Throws Error{failed} where the file cannot be opened, Error{corrupt} where it is no binlog.
  explicit FileEventReader(const std::string& path);
  ~FileEventReader() override;

 private:
  std::optional<std::string_view> do_next(std::chrono::milliseconds wait) override;
  bool fill(std::size_t total);

  int file_;
  ReadBuffer buffer_;
  std::size_t consumed_ = 0;
};

// The error for a server's message in the dump.
[[nodiscard]] Error dump_error(unsigned code, std::string_view message, const LogCoordinate& at);

// What a packet of a dump holds: an event. Throws for ERR and EOF packets.
[[nodiscard]] std::string_view event_of_packet(std::string_view packet, const LogCoordinate& at);

// Joins the packets of a dump; those of a TRANSACTION_PAYLOAD, which may be large and is
// decompressed as it comes, are given one by one. Socket and TLS session stay the connection's.
class SocketEventReader : public EventReader {
 public:
  // `tls`: null reads the socket in plain; else the socket must not block.
  // `silence`: after so long without a byte (heartbeats come more often) the link counts as dead.
  SocketEventReader(std::unique_ptr<Connection> connection, int socket, ssl_st* tls,
                    LogCoordinate start, std::chrono::seconds silence);

 private:
  std::optional<std::string_view> do_next(std::chrono::milliseconds wait) override;
  std::optional<std::string_view> do_next_part(std::chrono::milliseconds wait) override;
  std::optional<std::string_view> take_fragment();
  std::optional<std::string_view> take_packet();
  std::optional<std::string_view> join(std::string_view fragment, std::size_t size);
  bool fill(std::chrono::milliseconds wait);
  std::size_t receive(std::span<char> room);
  std::size_t receive_tls(std::span<char> room);
  bool readable(std::chrono::milliseconds wait);

  std::unique_ptr<Connection> connection_;
  int socket_;
  ssl_st* tls_;
  short awaited_ = 0;  // what poll() is to wait for
  std::chrono::seconds silence_;
  std::chrono::steady_clock::time_point heard_;
  ReadBuffer buffer_;
  std::size_t wanted_ = 4;    // unread bytes that the next packet needs, as far as known
  std::size_t consumed_ = 0;  // size of the packet given out last
  Bytes joined_;              // a payload of several packets
  bool joining_ = false;
  bool in_parts_ = false;  // the packet given out last is full, and not joined with the next
};

}  // namespace freshet
