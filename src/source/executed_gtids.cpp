#include "source/executed_gtids.h"

#include <fmt/compile.h>

namespace freshet {

namespace {

std::string uuid_of(const TransactionGtid& gtid) {
  return format_uuid({gtid.mysql.uuid.data(), gtid.mysql.uuid.size()});
}

}  // namespace

std::string TransactionGtid::text() const {
  if (anonymous()) return {};
  if (is_mariadb)
    return fmt::format(FMT_COMPILE("{}-{}-{}"), mariadb.domain, server_id, mariadb.sequence);
  return fmt::format(FMT_COMPILE("{}:{}{}{}"), uuid_of(*this), tag, tag.empty() ? "" : ":",
                     mysql.number);
}

ExecutedGtids::ExecutedGtids(const std::string& start, bool mariadb)
    : known_(!start.empty()), mariadb_(mariadb) {
  if (mariadb)
    state_ = GtidState::parse(start);
  else
    set_ = GtidSet::parse(start);
}

void ExecutedGtids::learn(const GtidSet& before) {
  if (known_) return;
  set_ = before;
  known_ = stale_ = true;
}

void ExecutedGtids::learn(const GtidState& before) {
  if (known_) return;
  state_ = before;
  known_ = stale_ = true;
}

void ExecutedGtids::add(const TransactionGtid& gtid) {
  if (gtid.anonymous() || !known_) return;
  stale_ = true;
  if (gtid.is_mariadb) {
    state_.set(gtid.mariadb.domain, gtid.server_id, gtid.mariadb.sequence);
    return;
  }
  const bool goes_on = run_ && run_->mysql.uuid == gtid.mysql.uuid && run_->tag == gtid.tag &&
                       gtid.mysql.number == run_last_ + 1;
  if (!goes_on) {
    flush();
    run_ = gtid;
  }
  run_last_ = gtid.mysql.number;
}

void ExecutedGtids::flush() {
  if (run_) set_.add(uuid_of(*run_), run_->tag, run_->mysql.number, run_last_);
  run_.reset();
}

const std::string& ExecutedGtids::text() {
  if (!known_ || !std::exchange(stale_, false)) return text_;
  flush();
  text_ = mariadb_ ? state_.text() : set_.text();
  return text_;
}

}  // namespace freshet
