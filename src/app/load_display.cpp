#include "app/load_display.h"

#include <algorithm>

#include "base/log.h"

namespace freshet {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kBarColumns = 24;
constexpr auto kLogEvery = std::chrono::seconds(10);  // where there is no terminal
constexpr std::int64_t kMicrosPerMilli = 1'000;

double fraction_of(std::uint64_t done, std::uint64_t estimate) noexcept {
  if (estimate == 0) return 0;
  // The server's estimate is a guess: the bar is full only when the load has ended.
  return std::min(0.99, static_cast<double>(done) / static_cast<double>(estimate));
}

}  // namespace

void LoadDisplay::status(const RunStatus& status) {
  tell_connection(status);
  const Load load = load_of(status);
  rows_.update(load.rows, steady_clock::now());
  changes_.update(status.delivered, steady_clock::now());
  tell_tables(status);
  if (load.tables == 0) return;
  if (load.loaded_tables < load.tables) return show_load(load);
  if (!following_)
    say(fmt::format("following {} from {}", source_, to_string(status.capture.position.log)));
  following_ = true;
  show_following(status);
}

void LoadDisplay::finish(const RunStatus& status) {
  const std::string words =
      fmt::format("stopped at {}: the lake holds the stream up to record {}",
                  to_string(status.capture.position.log), human_count(status.ingest.committed));
  if (!console_.interactive()) log_info("{}", words);
  say(words);
}

LoadDisplay::Load LoadDisplay::load_of(const RunStatus& status) {
  Load load{.log_first = status.capture.brake == LoadBrake::log_behind};
  for (const auto& [name, progress] : status.capture.tables) {
    // What waits for a person to go on is not under way.
    const bool done = !progress.unfinished() || progress.paused;
    ++load.tables;
    load.loaded_tables += done ? 1 : 0;
    load.rows += progress.rows;
    load.estimate += done ? progress.rows : std::max(progress.rows, progress.estimate);
    if (!done && (load.current.empty() || progress.phase == SnapshotPhase::loading))
      load.current = name.qualified();
  }
  return load;
}

void LoadDisplay::tell_connection(const RunStatus& status) {
  const bool connected = status.connected && !status.capture.server_version.empty();
  if (connected && !connected_)
    say(fmt::format("connected to {} ({})", source_, status.capture.server_version));
  connected_ = connected;
}

void LoadDisplay::tell_tables(const RunStatus& status) {
  for (const auto& [name, progress] : status.capture.tables) {
    if (progress.unfinished()) told_.erase(name);  // loaded again, maybe
    if (progress.phase != SnapshotPhase::done || !told_.insert(name).second) continue;
    say(fmt::format("{} {}: {} rows loaded", console_.paint(Colour::green, "✓"), name.qualified(),
                    human_count(progress.rows)));
  }
}

void LoadDisplay::show_load(const Load& load) {
  const double fraction = fraction_of(load.rows, load.estimate);
  std::string left;
  if (load.log_first)
    left = ", waits for the log";
  else if (rows_.per_second() > 0 && load.estimate > load.rows)
    left = ", " + human_duration(rows_.left(load.rows, load.estimate)) + " left";
  const std::string facts =
      fmt::format("{:.0f} %  {} of about {} rows, {}{}", fraction * 100, human_count(load.rows),
                  human_count(load.estimate), human_rate(rows_.per_second()), left);
  const std::string table =
      fmt::format("loading {} ({} of {})", load.current, load.loaded_tables + 1, load.tables);
  if (console_.interactive()) {
    console_.redraw(shorten(fmt::format("{} {} {}", table, bar(fraction, kBarColumns), facts),
                            console_.width() - 1));
  } else if (steady_clock::now() - logged_at_ >= kLogEvery) {
    log_info("{}: {}", table, facts);
    logged_at_ = steady_clock::now();
  }
}

void LoadDisplay::show_following(const RunStatus& status) {
  if (!console_.interactive()) return;
  const std::string_view link = status.connected ? "" : "  source not available, trying again";
  const auto uncommitted = status.stream.last - status.ingest.committed;
  std::string delay;
  if (status.backlog() > 0 && status.ingest.applied_micros > 0) {
    const std::chrono::milliseconds behind((status.now_micros - status.ingest.applied_micros) /
                                           kMicrosPerMilli);
    delay = ", " + human_duration(behind) + " behind";
  }
  console_.redraw(
      shorten(fmt::format("at {}  {} changes, {}{}, {} not committed yet{}",
                          to_string(status.capture.log_end), human_count(status.delivered),
                          human_rate(changes_.per_second()), delay, human_count(uncommitted), link),
              console_.width() - 1));
}

void LoadDisplay::say(const std::string& text) {
  if (!console_.interactive()) return;
  console_.clear_drawn();
  console_.line(text);
}

}  // namespace freshet
