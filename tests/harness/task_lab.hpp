#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/compare.hpp"
#include "harness/plan.hpp"
#include "harness/task.hpp"

namespace kbench {

// Storage of every tensor of one set, in task order.
struct TensorSet {
  std::vector<std::vector<std::byte>> storage;
  std::vector<void*> pointers();
};

// Expected values and scales of every output, in task order; inputs have none.
struct Expected {
  std::vector<std::vector<double>> values;
  std::vector<std::vector<float>> scales;
};

// A task's reference and naive kernel for one variant, compiled by g++ and loaded into the test.
// Images are kept in the build folder by the hash of their source.
class TaskLab {
 public:
  TaskLab(const Task& task, const Variant& variant);

  // Inputs from the seed, outputs poisoned.
  TensorSet fill(const Problem& problem, uint64_t seed) const;
  // All groups over all of their slices; or each slice by a call of its own, last first.
  Expected reference(const Problem& problem, TensorSet& set) const;
  Expected reference_by_slices(const Problem& problem, TensorSet& set) const;
  // A copy of the set after the naive kernel ran on it.
  TensorSet naive(const Problem& problem, const TensorSet& set) const;
  // The first mismatch of any output.
  std::optional<Mismatch> compare(const Problem& problem, TensorSet& set,
                                  const Expected& expected) const;
  std::vector<TensorShape> shapes(const Problem& problem) const;

 private:
  Expected unwritten(const Problem& problem) const;
  void call_reference(const Problem& problem, TensorSet& set, Expected& expected, int group,
                      const int64_t* slices, int64_t count) const;

  const Task& task_;
  KernelFile kernel_;
  void* naive_image_ = nullptr;
  ReferenceFunction reference_ = nullptr;
};

}  // namespace kbench
