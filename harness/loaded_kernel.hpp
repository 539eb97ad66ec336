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
  // Before the sets' inputs are renewed.
  Judged<void> touch(size_t part, std::span<const int> sets);
  Judged<double> run(size_t part, std::span<const int> sets);
  // Canaries behind the kernel's buffers, and what it left running.
  Judged<void> check_conduct(size_t part, std::span<const int> sets) const;
  double prepare_ns() const { return prepare_ns_; }
  // A wrong result with what the emulated device knows of where it comes from.
  Fault explained(Fault wrong) const;
  // "the GPU's clock was at ...", over the runs since the last call; none where nothing is known.
  std::vector<std::string> gpu_notes();
  // Of a GPU, for one call of each of the sets; 0: not counted.
  Judged<double> joules(size_t part, std::span<const int> sets);
  // How often every set is run to be verified: on the emulated device once per order of threads.
  int thread_orders() const { return thread_orders_; }
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
  std::vector<int> numbered(size_t part, std::span<const int> sets) const;
  void watch_gpu();
  // Spoils some inputs, to be put right when the worker stands ready, and chooses what to watch.
  Precautions take_precautions(size_t part, std::span<const int> sets);

  Arena* arena_;
  Arena::Mark mark_;
  std::vector<Part> parts_;
  int threads_ = 1, thread_orders_ = 1;
  std::chrono::milliseconds deadline_{30'000};
  double prepare_ns_ = 0;
  Worker::GpuReport lowest_clock_;
  int batches_ = 0, replayed_ = 0;  // of a GPU, since they were told
  std::mt19937_64 random_;
  std::unique_ptr<Worker> worker_;
};

// The fills of the sets to hold for a timed problem: all of the task's where the reference is cheap
// enough to be computed in full for all of them, else one that is drawn.
std::vector<std::string> held_fills(const Task& task, const Problem& problem,
                                    std::mt19937_64& random);
// What a kernel made of the inputs of a held set, of which `set` has a copy: in full where the
// reference is cheap enough to be computed once, else on many slices.
Judged<void> check_held(ProblemContext& context, int set, int held, std::mt19937_64& random);

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
  // kernel meets inputs that it never saw, of fills drawn for this screen (a confirmation brings
  // them all), whose answers are known in full; and constants that changed here and there. audits()
  // says how many batches that takes, and draws their order.
  int audits();
  Judged<void> audit(std::span<const int> sets);
  int sets() const { return context_.ring().sets(); }

  LoadedKernel& kernel() { return kernel_; }
  ProblemContext& context() { return context_; }

 private:
  Judged<void> audit_contents(std::span<const int> sets);
  Judged<void> audit_constants(std::span<const int> sets);

  LoadedKernel& kernel_;
  size_t part_;
  ProblemContext& context_;
  std::mt19937_64 random_;
  std::vector<int> held_;                  // sets that this screen may still show
  std::vector<bool> audits_of_constants_;  // of those to come, from the back
};

}  // namespace kbench
