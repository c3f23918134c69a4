#include "pipeline/background_writer.h"

#include <utility>

namespace freshet {

namespace {

constexpr std::size_t kMostQueued = std::size_t{4} << 20;
// Below this, handing a batch over costs more than it spares.
constexpr std::size_t kWorthHandingOver = std::size_t{256} << 10;

}  // namespace

BackgroundWriter::BackgroundWriter(StreamWriter& writer)
    : writer_(writer), flush_(writer), queue_(kMostQueued), thread_([this] { run(); }) {}

BackgroundWriter::~BackgroundWriter() { queue_.close(); }

void BackgroundWriter::append(ChangeBatch batch, Bytes state, std::vector<StatePart> parts) {
  rethrow();
  const std::size_t bytes = batch.bytes();
  // While nothing is behind, the thread waits, and leaves the writer to us.
  if (behind_ == 0 && bytes < kWorthHandingOver) return writer_.append(batch, state, parts);
  give({std::move(batch), std::move(state), std::move(parts)}, bytes);
  if (bytes > kMostQueued) wait_for_all();  // two such batches may be more than memory holds
}

void BackgroundWriter::give(Job job, std::size_t bytes) {
  ++behind_;
  if (queue_.push(std::move(job), bytes, {}) == Pushed::refused) rethrow();
}

void BackgroundWriter::soon() {
  rethrow();
  if (behind_ == 0) flush_.soon();  // else the thread does that after each batch
}

void BackgroundWriter::now() {
  wait_for_all();
  flush_.now();
}

Bytes BackgroundWriter::spare_memory() {
  const std::lock_guard lock(mutex_);
  return std::exchange(spare_, {});
}

void BackgroundWriter::wait_for_all() {
  rethrow();
  for (std::size_t behind = behind_; behind > 0; behind = behind_) behind_.wait(behind);
  rethrow();
}

void BackgroundWriter::rethrow() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
}

void BackgroundWriter::run() {
  try {
    while (std::optional<Job> job = queue_.pop({})) {
      writer_.append(job->batch, job->state, job->parts);
      flush_.soon();
      Bytes memory = std::move(job->batch).release();
      if (memory.capacity() <= kMostQueued) {
        const std::lock_guard lock(mutex_);
        spare_ = std::move(memory);
      }
      --behind_;
      behind_.notify_all();
    }
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
    queue_.close();  // what waits must not be appended behind a gap
    behind_ = 0;
    behind_.notify_all();
  }
}

}  // namespace freshet
