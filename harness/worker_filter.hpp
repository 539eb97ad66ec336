#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace kbench {

// What a worker may ask of the system once a candidate's code can run in it (docs/sandbox.md has
// the list): memory, its own signals, reading files, threads if it may have more than one, clocks.
// The rest kills it; a few calls that libraries only try fail instead.
class WorkerFilter {
 public:
  // Built once, in the server: libseccomp takes longer for it than a fork. Throws
  // std::runtime_error.
  WorkerFilter(bool may_start_threads, bool may_read_clocks);
  // For the calling process, which may signal itself only, and for good. False: the system refuses.
  bool install(pid_t self) const;

 private:
  std::vector<sock_filter> program_;
};

// Of the three sorts of worker.
struct WorkerFilters {
  WorkerFilter timeless{false, false}, single_threaded{false, true}, multi_threaded{true, true};
};

}  // namespace kbench
