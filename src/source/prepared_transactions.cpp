#include "source/prepared_transactions.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace freshet {

namespace {

namespace fs = std::filesystem;

// The file: magic, SHA-256 of the xid, (u32 LE length, piece)*. A piece may be sealed; all of them
// together are (kEvent, event head, body)*, kEnd, and none ends within an event.
constexpr std::string_view kMagic = "FXA2";
constexpr char kEvent = 1, kEnd = 0;
constexpr std::size_t kMemoryOfOne = std::size_t{1} << 20;
constexpr std::size_t kMemoryOfAll = std::size_t{16} << 20;

// xa-<hash of the xid> and one of these; a used file is xa-<hash>.used.<offset>.<log file>.
constexpr std::string_view kPrefix = "xa-", kUnfinished = ".part", kFinished = ".prepared",
                           kUsed = ".used.";

constexpr std::size_t kHeadSize = 1 + 4 + 4 + 2 + 4;  // of an event: see put_event()

Bytes digest_of(std::string_view xid) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(xid.data(), xid.size(), digest, &size, EVP_sha256(), nullptr) != 1)
    fail(ErrorKind::internal, "SHA-256 cannot be computed");
  return {reinterpret_cast<const char*>(digest), size};
}

// An xid has up to 128 bytes, in hexadecimal digits more than a file name may have.
std::string file_stem(std::string_view xid) {
  std::string name(kPrefix);
  for (const char byte : digest_of(xid).substr(0, 16))
    name += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return name;
}

Bytes file_head(std::string_view xid) { return Bytes(kMagic) + digest_of(xid); }

void put_event(Bytes& out, const Event& event) {
  put_u8(out, kEvent);
  put_u8(out, static_cast<std::uint8_t>(event.type));
  put_fixed(out, event.timestamp);
  put_fixed(out, event.server_id);
  put_fixed(out, event.flags);
  put_fixed(out, static_cast<std::uint32_t>(event.body.size()));
  out += event.body;
}

// The place in the name of a used file.
std::optional<LogCoordinate> place_in_name(std::string_view name) {
  const std::size_t at = name.find(kUsed);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view place = name.substr(at + kUsed.size());
  LogCoordinate end;
  const auto [next, error] = std::from_chars(place.data(), place.data() + place.size(), end.offset);
  if (error != std::errc() || next == place.data() + place.size()) return std::nullopt;
  end.file = place.substr(static_cast<std::size_t>(next - place.data()) + 1);
  return end;
}

}  // namespace

// ---- HeldEvents

HeldEvents::HeldEvents(std::shared_ptr<const Bytes> events) : events_(std::move(events)) {}

HeldEvents::HeldEvents(const Spool& spool, fs::path file, std::string_view xid)
    : events_(std::make_shared<const Bytes>()),
      path_(std::move(file)),
      file_(path_, std::ios::binary),
      unseal_(spool.unseal) {
  std::error_code error;
  unread_ = fs::file_size(path_, error);
  if (!file_ || error)
    fail(ErrorKind::unavailable, "cannot open {}: {}", path_.string(), std::strerror(errno));
  const Bytes expected = file_head(xid);
  if (read(expected.size()) != expected)
    fail(ErrorKind::corrupt, "{} does not hold the XA transaction that its name says",
         path_.string());
}

// The next bytes of the file.
Bytes HeldEvents::read(std::size_t size) {
  if (size > unread_)
    fail(ErrorKind::corrupt, "{}, of a prepared XA transaction, is cut short", path_.string());
  Bytes bytes;
  // GCC 12 tells the function of the new capacity, not of the size asked for.
  bytes.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  file_.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file_) fail(ErrorKind::unavailable, "cannot read {}", path_.string());
  unread_ -= size;
  return bytes;
}

void HeldEvents::read_piece() {
  const Bytes head = read(sizeof(std::uint32_t));
  Bytes stored = read(ByteReader(head).fixed<std::uint32_t>());
  events_ = std::make_shared<const Bytes>(unseal_ ? unseal_(stored) : std::move(stored));
  at_ = 0;
}

// The next bytes, which lie in one piece; fewer, or none, at the end of what is in memory.
std::string_view HeldEvents::take(std::size_t size) {
  while (!path_.empty() && at_ == events_->size()) read_piece();
  const std::string_view bytes = std::string_view(*events_).substr(at_, size);
  if (!path_.empty() && bytes.size() < size)
    fail(ErrorKind::corrupt, "{}, of a prepared XA transaction, is cut short", path_.string());
  at_ += bytes.size();
  return bytes;
}

std::optional<Event> HeldEvents::next() {
  const std::string_view tag = take(1);
  if (tag.empty() || tag[0] == kEnd) return std::nullopt;
  ByteReader head(take(kHeadSize));
  Event event;
  event.type = static_cast<EventType>(head.u8());
  event.timestamp = head.fixed<std::uint32_t>();
  event.server_id = head.fixed<std::uint32_t>();
  event.flags = head.fixed<std::uint16_t>();
  event.body = take(head.fixed<std::uint32_t>());
  return event;
}

// ---- PreparedTransactions

PreparedTransactions::PreparedTransactions(Spool spool, const LogCoordinate& start)
    : spool_(std::move(spool)) {
  make_directories(spool_.directory);
  recover(start);
}

// Of the files that an earlier process left, those of transactions whose outcome will be met again
// wait for it. An xid may have been used several times: the first of them comes first.
void PreparedTransactions::recover(const LogCoordinate& start) {
  for (const fs::directory_entry& entry : fs::directory_iterator(spool_.directory)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    if (name.ends_with(kUnfinished)) remove_file_if_present(entry.path());
    if (const auto end = place_in_name(name)) used_.push_back({entry.path(), *end});
  }
  if (start.known()) forget_before(start);
  std::ranges::sort(used_, std::greater(), &Used::end);
  for (const Used& used : used_) {
    const std::string name = used.file.filename().string();
    rename_file(used.file,
                spool_.directory / (name.substr(0, name.find(kUsed)) + std::string(kFinished)));
  }
  used_.clear();
}

fs::path PreparedTransactions::unfinished(const std::string& xid) const {
  return spool_.directory / (file_stem(xid) + std::string(kUnfinished));
}

fs::path PreparedTransactions::finished(const std::string& xid) const {
  return spool_.directory / (file_stem(xid) + std::string(kFinished));
}

void PreparedTransactions::open(std::string xid) {
  if (open_) fail(ErrorKind::corrupt, "an XA transaction begins within another");
  open_.emplace().xid = std::move(xid);
}

void PreparedTransactions::add(const Event& event) {
  put_event(*open_->memory, event);
  if (open_->memory->size() > kMemoryOfOne) spill(*open_);
}

// Events as the file has them.
Bytes PreparedTransactions::piece(const Bytes& events) const {
  const Bytes stored = spool_.seal ? spool_.seal(events) : events;
  if (stored.size() > UINT32_MAX)
    fail(ErrorKind::unsupported, "an event of an XA transaction is larger than 4 GiB");
  Bytes piece;
  put_fixed(piece, static_cast<std::uint32_t>(stored.size()));
  return piece += stored;
}

// Moves what is in memory to the end of the unfinished file.
void PreparedTransactions::spill(Entry& entry) {
  const fs::path path = unfinished(entry.xid);
  const auto mode = entry.spilled ? std::ios::app : std::ios::trunc;
  std::ofstream file(path, std::ios::binary | mode);
  const Bytes head = entry.spilled ? Bytes() : file_head(entry.xid);
  const Bytes events = piece(*entry.memory);
  file.write(head.data(), static_cast<std::streamsize>(head.size()));
  file.write(events.data(), static_cast<std::streamsize>(events.size()));
  file.close();
  if (!file)
    fail(ErrorKind::unavailable, "cannot write {}, which holds an XA transaction: {}",
         path.string(), std::strerror(errno));
  entry.spilled = true;
  entry.memory->clear();
}

// No more events come.
void PreparedTransactions::seal(Entry& entry) {
  if (!entry.spilled) return;
  put_u8(*entry.memory, kEnd);
  spill(entry);
  entry.memory = std::make_shared<Bytes>();
}

HeldEvents PreparedTransactions::take() {
  Entry entry = *std::exchange(open_, std::nullopt);
  seal(entry);
  if (!entry.spilled) return HeldEvents(std::move(entry.memory));
  HeldEvents events(spool_, unfinished(entry.xid), entry.xid);
  remove_file_if_present(unfinished(entry.xid));  // it lives as long as it is read
  return events;
}

void PreparedTransactions::prepare() {
  Entry entry = *std::exchange(open_, std::nullopt);
  seal(entry);
  memory_ += entry.memory->size();
  const std::string xid = entry.xid;
  prepared_[xid] = std::move(entry);
  if (memory_ > kMemoryOfAll) persist();
}

void PreparedTransactions::discard() noexcept { open_.reset(); }

std::optional<HeldEvents> PreparedTransactions::commit(const std::string& xid) {
  if (const auto found = prepared_.find(xid); found != prepared_.end()) {
    committing_ = std::move(found->second);
    prepared_.erase(found);
    memory_ -= committing_->memory->size();
    if (!committing_->spilled) return HeldEvents(committing_->memory);
    return HeldEvents(spool_, unfinished(xid), xid);
  }
  std::error_code ignored;
  if (!fs::exists(finished(xid), ignored)) return std::nullopt;
  committing_.emplace();
  committing_->xid = xid;
  committing_->durable = true;
  return HeldEvents(spool_, finished(xid), xid);
}

void PreparedTransactions::finish(const LogCoordinate& end) {
  const Entry entry = *std::exchange(committing_, std::nullopt);
  if (!entry.durable) {
    if (entry.spilled) remove_file_if_present(unfinished(entry.xid));
    return;
  }
  fs::path used = spool_.directory /
                  fmt::format("{}{}{}.{}", file_stem(entry.xid), kUsed, end.offset, end.file);
  rename_file(finished(entry.xid), used);
  used_.push_back({used, end});
}

void PreparedTransactions::roll_back(const std::string& xid) {
  if (const auto found = prepared_.find(xid); found != prepared_.end()) {
    memory_ -= found->second.memory->size();
    prepared_.erase(found);
  }
  remove_file_if_present(unfinished(xid));
  remove_file_if_present(finished(xid));
}

// Gives an entry its finished file. The name is durable only once the directory is.
void PreparedTransactions::store(Entry& entry) {
  const fs::path path = unfinished(entry.xid);
  if (entry.spilled) {
    sync_file(path);
  } else {
    Bytes events = *entry.memory;
    put_u8(events, kEnd);
    write_file(path, file_head(entry.xid) + piece(events));
  }
  rename_file(path, finished(entry.xid));
  entry.durable = true;
}

void PreparedTransactions::persist() {
  const bool needed = !prepared_.empty() || (committing_ && !committing_->durable);
  if (!needed) return;
  for (auto& [xid, entry] : prepared_) store(entry);
  if (committing_ && !committing_->durable) store(*committing_);
  sync_directory(spool_.directory);
  prepared_.clear();
  memory_ = 0;
}

void PreparedTransactions::forget_before(const LogCoordinate& durable) {
  std::erase_if(used_, [&](const Used& used) {
    if (used.end > durable) return false;
    remove_file_if_present(used.file);
    return true;
  });
}

}  // namespace freshet
