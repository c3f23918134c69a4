#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace freshet {

// Whether push() handed its item over.
enum class Pushed : std::uint8_t { taken, refused };

// A first-in first-out queue between threads, bounded by the bytes that its items stand for: the
// one place where a fast stage waits for a slow one. Any number of producers and consumers.
//
// The end of the line is close(): what is in the queue is still given out, then consumers get
// nothing, or the error that the producer closed with.
template <typename T>
class ByteQueue {
 public:
  explicit ByteQueue(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  // Waits until the item fits, or the queue is empty: an item larger than the queue passes alone.
  // Refused after a stop request or close().
  [[nodiscard]] Pushed push(T item, std::size_t bytes, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop, [&] { return closed_ || fits(bytes); });
    if (closed_ || stop.stop_requested()) return Pushed::refused;
    items_.push_back({std::move(item), bytes});
    bytes_ += bytes;
    lock.unlock();
    filled_.notify_one();
    return Pushed::taken;
  }

  // The next item; waits for one. Nothing after a stop request, or at the end of a closed queue,
  // whose error is thrown to every consumer that reaches it.
  [[nodiscard]] std::optional<T> pop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, stop, [&] { return ready(); });
    return take(lock, stop);
  }

  // As pop(), but nothing as well when `wait` has passed.
  [[nodiscard]] std::optional<T> pop_for(std::chrono::milliseconds wait,
                                         const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, stop, wait, [&] { return ready(); });
    return take(lock, stop);
  }

  // No item enters any more. The first close counts: a later one changes nothing.
  void close(std::exception_ptr error = nullptr) {
    {
      const std::lock_guard lock(mutex_);
      if (!closed_) error_ = std::move(error);
      closed_ = true;
    }
    room_.notify_all();
    filled_.notify_all();
  }

  [[nodiscard]] std::size_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }
  // True once it is closed and everything has been given out.
  [[nodiscard]] bool drained() const {
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  struct Entry {
    T item;
    std::size_t bytes;
  };

  [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
    return items_.empty() || bytes_ + bytes <= max_bytes_;
  }
  [[nodiscard]] bool ready() const noexcept { return closed_ || !items_.empty(); }

  std::optional<T> take(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    if (stop.stop_requested()) return std::nullopt;
    if (items_.empty()) {
      if (error_) std::rethrow_exception(error_);
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front().item));
    bytes_ -= items_.front().bytes;
    items_.pop_front();
    lock.unlock();
    room_.notify_all();  // producers wait for different sizes, so one wake-up might miss the one
                         // that fits
    return item;
  }

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<Entry> items_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
};

}  // namespace freshet
