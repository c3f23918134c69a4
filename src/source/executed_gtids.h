#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "model/gtid_set.h"
#include "source/binlog_event.h"

namespace freshet {

// The GTID of one transaction, of either family.
struct TransactionGtid {
  Gtid mysql;
  std::string tag;  // owned, unlike mysql.tag
  MariadbGtid mariadb;
  std::uint32_t server_id = 0;
  bool is_mariadb = false;

  [[nodiscard]] bool anonymous() const noexcept { return !is_mariadb && mysql.number == 0; }
  [[nodiscard]] std::string text() const;  // "uuid:7", "uuid:tag:7", "0-1-7"; empty if anonymous
};

// The GTIDs that lie before a place in the log. They are known only from a given start on, or from
// the head of a log file, which lists those before it; until then text() is empty, for a part of
// the set would be taken for the whole.
class ExecutedGtids {
 public:
  ExecutedGtids(const std::string& start, bool mariadb);

  // The list at the head of a log file.
  void learn(const GtidSet& before);
  void learn(const GtidState& before);
  void add(const TransactionGtid& gtid);
  [[nodiscard]] const std::string& text();

 private:
  void flush();

  bool known_ = false;
  bool mariadb_;
  bool stale_ = true;  // text_ must be made again
  GtidSet set_;
  GtidState state_;
  // Transactions come in runs of one source: such a run enters the set as a whole.
  std::optional<TransactionGtid> run_;
  std::uint64_t run_last_ = 0;
  std::string text_;
};

}  // namespace freshet
