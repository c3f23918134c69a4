#include "source/event_reader.h"

#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "source/remedy.h"

namespace freshet {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBufferSize = std::size_t{1} << 20;
constexpr std::size_t kPacketHeader = 4;
constexpr std::size_t kFullPacket = 0xffffff;  // a payload of this size goes on in the next packet
constexpr std::string_view kFileMagic = "\xfe\x62\x69\x6e";
constexpr std::string_view kEncryptedMagic = "\xfd\x62\x69\x6e";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::span<char> ReadBuffer::room(std::size_t total) {
  const std::size_t unread = end_ - begin_;
  if (unread == 0) begin_ = end_ = 0;
  const bool shrink = capacity_ > base_ && total <= base_ && unread <= base_;
  if (total > capacity_ || shrink) {
    const std::size_t capacity =
        shrink ? base_ : std::max(total, std::min(2 * capacity_, total + base_));
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (unread > 0) std::memcpy(bytes.get(), bytes_.get() + begin_, unread);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    begin_ = 0;
    end_ = unread;
  } else if (begin_ + total > capacity_ || end_ == capacity_) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, unread);
    begin_ = 0;
    end_ = unread;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

FileEventReader::FileEventReader(const std::string& path)
    : EventReader({std::filesystem::path(path).filename().string(), 4}, true),
      file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      buffer_(kBufferSize) {
  if (file_ < 0) fail(ErrorKind::failed, "cannot open {}: {}", path, std::strerror(errno));
  fill(kFileMagic.size());
  const std::string_view magic = buffer_.unread().substr(0, kFileMagic.size());
  const bool known = magic == kFileMagic;
  if (!known) ::close(file_);
  if (magic == kEncryptedMagic)
    fail(ErrorKind::unsupported, "{} is encrypted: read it from the server, which decrypts it",
         path);
  if (!known) fail(ErrorKind::corrupt, "{} is not a binlog file", path);
  buffer_.consume(kFileMagic.size());
}

FileEventReader::~FileEventReader() { ::close(file_); }

bool FileEventReader::fill(std::size_t total) {
  while (buffer_.unread().size() < total) {
    const std::span<char> room = buffer_.room(total);
    const ssize_t got = ::read(file_, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      fail(ErrorKind::unavailable, "cannot read the binlog file: {}", std::strerror(errno));
    if (got == 0) return false;
    buffer_.filled(static_cast<std::size_t>(got));
  }
  return true;
}

std::optional<std::string_view> FileEventReader::do_next(milliseconds) {
  buffer_.consume(std::exchange(consumed_, 0));
  if (!fill(kEventHeaderSize)) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, buffer_.unread().data() + 9, sizeof size);
  if (size < kEventHeaderSize || size > kMaxEventSize)
    fail(ErrorKind::corrupt, "an event of {} bytes stands at {}", size, to_string(at()));
  if (!fill(size)) return std::nullopt;
  consumed_ = size;
  return buffer_.unread().substr(0, size);
}

Error dump_error(unsigned code, std::string_view message, const LogCoordinate& at) {
  const std::string place = at.known() ? " at " + to_string(at) : "";
  const auto error = [&](ErrorKind kind, std::string_view advice) {
    return Error(kind, fmt::format("the server ended its log{}: {} (error {}){}", place, message,
                                   code, advice));
  };
  constexpr unsigned kFatalReadingBinlog = 1236, kSameServerId = 4052;
  if (code == kSameServerId || contains(message, "same server_uuid/server_id"))
    return error(
        ErrorKind::config,
        ": another reader of this log has our server_id (`freshet check` tells which): set "
        "source.server_id to a number that nobody else has, or to 0 for a random one");
  if (contains(message, "anonymous transaction"))
    return error(
        ErrorKind::unsupported,
        ": gtid_mode was switched on; let it be ON_PERMISSIVE until we are past this place");
  // "source purged required binary logs", "Could not find GTID state requested by slave in any
  // binlog files", "Could not find first log file name in binary log index file"
  if (contains(message, "purged required") || contains(message, "in any binlog files") ||
      contains(message, "Could not find first log file"))
    return error(ErrorKind::lost_position,
                 fmt::format("; it has deleted log that was still to be read: keep logs longer "
                             "(`freshet check`), and {}",
                             kLoadAnew));
  if (contains(message, "max_allowed_packet")) return error(ErrorKind::unsupported, "");
  if (code == kFatalReadingBinlog)
    return error(ErrorKind::lost_position,
                 fmt::format("; this is not the log that was read before: point source.url at the "
                             "server that has it, or {}",
                             kLoadAnew));
  constexpr unsigned kAccessDenied[] = {1045, 1142, 1227};
  if (std::ranges::find(kAccessDenied, code) != std::end(kAccessDenied))
    return error(ErrorKind::config, "; the user needs REPLICATION SLAVE");
  constexpr unsigned kGoingAway[] = {1053, 1077, 1079, 1152, 1158, 1159, 1160,
                                     1161, 1317, 1927, 2006, 2013, 2026};
  if (std::ranges::find(kGoingAway, code) != std::end(kGoingAway))
    return error(ErrorKind::unavailable, "");
  return error(ErrorKind::failed, "");
}

std::string_view event_of_packet(std::string_view packet, const LogCoordinate& at) {
  constexpr std::uint8_t kOk = 0x00, kEof = 0xfe, kError = 0xff;
  ByteReader in(packet);
  const std::uint8_t status = in.u8();
  if (status == kOk) return in.rest();
  if (status == kEof && packet.size() < 9)
    fail(ErrorKind::unavailable, "the server ended its log at {}", to_string(at));
  if (status != kError)
    fail(ErrorKind::corrupt, "a packet of the log begins with byte {:#x}, after {}", status,
         to_string(at));
  const auto code = in.fixed<std::uint16_t>();
  std::string_view message = in.rest();
  if (message.starts_with('#') && message.size() >= 6) message.remove_prefix(6);
  throw dump_error(code, message, at);
}

SocketEventReader::SocketEventReader(std::unique_ptr<Connection> connection, int socket,
                                     LogCoordinate start, std::chrono::seconds silence)
    : EventReader(std::move(start), true),
      connection_(std::move(connection)),
      socket_(socket),
      silence_(silence),
      heard_(std::chrono::steady_clock::now()),
      buffer_(kBufferSize) {}

std::optional<std::string_view> SocketEventReader::do_next(milliseconds wait) {
  buffer_.consume(std::exchange(consumed_, 0));
  while (true) {
    if (const auto packet = take_packet()) return event_of_packet(*packet, at());
    if (!fill(wait)) return std::nullopt;
  }
}

// A whole payload from the front of the buffer, if it is there.
std::optional<std::string_view> SocketEventReader::take_packet() {
  while (true) {
    const std::string_view unread = buffer_.unread();
    wanted_ = kPacketHeader;
    if (unread.size() < kPacketHeader) return std::nullopt;
    const std::size_t size = ByteReader(unread).le(3);
    wanted_ = kPacketHeader + size;
    if (unread.size() < wanted_) return std::nullopt;
    const std::string_view fragment = unread.substr(kPacketHeader, size);
    if (!joining_ && size < kFullPacket) {
      consumed_ = wanted_;
      return fragment;
    }
    if (const auto whole = join(fragment, size)) return whole;
  }
}

std::optional<std::string_view> SocketEventReader::join(std::string_view fragment,
                                                        std::size_t size) {
  if (!joining_) joined_.clear();
  if (joined_.size() + size > kMaxEventSize + 1)
    fail(ErrorKind::corrupt, "an event after {} is larger than 1 GiB", to_string(at()));
  joined_ += fragment;
  buffer_.consume(kPacketHeader + size);
  joining_ = size == kFullPacket;
  if (joining_) return std::nullopt;
  return joined_;
}

bool SocketEventReader::fill(milliseconds wait) {
  if (!joining_ && joined_.capacity() > 2 * kFullPacket) Bytes().swap(joined_);
  const std::span<char> room = buffer_.room(wanted_);
  while (true) {
    const ssize_t got = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0) {
      buffer_.filled(static_cast<std::size_t>(got));
      heard_ = std::chrono::steady_clock::now();
      return true;
    }
    if (got == 0)
      fail(ErrorKind::unavailable, "the server closed the link after {}", to_string(at()));
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      fail(ErrorKind::unavailable, "the link broke after {}: {}", to_string(at()),
           std::strerror(errno));
    if (wait == milliseconds::zero() || !readable(wait)) return false;
  }
}

bool SocketEventReader::readable(milliseconds wait) {
  pollfd waited{socket_, POLLIN, 0};
  const int ready = ::poll(&waited, 1, static_cast<int>(wait.count()));
  if (ready > 0) return true;
  if (std::chrono::steady_clock::now() - heard_ > silence_)
    fail(ErrorKind::unavailable, "the server has been silent for {} s after {}", silence_.count(),
         to_string(at()));
  return false;
}

LibraryEventReader::LibraryEventReader(std::unique_ptr<Connection> connection, LogCoordinate start)
    : EventReader(std::move(start), true),
      connection_(std::move(connection)),
      thread_([this](const std::stop_token& stop) { pump(stop); }) {}

LibraryEventReader::~LibraryEventReader() {
  thread_.request_stop();
  connection_->cancel();
  thread_.join();
}

void LibraryEventReader::pump(const std::stop_token& stop) {
  constexpr auto kPacketError =
      static_cast<std::uint32_t>(-1);  // an unsigned int, in an unsigned long
  st_mysql* mysql = connection_->handle();
  try {
    while (!stop.stop_requested()) {
      const unsigned long size = mysql_net_read_packet(mysql);
      if (size == kPacketError) throw dump_error(mysql_errno(mysql), mysql_error(mysql), {});
      offer({reinterpret_cast<const char*>(mysql->net.read_pos), size}, stop);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  changed_.notify_all();
}

void LibraryEventReader::offer(std::string_view packet, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop,
                [&] { return queued_.empty() || queued_.size() + packet.size() <= kQueueSize; });
  put_fixed(queued_, static_cast<std::uint32_t>(packet.size()));
  queued_ += packet;
  lock.unlock();
  changed_.notify_all();
}

std::optional<std::string_view> LibraryEventReader::do_next(milliseconds wait) {
  if (given_ == current_.size()) {
    current_.clear();
    given_ = 0;
    if (current_.capacity() > 2 * kQueueSize) current_.shrink_to_fit();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [&] { return !queued_.empty() || failure_; });
    if (queued_.empty() && failure_) std::rethrow_exception(failure_);
    current_.swap(queued_);
    lock.unlock();
    changed_.notify_all();
    if (current_.empty()) return std::nullopt;
  }
  ByteReader in(std::string_view(current_).substr(given_));
  const std::string_view packet = in.take(in.fixed<std::uint32_t>());
  given_ += in.offset();
  return event_of_packet(packet, at());
}

}  // namespace freshet
