#include <csignal>
#include <cstdio>
#include <memory>

#include "app/command.h"
#include "app/console.h"
#include "app/load_display.h"
#include "app/signals.h"
#include "base/heap.h"
#include "base/log.h"
#include "pipeline/mask_key_source.h"
#include "pipeline/supervisor.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet run                                     with ./freshet.yaml
  freshet run -c shop.yaml --set lake.flush_interval=1s
  freshet run 2>> freshet.log                     as a service: the log, no display
  freshet run --reload                            where the server's log cannot be gone on with

Tables are loaded first, then followed; a restart goes on where the last run ended. SIGTERM or
Ctrl-C drains: what has entered the stream is committed to the lake, and the status is 0. A second
signal ends at once, which harms nothing: the next run goes on from the last commit.)";

// Leaves all to the log.
class Silent final : public RunObserver {
 public:
  void status(const RunStatus&) override {}
};

struct RunFlags {
  bool quiet = false;
  bool reload = false;
};

int run(const CommandLine& line, const RunFlags& flags) {
  Config config = line.load();
  load_mask_keys(config);
  settle_heap();
  std::signal(SIGPIPE, SIG_IGN);  // a broken link is an error of its connection alone
  const StopOnSignal signals;
  const RunOptions options{.reload = flags.reload};
  if (flags.quiet) {
    Silent silent;
    run_pipeline(config, signals.token(), silent, options);
    return 0;
  }
  Console console(stderr);
  LoadDisplay display(console, describe_source(config.source.connection));
  try {
    display.finish(run_pipeline(config, signals.token(), display, options));
  } catch (...) {
    console.clear_drawn();
    throw;
  }
  return 0;
}

}  // namespace

void add_run(CommandWords& app, CommandLine& line) {
  CommandWords command =
      app.command("run", "Load the tables, then follow the server into the lake");
  const auto flags = std::make_shared<RunFlags>();
  command.flag("-q,--quiet", flags->quiet, "Only the log, on a terminal too");
  command.flag("--reload", flags->reload,
               "Begin at the log's present end and load all tables anew: after a lost "
               "position");
  command.footer(kExamples);
  command.on_choice([&line, flags] {
    // On a terminal the display tells what the log tells elsewhere.
    const bool display = !flags->quiet && Console(stderr).interactive();
    line.default_log_level = display ? LogLevel::warn : LogLevel::info;
    line.action = [&line, flags] { return run(line, *flags); };
  });
}

}  // namespace freshet
