#include "pipeline/ledger.h"

#include "base/error.h"

namespace freshet {

void Ledger::add(const RowCounts& counts) {
  if (!counts.balanced())
    fail(ErrorKind::internal,
         "the ledger does not balance: {} row changes read, but {} emitted + {} filtered + {} "
         "repeated",
         counts.read, counts.emitted, counts.filtered, counts.repeated);
  const std::lock_guard lock(mutex_);
  total_.read += counts.read;
  total_.emitted += counts.emitted;
  total_.filtered += counts.filtered;
  total_.repeated += counts.repeated;
}

void Ledger::leave_out(std::uint64_t rows) {
  const std::lock_guard lock(mutex_);
  total_.emitted -= rows;
  total_.filtered += rows;
}

void Ledger::add_loaded(std::uint64_t rows) {
  const std::lock_guard lock(mutex_);
  total_.loaded += rows;
}

void Ledger::add_delivered(std::uint64_t changes) {
  const std::lock_guard lock(mutex_);
  delivered_ += changes;
}

RowCounts Ledger::counts() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::uint64_t Ledger::delivered() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

}  // namespace freshet
