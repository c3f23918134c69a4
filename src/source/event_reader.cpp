#include "source/event_reader.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
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

// Of a TRANSACTION_PAYLOAD that goes on.
bool is_first_part(std::string_view raw) {
  constexpr std::size_t kTypeAt = 4;
  const std::optional<std::size_t> size = told_size(raw);
  return size && *size > raw.size() &&
         static_cast<EventType>(raw[kTypeAt]) == EventType::transaction_payload;
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

std::optional<Event> EventReader::next(milliseconds wait) {
  if (!skip_rest(wait)) return std::nullopt;
  const std::optional<std::string_view> raw = do_next(wait);
  if (!raw) return std::nullopt;
  if (!is_first_part(*raw)) return framer_.frame(*raw);
  Event event = framer_.frame_first(*raw, tail_);
  event.rest = this;
  return event;
}

// What nobody has read of the last event.
bool EventReader::skip_rest(milliseconds wait) {
  while (tail_ && !tail_->complete())
    if (next_part(wait) == "") return false;
  tail_.reset();
  return true;
}

std::optional<std::string_view> EventReader::next_part(milliseconds wait) {
  if (!tail_ || tail_->complete()) return std::nullopt;
  const std::optional<std::string_view> raw = do_next_part(wait);
  if (!raw) return std::string_view();
  return tail_->take(*raw);
}

std::optional<std::string_view> EventReader::do_next_part(milliseconds) {
  fail(ErrorKind::corrupt, "an event after {} is cut short", to_string(at()));
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
                                     ssl_st* tls, LogCoordinate start, std::chrono::seconds silence)
    : EventReader(std::move(start), true),
      connection_(std::move(connection)),
      socket_(socket),
      tls_(tls),
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

std::optional<std::string_view> SocketEventReader::do_next_part(milliseconds wait) {
  if (!in_parts_) fail(ErrorKind::corrupt, "an event after {} is cut short", to_string(at()));
  buffer_.consume(std::exchange(consumed_, 0));
  while (true) {
    if (const auto fragment = take_fragment()) {
      consumed_ = wanted_;
      in_parts_ = fragment->size() == kFullPacket;
      return fragment;
    }
    if (!fill(wait)) return std::nullopt;
  }
}

// What the packet at the front of the buffer holds, if it is there.
std::optional<std::string_view> SocketEventReader::take_fragment() {
  const std::string_view unread = buffer_.unread();
  wanted_ = kPacketHeader;
  if (unread.size() < kPacketHeader) return std::nullopt;
  const std::size_t size = ByteReader(unread).le(3);
  wanted_ = kPacketHeader + size;
  if (unread.size() < wanted_) return std::nullopt;
  return unread.substr(kPacketHeader, size);
}

// A whole payload from the front of the buffer, or the first part of one, if it is there.
std::optional<std::string_view> SocketEventReader::take_packet() {
  while (true) {
    const std::optional<std::string_view> fragment = take_fragment();
    if (!fragment) return std::nullopt;
    const bool full = fragment->size() == kFullPacket;
    if (std::exchange(in_parts_, false)) {  // the empty one that closes a full one
      if (!fragment->empty())
        fail(ErrorKind::corrupt, "an event goes on beyond its end, at {}", to_string(at()));
      buffer_.consume(kPacketHeader);
      continue;
    }
    if (!joining_ && (!full || is_first_part(fragment->substr(1)))) {
      in_parts_ = full;
      consumed_ = wanted_;
      return fragment;
    }
    if (const auto whole = join(*fragment, fragment->size())) return whole;
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
    if (const std::size_t got = tls_ != nullptr ? receive_tls(room) : receive(room); got > 0) {
      buffer_.filled(got);
      heard_ = std::chrono::steady_clock::now();
      return true;
    }
    if (wait == milliseconds::zero() || !readable(wait)) return false;
  }
}

// The bytes that are there, or none.
std::size_t SocketEventReader::receive(std::span<char> room) {
  while (true) {
    const ssize_t got = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0)
      fail(ErrorKind::unavailable, "the server closed the link after {}", to_string(at()));
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      fail(ErrorKind::unavailable, "the link broke after {}: {}", to_string(at()),
           std::strerror(errno));
    awaited_ = POLLIN;
    return 0;
  }
}

// The same, a record of TLS at a time.
std::size_t SocketEventReader::receive_tls(std::span<char> room) {
  std::size_t total = 0;
  ERR_clear_error();
  while (total < room.size()) {
    std::size_t got = 0;
    if (SSL_read_ex(tls_, room.data() + total, room.size() - total, &got) != 1) break;
    total += got;
  }
  if (total > 0) return total;  // an error comes again
  switch (SSL_get_error(tls_, 0)) {
    case SSL_ERROR_WANT_READ: awaited_ = POLLIN; return 0;
    case SSL_ERROR_WANT_WRITE: awaited_ = POLLOUT; return 0;
    case SSL_ERROR_ZERO_RETURN:
      fail(ErrorKind::unavailable, "the server closed the link after {}", to_string(at()));
    default: fail(ErrorKind::unavailable, "the encrypted link broke after {}", to_string(at()));
  }
}

bool SocketEventReader::readable(milliseconds wait) {
  pollfd waited{socket_, awaited_, 0};
  const int ready = ::poll(&waited, 1, static_cast<int>(wait.count()));
  if (ready > 0) return true;
  if (std::chrono::steady_clock::now() - heard_ > silence_)
    fail(ErrorKind::unavailable, "the server has been silent for {} s after {}", silence_.count(),
         to_string(at()));
  return false;
}

}  // namespace freshet
