#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "base/queue.h"
#include "pipeline/background_flush.h"
#include "stream/stream.h"

namespace freshet {

// Appends to a stream, and flushes it, beside the thread that fills the batches: under load reading
// goes on while batches are compressed and written, and while the disk is waited for. Batches enter
// the stream in order, each with its state. All calls from one thread; nobody else may append to
// the writer or flush it.
class BackgroundWriter {
 public:
  explicit BackgroundWriter(StreamWriter& writer);
  // What was given is appended, unless the disk refuses.
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  // As StreamWriter::append(), now or soon; waits where too much waits already. Throws what an
  // earlier call left undone threw.
  void append(ChangeBatch batch, Bytes state, std::vector<StatePart> parts);
  // What was appended becomes durable soon.
  void soon();
  // What was appended is durable when this returns.
  void now();
  // Memory of a batch that was appended, for the next one.
  [[nodiscard]] Bytes spare_memory();

 private:
  struct Job {
    ChangeBatch batch;
    Bytes state;
    std::vector<StatePart> parts;
  };

  void run();
  void give(Job job, std::size_t bytes);
  void wait_for_all();
  void rethrow();

  StreamWriter& writer_;
  BackgroundFlush flush_;
  ByteQueue<Job> queue_;
  std::atomic<std::size_t> behind_ = 0;  // jobs given and not yet appended
  std::mutex mutex_;                     // the two that follow
  std::exception_ptr error_;
  Bytes spare_;
  std::jthread thread_;  // last: it uses all the above
};

}  // namespace freshet
