#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "app/console.h"
#include "pipeline/supervisor.h"

namespace freshet {

// Tells people what a pipeline does. On a terminal: a progress bar while tables load, then one live
// line. Elsewhere the log tells, to which the progress of a long load is added now and then.
class LoadDisplay : public RunObserver {
 public:
  LoadDisplay(Console& console, std::string source)
      : console_(console), source_(std::move(source)) {}

  void status(const RunStatus& status) override;
  // The last words, after the pipeline has drained.
  void finish(const RunStatus& status);

 private:
  struct Load {
    std::size_t tables = 0;
    std::size_t loaded_tables = 0;
    std::uint64_t rows = 0;
    std::uint64_t estimate = 0;
    std::string current;     // a table under way
    bool log_first = false;  // nothing is read until the log is
  };

  static Load load_of(const RunStatus& status);
  void tell_connection(const RunStatus& status);
  void tell_tables(const RunStatus& status);
  void show_load(const Load& load);
  void show_following(const RunStatus& status);
  void say(const std::string& text);  // on a terminal only

  Console& console_;
  std::string source_;
  bool connected_ = false;
  bool following_ = false;
  std::set<TableName> told_;  // tables whose load was told of
  Pace rows_;
  Pace changes_;
  std::chrono::steady_clock::time_point logged_at_{};
};

}  // namespace freshet
