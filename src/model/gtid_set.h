#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace freshet {

// A set of MySQL GTIDs: "uuid:1-5:8:tag:1-3,uuid2:7". UUIDs are lower case with dashes.
class GtidSet {
 public:
  // Empty text is the empty set; blanks and line breaks are ignored. Throws Error{corrupt}.
  static GtidSet parse(std::string_view text);
  // The form of PREVIOUS_GTIDS events and COM_BINLOG_DUMP_GTID (with tags: that of 8.3+).
  static GtidSet decode(std::string_view bytes);

  void add(std::string_view uuid, std::string_view tag, std::uint64_t number) {
    add(uuid, tag, number, number);
  }
  void add(std::string_view uuid, std::string_view tag, std::uint64_t first, std::uint64_t last);
  [[nodiscard]] bool contains(std::string_view uuid, std::string_view tag,
                              std::uint64_t number) const;
  [[nodiscard]] bool contains(const GtidSet& other) const;
  [[nodiscard]] bool empty() const noexcept { return sources_.empty(); }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] Bytes encode() const;

  friend bool operator==(const GtidSet&, const GtidSet&) = default;

 private:
  struct Interval {
    std::uint64_t first = 0, last = 0;  // both inclusive
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  struct Source {
    std::string uuid, tag;
    friend auto operator<=>(const Source&, const Source&) = default;
  };
  void add(const Source& source, Interval added);

  std::map<Source, std::vector<Interval>> sources_;  // intervals ascending, apart by at least one
};

// The 16 bytes of a UUID as text, and back. parse_uuid throws Error{corrupt}.
[[nodiscard]] std::string format_uuid(std::string_view bytes);
[[nodiscard]] Bytes parse_uuid(std::string_view text);

// MariaDB's position: the last GTID of each domain, "0-1-7,1-2-9".
class GtidState {
 public:
  static GtidState parse(std::string_view text);  // throws Error{corrupt}
  void set(std::uint32_t domain, std::uint32_t server, std::uint64_t sequence) {
    last_[domain] = {server, sequence};
  }
  [[nodiscard]] bool empty() const noexcept { return last_.empty(); }
  [[nodiscard]] bool has_domains_of(const GtidState& other) const;
  [[nodiscard]] std::string text() const;

  friend bool operator==(const GtidState&, const GtidState&) = default;

 private:
  struct Last {
    std::uint32_t server = 0;
    std::uint64_t sequence = 0;
    friend bool operator==(const Last&, const Last&) = default;
  };
  std::map<std::uint32_t, Last> last_;
};

}  // namespace freshet
