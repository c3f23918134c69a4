#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/position.h"
#include "source/binlog_event.h"
#include "source/spool.h"

namespace freshet {

// Gives held events again, in their order.
class HeldEvents {
 public:
  explicit HeldEvents(std::shared_ptr<const Bytes> events);
  // Throws Error{corrupt} unless the file holds the whole of the transaction `xid`.
  HeldEvents(const Spool& spool, std::filesystem::path file, std::string_view xid);

  // The next event, without a place in a log; lives until the next call. Nothing at the end.
  std::optional<Event> next();

 private:
  [[nodiscard]] std::string_view take(std::size_t size);
  [[nodiscard]] Bytes read(std::size_t size);
  void read_piece();

  std::shared_ptr<const Bytes> events_;  // those in memory; of a file, a piece of them
  std::size_t at_ = 0;
  std::filesystem::path path_;
  std::ifstream file_;
  std::size_t unread_ = 0;
  std::function<std::string(std::string_view)> unseal_;
};

// XA transactions between XA START and their outcome, which may come days later, in another file of
// the log: XA PREPARE writes their rows, and a later XA COMMIT or XA ROLLBACK decides over them.
//
// A transaction's events stay in memory while they are few; more go to a file of the spool. Those
// of prepared transactions survive a restart once persist() has returned, so that the log before
// them is needed no more. What an outcome has used is kept until forget_before() says that a
// restart cannot come to it again.
//
// Not thread-safe: belongs to the thread that reads the log. Throws Error{unavailable} where the
// directory cannot be used.
class PreparedTransactions {
 public:
  // `start`: where the log is read from; unknown where that is another server's log than before.
  PreparedTransactions(Spool spool, const LogCoordinate& start);

  // The events that follow are those of `xid`, until prepare(), take() or discard().
  void open(std::string xid);
  [[nodiscard]] bool is_open() const noexcept { return open_.has_value(); }
  void add(const Event& event);
  void prepare();
  [[nodiscard]] HeldEvents take();  // committed in one phase
  void discard() noexcept;          // its end never came

  // The events of a prepared transaction, which is given out from now on; nothing where the
  // transaction is unknown. One at a time: finish() tells that they are all given out, and where
  // the log goes on behind them.
  [[nodiscard]] std::optional<HeldEvents> commit(const std::string& xid);
  [[nodiscard]] bool is_committing() const noexcept { return committing_.has_value(); }
  void finish(const LogCoordinate& end);
  void roll_back(const std::string& xid);

  // What is prepared, or being given out, survives a restart when this returns.
  void persist();
  // A restart will not read the log before `durable` again.
  void forget_before(const LogCoordinate& durable);

 private:
  struct Entry {
    std::string xid;
    std::shared_ptr<Bytes> memory = std::make_shared<Bytes>();
    bool spilled = false;  // some events, or all, are in the unfinished file
    bool durable = false;  // they are in the finished one
  };
  struct Used {
    std::filesystem::path file;
    LogCoordinate end;
  };

  void recover(const LogCoordinate& start);
  void spill(Entry& entry);
  void seal(Entry& entry);
  void store(Entry& entry);
  [[nodiscard]] std::filesystem::path unfinished(const std::string& xid) const;
  [[nodiscard]] std::filesystem::path finished(const std::string& xid) const;

  [[nodiscard]] Bytes piece(const Bytes& events) const;

  Spool spool_;
  std::optional<Entry> open_;
  std::map<std::string, Entry> prepared_;  // those that are not durable yet
  std::size_t memory_ = 0;                 // of them
  std::optional<Entry> committing_;
  std::vector<Used> used_;
};

}  // namespace freshet
