#pragma once

#include <cstdint>
#include <mutex>

namespace freshet {

// What became of row changes. Balanced when read = emitted + filtered + repeated.
struct RowCounts {
  std::uint64_t read = 0;      // row changes decoded from the log
  std::uint64_t emitted = 0;   // appended to the stream
  std::uint64_t filtered = 0;  // of tables and rows that the configuration leaves out
  std::uint64_t repeated = 0;  // read again after a restart; in the stream already
  std::uint64_t loaded = 0;    // rows of snapshots; not from the log

  [[nodiscard]] bool balanced() const noexcept { return read == emitted + filtered + repeated; }
};

// The account of everything read since start. An imbalance stops the pipeline: a change that is
// neither emitted nor filtered nor refused must not exist. Thread-safe.
class Ledger {
 public:
  // Adds what one read brought; throws Error{internal} if it does not balance.
  void add(const RowCounts& counts);
  // Row changes that were read and emitted by the log reader, and then left out by row filters.
  void leave_out(std::uint64_t rows);
  void add_loaded(std::uint64_t rows);
  void add_delivered(std::uint64_t changes);

  [[nodiscard]] RowCounts counts() const;
  [[nodiscard]] std::uint64_t delivered() const;  // changes applied to the lake

 private:
  mutable std::mutex mutex_;
  RowCounts total_;
  std::uint64_t delivered_ = 0;
};

}  // namespace freshet
