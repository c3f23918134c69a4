#pragma once

#include <string>
#include <string_view>

namespace freshet {

// One value of a record, as its format means it: quotes and escapes undone.
struct SourceCell {
  std::string_view column;  // "note", "profile.tags[]"
  std::string_view place;   // the same with array indexes: "profile.tags[3]"
  std::string_view text;
  bool number = false;  // `text` are the digits of a number
  bool key = false;     // `text` is a key of the object at `place`
};

// Takes the values of records, one record after the other. Views live for the call.
class CellSink {
 public:
  virtual ~CellSink() = default;

  virtual void begin_record() = 0;
  virtual void cell(const SourceCell& cell) = 0;
  // A name that came with the data (a JSON key, a CSV header) as it may be shown: itself, or
  // something in its place where it is personal data.
  [[nodiscard]] virtual std::string shown_name(std::string_view name) = 0;
};

}  // namespace freshet
