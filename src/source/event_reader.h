#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "base/bytes.h"
#include "model/position.h"
#include "source/binlog_event.h"
#include "source/connection.h"

namespace freshet {

// Gives the events of a binary log in order. One thread at a time.
class EventReader {
 public:
  EventReader(LogCoordinate start, bool checksums) : framer_(std::move(start), checksums) {}
  virtual ~EventReader() = default;
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // The next event, or nothing if none came within `wait` (zero: what is there at once). The event
  // lives until the next call. Throws Error{corrupt, unavailable, lost_position, ...}.
  std::optional<Event> next(std::chrono::milliseconds wait) {
    const std::optional<std::string_view> raw = do_next(wait);
    if (!raw) return std::nullopt;
    return framer_.frame(*raw);
  }
  // Where the event after the last one begins.
  [[nodiscard]] const LogCoordinate& at() const noexcept { return framer_.at(); }

 private:
  virtual std::optional<std::string_view> do_next(std::chrono::milliseconds wait) = 0;

  EventFramer framer_;
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

// Joins the packets of a dump on a plain socket. The socket stays the connection's.
class SocketEventReader : public EventReader {
 public:
  // `silence`: after so long without a byte (heartbeats come more often) the link counts as dead.
  SocketEventReader(std::unique_ptr<Connection> connection, int socket, LogCoordinate start,
                    std::chrono::seconds silence);

 private:
  std::optional<std::string_view> do_next(std::chrono::milliseconds wait) override;
  std::optional<std::string_view> take_packet();
  std::optional<std::string_view> join(std::string_view fragment, std::size_t size);
  bool fill(std::chrono::milliseconds wait);
  bool readable(std::chrono::milliseconds wait);

  std::unique_ptr<Connection> connection_;
  int socket_;
  std::chrono::seconds silence_;
  std::chrono::steady_clock::time_point heard_;
  ReadBuffer buffer_;
  std::size_t wanted_ = 4;    // unread bytes that the next packet needs, as far as known
  std::size_t consumed_ = 0;  // size of the packet given out last
  Bytes joined_;              // a payload of several packets
  bool joining_ = false;
};

// Reads a dump through the library in a thread of its own, since the library has no way to ask
// whether a packet is there. At most `kQueueSize` bytes (or one event) wait.
class LibraryEventReader : public EventReader {
 public:
  LibraryEventReader(std::unique_ptr<Connection> connection, LogCoordinate start);
  ~LibraryEventReader() override;

 private:
  static constexpr std::size_t kQueueSize = std::size_t{4} << 20;

  std::optional<std::string_view> do_next(std::chrono::milliseconds wait) override;
  void pump(const std::stop_token& stop);
  void offer(std::string_view packet, const std::stop_token& stop);

  std::unique_ptr<Connection> connection_;
  Bytes current_;          // packets being given out: u32 length, bytes
  std::size_t given_ = 0;  // of current_
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Bytes queued_;                // guarded by mutex_
  std::exception_ptr failure_;  // guarded by mutex_
  std::jthread thread_;         // last: it uses all the above
};

}  // namespace freshet
