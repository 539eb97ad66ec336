#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/task.hpp"

namespace kbench {

// Outputs of a group split into equal contiguous runs of elements in row-major order: slice s of
// `count` owns elements [s, s + 1) * elements / count. docs/task.md asks this of every task.
Result<int64_t> slices_of(const Task& task, const Problem& problem, int group);
// The group that computes this tensor (index into task.tensors), or -1 for inputs.
int group_of(const Task& task, int tensor);

// What came out wrong in one tensor: the first bad element in row-major order, and how many there
// are.
struct Mismatch {
  std::string tensor;
  std::vector<int64_t> index;
  double expected = 0, got = 0;
  double bound = 0;  // the largest difference that would have passed; 0: must be equal
  int64_t bad_count = 0;
  bool unwritten = false;  // still holds the poison put there before the call

  // "y[3, 17] is 0.125, expected 0.25 within 3.1e-08 (12 of 4096 elements are wrong)".
  std::string text() const;
};

// Compares output `tensor` (index into task.tensors) of a set with the reference, in all slices or
// only in the given ones. `set` holds the storage of every tensor in task order as a candidate left
// it; `values` and `scales` are what the reference wrote for this tensor (full-sized arrays of
// which only the given slices are read). An element the reference should have written and did not
// (its scale is 0) counts as wrong, with a NaN expected.
std::optional<Mismatch> compare_output(const Task& task, const Problem& problem,
                                       const std::vector<TensorShape>& shapes, int tensor,
                                       const void* const* set, const double* values,
                                       const float* scales, std::span<const int64_t> slices = {});

// How far right outputs are from the reference: errors as shares of the bound.
struct Deviation {
  double squares = 0;  // of the shares
  int64_t elements = 0;

  Deviation& operator+=(const Deviation& other) {
    squares += other.squares;
    elements += other.elements;
    return *this;
  }
  // Root mean square, in [0, 1] for outputs that compare_output takes; none without elements.
  std::optional<double> rms() const;
};
// Of one output, from a few thousand elements spread evenly over it. Elements that must be equal,
// and those of which no finite value is expected, do not count.
Deviation deviation_of(const Task& task, const std::vector<TensorShape>& shapes, int tensor,
                       const void* const* set, const double* values, const float* scales);

// The largest bound compare_output would grant within those slices (all when empty): what
// `allowance` should be for outputs of which only some slices have a reference.
double largest_bound(const Task& task, const Problem& problem,
                     const std::vector<TensorShape>& shapes, int tensor, const double* values,
                     const float* scales, std::span<const int64_t> slices = {});

// Two candidates' outputs in full against each other: the slices, ascending and at most `limit`,
// that hold elements which differ by more than twice (allowance + storage rounding). The reference
// of those slices settles who is wrong. Exact outputs may not differ at all; index_into compares
// the elements found.
std::vector<int64_t> disagreeing_slices(const Task& task, const Problem& problem,
                                        const std::vector<TensorShape>& shapes, int tensor,
                                        const void* const* a, const void* const* b,
                                        double allowance, size_t limit);

// Outputs are poisoned before a call: NaNs with a payload no arithmetic makes, large odd integers.
void poison(void* data, DType type, int64_t elements);
// Index of the first element that still holds poison, or -1. Integers of 8 and 16 bits always
// answer -1: there, any pattern may be an honest value, and only comparing tells.
int64_t find_poison(const void* data, DType type, int64_t elements);

}  // namespace kbench
