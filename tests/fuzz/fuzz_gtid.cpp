// GTID sets and states: as text and as the log encodes them. What is read is read again from its
// own text.
#include <stdexcept>

#include "base/error.h"
#include "fuzz_target.h"
#include "model/gtid_set.h"
#include "source/binlog_event.h"

namespace freshet::fuzz {

namespace {

template <typename Set>
void round_trip(const Set& set) {
  if (Set::parse(set.text()).text() != set.text())
    throw std::logic_error("a GTID set changes when it is read from its own text");
}

}  // namespace

void run_one(std::string_view input) {
  if (input.empty()) return;
  const std::string_view rest = input.substr(1);
  switch (input[0] & 7) {
    case 0: return round_trip(GtidSet::parse(std::string(rest)));
    case 1: return round_trip(GtidState::parse(std::string(rest)));
    case 2: return round_trip(GtidSet::decode(rest));
    case 3: return round_trip(parse_gtid_list(rest));
    case 4: static_cast<void>(parse_gtid(rest)); return;
    case 5: static_cast<void>(parse_gtid_tagged(rest)); return;
    default: static_cast<void>(parse_mariadb_gtid(rest)); return;
  }
}

}  // namespace freshet::fuzz
