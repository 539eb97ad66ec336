#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "harness/compare.hpp"
#include "harness/tensor_ring.hpp"
#include "harness/worker.hpp"

namespace kbench {

// One problem with everything needed to judge kernels on it: its tensor sets, and the reference in
// a process of its own that answers for any slice of any set.
class ProblemContext {
 public:
  // `reference_image`: the compiled reference of the problem's variant. Sets are filled from
  // `seed`.
  static Result<std::unique_ptr<ProblemContext>> open(Arena& arena, WorkerServer& server,
                                                      const std::string& reference_image,
                                                      const Task& task, const Problem& problem,
                                                      const RingSpec& ring, uint64_t seed,
                                                      const WorkerLimits& limits);

  TensorRing& ring() { return ring_; }
  const Task& task() const { return *task_; }
  const Problem& problem() const { return ring_.problem(); }
  const Problem& problem(int set) const { return ring_.problem(set); }
  uint64_t seed(int set) const { return seeds_[static_cast<size_t>(set)]; }

  // New inputs for a set, by its own fill or the one named; its reference is computed again when it
  // is next asked for.
  void refill(int set, uint64_t seed, const std::string& fill = {});
  void refill_constants(uint64_t seed);
  // Gives one set the inputs of another.
  void copy_inputs(int from, int to);

  // Compares what a kernel left in the set's outputs with the reference: canaries, poison, then
  // every element, or the elements of a few random slices of every group.
  Judged<void> check_all(int set) { return check_all(set, set); }
  // ... with the reference of `answers`, a set whose inputs it holds a copy of.
  Judged<void> check_all(int set, int answers);
  // Of outputs that check_all(set) has just found right.
  Deviation deviation(int set) const;
  Judged<void> check_some(int set, int slices, std::mt19937_64& random);
  // Only that nothing was written outside and nothing was left out.
  Judged<void> check_written(int set) const;
  // Elements of the given slices of one group.
  Judged<void> check_slices(int set, int group, const std::vector<int64_t>& slices);

  // What the reference answers for a set, in full.
  struct Expected {
    std::vector<std::vector<double>> values;  // per tensor; empty for inputs
    std::vector<std::vector<float>> scales;
  };
  Judged<const Expected*> expected(int set);
  // The set's inputs were changed from outside: what is expected is computed again.
  void forget(int set) { expected_[static_cast<size_t>(set)].reset(); }

  // The bound that check_some() found on the slices it looked at, for comparing two kernels in
  // full.
  double allowance(int tensor) const { return allowances_[static_cast<size_t>(tensor)]; }

 private:
  ProblemContext(const Task& task, TensorRing ring, SharedMemory expected)
      : task_(&task), ring_(std::move(ring)), expected_memory_(std::move(expected)) {}

  Judged<void> compute(int set, int group, std::vector<int64_t> slices);
  Judged<void> compare_all(int set, const Expected& expected) const;
  const double* values(size_t tensor) const;
  const float* scales(size_t tensor) const;
  Fault wrong(int set, const Mismatch& mismatch) const;

  const Task* task_;
  TensorRing ring_;
  SharedMemory expected_memory_;
  std::vector<size_t> value_offsets_, scale_offsets_;
  std::vector<uint64_t> seeds_;
  std::vector<std::unique_ptr<Expected>> expected_;  // per set, once computed
  std::vector<double> allowances_;
  std::unique_ptr<WorkerServer::ReferenceWorker> reference_;
};

}  // namespace kbench
