#include "app/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace freshet {
namespace {

constexpr int kInterrupted = 130;  // what shells report for a process ended by SIGINT
constexpr int kWakeUp = SIGUSR2;   // ends our own thread

sigset_t watched_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, kWakeUp}) sigaddset(&set, signal);
  return set;
}

}  // namespace

StopOnSignal::StopOnSignal() {
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { wait(); });
}

StopOnSignal::~StopOnSignal() {
  ::pthread_kill(thread_.native_handle(), kWakeUp);
  thread_.join();
}

void StopOnSignal::wait() {
  const sigset_t set = watched_signals();
  while (true) {
    int signal = 0;
    if (::sigwait(&set, &signal) != 0) continue;
    if (signal == kWakeUp) return;
    if (stop_.stop_requested()) ::_exit(kInterrupted);
    stop_.request_stop();
  }
}

}  // namespace freshet
