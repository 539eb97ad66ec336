#pragma once

#include <memory>
#include <vector>

#include "harness/bench_session.hpp"
#include "harness/build.hpp"
#include "harness/evaluation.hpp"
#include "harness/loaded_kernel.hpp"

namespace kbench {

// One candidate's way through the judge; members are what the stages share.
class CandidateLife {
 public:
  CandidateLife(BenchSession& session, const Build& build, const Task& task, const Problem& problem,
                Evaluation& evaluation)
      : session_(session),
        build_(build),
        task_(task),
        problem_(problem),
        evaluation_(evaluation),
        limits_(session.worker_limits(problem.threads, build.kernel)) {}

  Judged<void> load(double incumbent_ns);
  Judged<void> verify(bool screen_follows);
  // Load and verify on the emulated device: the ladder, and the problem if it is not too large.
  Judged<void> emulate();
  Judged<void> screen(double incumbent_ns, double fidelity);
  // After the screen, where energy is asked for.
  void measure_energy();
  double kernel_ns() const { return kernel_ns_; }

 private:
  // Against the roofline: the share reached, and whether the time is possible at all.
  Judged<void> weigh(double ns);
  size_t timed_part() const;

  BenchSession& session_;
  const Build& build_;
  const Task& task_;
  const Problem& problem_;
  Evaluation& evaluation_;
  WorkerLimits limits_;
  std::vector<ProblemContext*> ladder_;
  ProblemContext* timed_ = nullptr;
  std::unique_ptr<LoadedKernel> kernel_;
  double kernel_ns_ = 0;
};

}  // namespace kbench
