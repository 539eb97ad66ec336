#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "harness/worker_protocol.hpp"

// The warm server of untrusted code: forks a worker for every candidate and tells the judge how it
// ended. It runs inside the sandbox, knows no expected output, and its only input is the socket on
// descriptor 3.
int main() {
  using namespace kbench;  // NOLINT: the only scope that could
  constexpr int kSocket = 3;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  ServerRequest request;
  int descriptors[5];
  while (receive_message(kSocket, &request, sizeof request, descriptors, 5)) {
    ServerAnswer answer;
    int pidfd = -1;
    if (request.kind == ServerRequest::Kind::reap) {
      answer.process = request.process;
      if (waitpid(request.process, &answer.status, 0) < 0) answer.status = -1;
    } else {
      const pid_t child = fork();
      if (child == 0) {
        close(kSocket);
        serve_worker(descriptors[0], descriptors[1], descriptors[2], descriptors[3], descriptors[4],
                     request.control_bytes);
      }
      if (child > 0) {
        answer.process = child;
        pidfd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
      }
    }
    for (const int descriptor : descriptors) {
      if (descriptor >= 0) close(descriptor);
    }
    if (!send_message(kSocket, &answer, sizeof answer, &pidfd, pidfd >= 0 ? 1 : 0)) break;
    if (pidfd >= 0) close(pidfd);
  }
  return 0;
}
