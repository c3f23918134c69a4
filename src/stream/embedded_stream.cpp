#include "stream/embedded_stream.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "stream/block_store.h"
#include "stream/durable_mark.h"
#include "stream/embedded_writer.h"

namespace freshet {
namespace {

using std::chrono::milliseconds;

// How often a reader in another process looks at the durable mark.
constexpr milliseconds kFollowInterval{1};
// The writer may replace its log and files while a follower reads them; the follower then misses
// what stands in neither the old ones nor those it knows. Only what it still misses after as many
// attempts, with longer and longer pauses (half a second in all), is really not there.
constexpr int kFollowAttempts = 30;
constexpr int kOpenAttempts = 5;
// A follower shares the machine with the writer: it keeps little of its own.
constexpr EmbeddedStreamOptions kFollowerOptions{.write_buffer_bytes = std::size_t{32} << 20,
                                                 .block_cache_bytes = std::size_t{4} << 20};

// What a reader needs of the stream that it reads.
class Feed {
 public:
  virtual ~Feed() = default;
  [[nodiscard]] virtual const BlockStore& store() const = 0;
  [[nodiscard]] virtual StreamOffset first() = 0;
  [[nodiscard]] virtual StreamOffset durable() = 0;
  // Waits until `offset` is durable; says whether it is.
  [[nodiscard]] virtual bool wait_for(StreamOffset offset, milliseconds wait,
                                      const std::stop_token& stop) = 0;
  // After something was not found: waits a little and brings the store up to date. False where that
  // cannot help, or has not helped often enough.
  [[nodiscard]] virtual bool refresh(int attempt) = 0;

  // What read() gives, once it gives something; nothing where that is in vain.
  template <typename Read>
  auto find(Read read) -> decltype(read()) {
    for (int attempt = 1;; ++attempt) {
      auto found = read();
      if (found || !refresh(attempt)) return found;
    }
  }
};

class Reader final : public StreamReader {
 public:
  explicit Reader(Feed& feed) : feed_(feed), at_(feed.first() - 1) {}

  void seek(StreamOffset offset) override {
    const StreamOffset first = feed_.first();
    if (offset + 1 < first) fail_trimmed(offset + 1, first);
    const StreamOffset last = feed_.durable();
    if (offset > last)
      fail(ErrorKind::lost_position,
           "a reader stands at change {}, but the stream ends at {}: it is another stream than the "
           "one that was read before",
           offset, last);
    at_ = offset;
    at_block_start_ = false;
  }

  std::optional<StreamBlock> next(milliseconds wait, std::stop_token stop) override {
    const StreamOffset wanted = at_ + 1;
    if (!feed_.wait_for(wanted, wait, stop)) return std::nullopt;
    std::optional<StreamBlock> block = feed_.find([&] {
      return at_block_start_ ? feed_.store().block_at(wanted) : feed_.store().block_holding(wanted);
    });
    if (!block) fail_missing(wanted);
    at_ = block->last();
    at_block_start_ = true;  // offsets have no gaps, so the next block is found by its key
    return block;
  }

  SchemaPtr schema(std::uint64_t fingerprint) override {
    SchemaPtr& known = schemas_[fingerprint];
    if (!known) known = feed_.find([&] { return feed_.store().schema(fingerprint); });
    if (!known)
      fail(ErrorKind::corrupt, "the stream has no table schema {:016x}, which a block names",
           fingerprint);
    return known;
  }

 private:
  [[noreturn]] static void fail_trimmed(StreamOffset wanted, StreamOffset first) {
    fail(ErrorKind::lost_position,
         "change {} is past its retention: the oldest one that the stream keeps is {}", wanted,
         first);
  }
  [[noreturn]] void fail_missing(StreamOffset wanted) {
    const StreamOffset first = feed_.first();
    if (wanted < first) fail_trimmed(wanted, first);
    fail(ErrorKind::corrupt, "the stream has no block with change {}, although it ends later",
         wanted);
  }

  Feed& feed_;
  StreamOffset at_;  // the last change given
  bool at_block_start_ = false;
  std::unordered_map<std::uint64_t, SchemaPtr> schemas_;
};

// What writing and following streams share.
class StreamBase : public EmbeddedStream, public Feed {
 public:
  StreamBase(std::filesystem::path directory, const EmbeddedStreamOptions& options, StoreMode mode)
      : directory_(std::move(directory)), store_(directory_, options, mode) {}

  std::unique_ptr<StreamReader> reader() override { return std::make_unique<Reader>(*this); }
  StreamOffset first_offset() override { return first(); }
  StreamOffset last_offset() override { return durable(); }
  std::uint64_t size_bytes() override { return store_.size_bytes(); }
  std::string source_state() override {
    (void)durable();  // a follower catches up
    return store_.state().source_state;
  }
  std::vector<StatePart> source_parts() override {
    (void)durable();  // a follower catches up
    return store_.parts();
  }

  StreamOffset offset_before(std::int64_t micros) override {
    return first_block_where(
               [&](const BlockPlace& block) { return block.append_micros >= micros; }) -
           1;
  }

 protected:
  const BlockStore& store() const override { return store_; }

  // Start of the first durable block for which `holds` is true; it must then be true for all later
  // ones. The offset after the last change if there is none. Reads a logarithm of the blocks.
  template <typename Predicate>
  StreamOffset first_block_where(Predicate holds) {
    StreamOffset low = first();
    StreamOffset high = durable() + 1;
    while (low < high) {
      const StreamOffset middle = low + (high - low) / 2;
      const std::optional<BlockPlace> block = find([&] { return store_.place_of(middle); });
      if (!block)  // trimmed meanwhile, or damage
        fail(middle < first() ? ErrorKind::lost_position : ErrorKind::corrupt,
             "the stream in {} has no block with change {}", directory_.string(), middle);
      if (holds(*block))
        high = block->first;
      else
        low = block->last + 1;
    }
    return low;
  }

  std::filesystem::path directory_;
  BlockStore store_;
};

class WritingStream final : public StreamBase {
 public:
  WritingStream(const std::filesystem::path& directory, const EmbeddedStreamOptions& options,
                DurableMark mark)
      : StreamBase(directory, options, mark.next() == 0 ? StoreMode::create : StoreMode::write),
        options_(options),
        mark_(std::move(mark)),
        end_(store_.state().last),
        first_(store_.first_offset()),
        writer_(directory, store_, mark_, end_, options.compression) {
    // What recovery brought back, RocksDB has written to synced files by now.
    const bool made = mark_.next() == 0;
    mark_.set_next(end_.last() + 1);
    if (!made) return;
    mark_.sync();
    sync_directory(directory);
  }

  StreamWriter& writer() override { return writer_; }

  void trim(StreamOffset keep_from) override { trim(keep_from, options_.retention); }
  void trim(StreamOffset keep_from, milliseconds age) override {
    const std::lock_guard one_at_a_time(trim_mutex_);
    const StreamOffset cut = std::min(cut_by_reader(keep_from), cut_by_limits(age));
    if (cut <= first_) return;
    // Readers learn the line first: a block that goes under one is then past retention, not
    // missing.
    first_ = cut;
    store_.drop_before(cut);
    if (store_.size_bytes() < options_.write_buffer_bytes) store_.rewrite_before(cut);
  }

 private:
  StreamOffset first() override { return first_; }
  StreamOffset durable() override { return end_.last(); }
  bool wait_for(StreamOffset offset, milliseconds wait, const std::stop_token& stop) override {
    return end_.wait_for(offset, wait, stop);
  }
  bool refresh(int) override { return false; }

  // Both cuts are the first change to keep: the start of a block, or the end of the stream.
  StreamOffset cut_by_reader(StreamOffset keep_from) {
    if (keep_from <= first_) return first_;
    return first_block_where([&](const BlockPlace& block) { return block.last >= keep_from; });
  }

  StreamOffset cut_by_limits(milliseconds age) {
    const std::int64_t oldest = now_micros() - std::chrono::microseconds(age).count();
    const StreamOffset by_age = offset_before(oldest) + 1;
    if (options_.max_bytes == 0 || store_.bytes_from(first_) <= options_.max_bytes) return by_age;
    const StreamOffset by_size = first_block_where([&](const BlockPlace& block) {
      return store_.bytes_from(block.first) <= options_.max_bytes;
    });
    return std::max(by_age, by_size);
  }

  const EmbeddedStreamOptions options_;
  DurableMark mark_;
  DurableEnd end_;
  std::atomic<StreamOffset> first_;
  EmbeddedWriter writer_;
  std::mutex trim_mutex_;
};

class FollowingStream final : public StreamBase {
 public:
  FollowingStream(const std::filesystem::path& directory, DurableMark mark)
      : StreamBase(directory, kFollowerOptions, StoreMode::follow), mark_(std::move(mark)) {}

  StreamWriter& writer() override { fail_reader(); }
  void trim(StreamOffset) override { fail_reader(); }
  void trim(StreamOffset, milliseconds) override { fail_reader(); }

 private:
  [[noreturn]] static void fail_reader() {
    fail(ErrorKind::internal, "a stream that was opened for reading cannot be changed");
  }

  StreamOffset first() override {
    reach(mark_.next() - 1);
    return store_.first_offset();
  }

  StreamOffset durable() override {
    const StreamOffset last = mark_.next() - 1;
    reach(last);
    return last;
  }

  bool wait_for(StreamOffset offset, milliseconds wait, const std::stop_token& stop) override {
    const Stopwatch waited;
    while (mark_.next() <= offset) {
      if (stop.stop_requested() || waited.elapsed() >= wait) return false;
      std::this_thread::sleep_for(kFollowInterval);
    }
    reach(offset);
    return !stop.stop_requested();
  }

  bool refresh(int attempt) override {
    if (attempt >= kFollowAttempts) return false;
    std::this_thread::sleep_for(kFollowInterval * attempt);
    const std::lock_guard lock(mutex_);
    catch_up(attempt);
    return true;
  }

  // Brings this copy of the stream up to `last`, a durable change.
  void reach(StreamOffset last) {
    const std::lock_guard lock(mutex_);
    for (int attempt = 1; !reached_ || *reached_ < last; ++attempt) {
      if (attempt > 1) std::this_thread::sleep_for(kFollowInterval * attempt);
      catch_up(attempt);
      if (attempt == kFollowAttempts) return;  // the read that follows tells what is missing
    }
  }

  // Requires mutex_. Fails only at the last attempt.
  void catch_up(int attempt) {
    try {
      store_.catch_up();
      reached_ = store_.state().last;
    } catch (const Error&) {
      if (attempt >= kFollowAttempts) throw;
    }
  }

  DurableMark mark_;
  std::mutex mutex_;
  std::optional<StreamOffset> reached_;  // nothing before the first catch-up
};

void require_stream_or_empty(const std::filesystem::path& directory) {
  if (DurableMark::present(directory) || std::filesystem::is_empty(directory)) return;
  if (std::filesystem::exists(directory / "CURRENT"))
    fail(
        ErrorKind::corrupt,
        "the stream in {} is damaged (the file `durable` is missing): nothing was changed; restore "
        "the directory from a copy, or move it away and take a new snapshot",
        directory.string());
  fail(ErrorKind::config,
       "{} is neither empty nor a stream: give the stream a directory of its own",
       directory.string());
}

// Opens the stream once without writing. Opening for writing drops what recovery leaves over, so
// damage has to be found before.
void require_sound(const std::filesystem::path& directory, const EmbeddedStreamOptions& options,
                   StreamOffset durable_next) {
  const BlockStore store(directory, options, StoreMode::read_only);
  const StreamOffset last = store.state().last;
  if (last + 1 >= durable_next) return;
  fail(ErrorKind::corrupt,
       "the stream in {} is damaged (it ends at change {}, but {} were durable): nothing was "
       "changed; restore the directory from a copy, or move it away and take a new snapshot",
       directory.string(), last, durable_next - 1);
}

}  // namespace

std::unique_ptr<EmbeddedStream> EmbeddedStream::open(const std::filesystem::path& directory,
                                                     const EmbeddedStreamOptions& options) {
  make_directories(directory);
  require_stream_or_empty(directory);
  DurableMark mark = DurableMark::lock(directory);
  const StreamOffset durable_next = mark.next();
  if (durable_next > 0) require_sound(directory, options, durable_next);
  return std::make_unique<WritingStream>(directory, options, std::move(mark));
}

std::unique_ptr<EmbeddedStream> EmbeddedStream::open_reader(
    const std::filesystem::path& directory) {
  if (DurableMark::view(directory).next() == 0)
    fail(ErrorKind::unavailable, "the stream in {} is being made: try again", directory.string());
  for (int attempt = 1;; ++attempt) {
    try {
      return std::make_unique<FollowingStream>(directory, DurableMark::view(directory));
    } catch (const Error&) {  // a file went while it was being opened
      if (attempt == kOpenAttempts) throw;
    }
    std::this_thread::sleep_for(kFollowInterval * attempt);
  }
}

}  // namespace freshet
