#pragma once

#include <memory>
#include <span>
#include <vector>

#include "harness/problem_context.hpp"
#include "harness/timer.hpp"

namespace kbench {

// A problem and the plan of a kernel on it.
struct PlannedProblem {
  ProblemContext* context = nullptr;
  const LaunchPlan* plan = nullptr;
};

// A candidate in its worker, with its workspace, on one or several problems. The arena's memory it
// takes is given back when it goes, so the last one loaded must go first.
class LoadedKernel {
 public:
  static Judged<std::unique_ptr<LoadedKernel>> load(Arena& arena, WorkerServer& server,
                                                    const std::string& image,
                                                    std::vector<PlannedProblem> problems,
                                                    const WorkerLimits& limits);
  ~LoadedKernel();

  const PlannedProblem& problem(size_t part) const { return parts_[part].planned; }
  // Outputs and workspace of a set as every call must find them.
  void reset(size_t part, int set);
  Judged<double> run(size_t part, std::span<const int> sets);
  // Canaries behind the kernel's buffers, and what it left running.
  Judged<void> check_conduct(size_t part, std::span<const int> sets) const;
  double prepare_ns() const { return prepare_ns_; }
  // The longest a batch may take: far above what honest kernels need.
  void set_deadline(std::chrono::milliseconds deadline) { deadline_ = deadline; }

 private:
  struct Part {
    PlannedProblem planned;
    Workspace workspace;
    int first_set = 0;  // in the worker's numbering
  };
  explicit LoadedKernel(Arena& arena) : arena_(&arena), mark_(arena.mark()) {}

  Arena* arena_;
  Arena::Mark mark_;
  std::vector<Part> parts_;
  int threads_ = 1;
  std::chrono::milliseconds deadline_{30'000};
  double prepare_ns_ = 0;
  std::unique_ptr<Worker> worker_;
};

// One part of a loaded kernel as Timer's device.
class NativeDevice {
 public:
  NativeDevice(LoadedKernel& kernel, size_t part, uint64_t seed)
      : kernel_(kernel), part_(part), context_(*kernel.problem(part).context), random_(seed) {}

  Judged<double> run(std::span<const int> sets) { return kernel_.run(part_, sets); }
  void refresh(std::span<const int> sets, uint64_t seed);
  Judged<void> check(std::span<const int> sets);
  // The ring's last set is kept for comparing in full and never timed.
  int sets() const { return context_.ring().sets() - 1; }

  LoadedKernel& kernel() { return kernel_; }
  ProblemContext& context() { return context_; }

 private:
  LoadedKernel& kernel_;
  size_t part_;
  ProblemContext& context_;
  std::mt19937_64 random_;
};

}  // namespace kbench
