#pragma once

#include <memory>
#include <optional>
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
  // Before the sets' inputs are renewed.
  Judged<void> touch(size_t part, std::span<const int> sets);
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
  explicit LoadedKernel(Arena& arena)
      : arena_(&arena), mark_(arena.mark()), random_(std::random_device{}()) {}
  // A byte each of elements drawn from all that these sets' calls must write.
  std::vector<const char*> draw_watched(size_t part, std::span<const int> sets);

  Arena* arena_;
  Arena::Mark mark_;
  std::vector<Part> parts_;
  int threads_ = 1;
  std::chrono::milliseconds deadline_{30'000};
  double prepare_ns_ = 0;
  std::mt19937_64 random_;
  std::unique_ptr<Worker> worker_;
};

// What a kernel made in `set` of the inputs of set `answers`: in full where the reference is cheap
// enough to be computed once, else on many slices.
Judged<void> check_closely(ProblemContext& context, int set, int answers, std::mt19937_64& random);

// One part of a loaded kernel as Timer's device.
class NativeDevice {
 public:
  NativeDevice(LoadedKernel& kernel, size_t part, uint64_t seed)
      : kernel_(kernel), part_(part), context_(*kernel.problem(part).context), random_(seed) {}

  Judged<double> run(std::span<const int> sets) { return kernel_.run(part_, sets); }
  void refresh(std::span<const int> sets, uint64_t seed);
  // As refresh, with fills drawn from the seed.
  void refresh_mixed(std::span<const int> sets, uint64_t seed);
  Judged<void> check(std::span<const int> sets);
  // Untimed batches that look like timed ones, looked at closely: on the shape that counts the
  // kernel meets the held set, and constants that changed here and there. audits() says how many
  // batches that takes, and draws their order.
  int audits();
  Judged<void> audit(std::span<const int> sets);
  // The ring's last set is held: never timed, of another fill, its answers known in full.
  int sets() const { return context_.ring().sets() - 1; }

  LoadedKernel& kernel() { return kernel_; }
  ProblemContext& context() { return context_; }

 private:
  Judged<void> audit_held(std::span<const int> sets);
  Judged<void> audit_constants(std::span<const int> sets);

  LoadedKernel& kernel_;
  size_t part_;
  ProblemContext& context_;
  std::mt19937_64 random_;
  std::vector<bool> audits_;  // still to come, from the back: whether of constants
};

}  // namespace kbench
