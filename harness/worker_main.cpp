// kbench-worker: the warm server that forks a process per candidate. Started by the judge inside
// its sandbox with a socket as descriptor 3; ends when that is closed.

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <map>
#include <optional>
#include <vector>

#include "harness/worker_child.hpp"
#include "harness/worker_protocol.hpp"
#include "harness/worker_socket.hpp"

namespace kbench {
namespace {

class Server {
 public:
  int serve() {
    // Workers of one server share its namespace; none may look into another's memory through /proc.
    prctl(PR_SET_DUMPABLE, 0);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    const int deaths = signalfd(-1, &child, SFD_CLOEXEC);
    for (;;) {
      pollfd events[] = {{kServerSocket, POLLIN, 0}, {deaths, POLLIN, 0}};
      if (poll(events, 2, -1) < 0 && errno != EINTR) return 1;
      if (events[1].revents != 0) {
        signalfd_siginfo ignored;
        if (read(deaths, &ignored, sizeof ignored) < 0) return 1;
        bury();
      }
      if (events[0].revents != 0 && !answer()) return 0;
    }
  }

 private:
  // False when the judge has gone.
  bool answer() {
    char byte = 0;
    std::vector<int> descriptors;
    if (receive_message(kServerSocket, {&byte, 1}, descriptors) <= 0) return false;
    const pid_t worker = descriptors.size() < expected_file ? -1 : fork();
    if (worker == 0) {
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      live_as_worker(descriptors, filters_);
    }
    LoadReply reply{worker < 0 ? errno : 0};
    const int handle = worker < 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_open, worker, 0));
    const auto* bytes = reinterpret_cast<const char*>(&reply);
    const bool sent = send_message(kServerSocket, {bytes, sizeof reply},
                                   handle < 0 ? std::span<const int>() : std::span(&handle, 1));
    if (handle >= 0) close(handle);
    for (size_t i = 0; i < descriptors.size(); ++i) {
      if (worker > 0 && i == status_channel) {
        channels_[worker] = descriptors[i];
      } else {
        close(descriptors[i]);
      }
    }
    return sent;
  }

  // Tells each dead worker's judge how it died.
  void bury() {
    int status = 0;
    for (pid_t worker = 0; (worker = waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto channel = channels_.find(worker);
      if (channel == channels_.end()) continue;
      const auto* bytes = reinterpret_cast<const char*>(&status);
      send_message(channel->second, {bytes, sizeof status}, {});
      close(channel->second);
      channels_.erase(channel);
    }
  }

  WorkerFilters filters_;
  std::map<pid_t, int> channels_;
};

}  // namespace
}  // namespace kbench

int main() {
  try {
    return kbench::Server().serve();
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "kbench-worker: %s\n", failed.what());
    return 1;
  }
}
