#pragma once

#include <cstdint>
#include <vector>

#include "harness/arena.hpp"
#include "harness/plan.hpp"
#include "harness/task.hpp"

namespace kbench {

// Which sets a ring has.
struct RingSpec {
  int sets = 1;                         // that kernels are run on
  std::vector<std::string> fills = {};  // set s is filled as fills[s % n] says; none: the problem
  std::vector<std::string> held = {};   // fills of further sets, which no kernel ever maps
};

// R tensor sets of one problem in the arena: distinct inputs, own outputs, own working copies of
// inouts; tensors that the task marks constant are one for all sets. Tensors are numbered as the
// task has them.
class TensorRing {
 public:
  // Says before allocating when the sets do not fit in the memory that is free.
  static Result<TensorRing> create(Arena& arena, const Task& task, const Problem& problem,
                                   const RingSpec& spec);

  int sets() const { return sets_; }
  // Sets [sets(), all()) are held: their inputs are given to others by copy_inputs().
  int all() const { return static_cast<int>(pristine_.size()); }
  const std::vector<TensorShape>& shapes() const { return shapes_; }
  // The problem, with the fill of that set.
  const Problem& problem(int set) const { return problems_[index(set)]; }
  const Problem& problem() const { return problem_; }

  // New contents from the seed, by the set's own fill or the one named; constants only by
  // fill_constants.
  void fill(int set, uint64_t seed, const std::string& fill_name = {});
  void fill_constants(uint64_t seed);
  // Gives one set the inputs of another.
  void copy_inputs(int from, int to);
  // Changes a few elements of every constant, so that only who reads them all can know. Returns
  // what restore_constants() wants.
  std::vector<std::vector<char>> disturb_constants(uint64_t seed);
  void restore_constants(const std::vector<std::vector<char>>& contents);
  // Inouts restored, outputs poisoned, canaries behind both put back.
  void reset_outputs(int set);

  // Storage of every tensor of a set: as the reference reads it (inputs and untouched inouts,
  // outputs null), and as the kernel left it.
  std::vector<const void*> pristine(int set) const;
  std::vector<const void*> working(int set) const;
  // Regions of the set's tensors as a kernel's worker maps them, and as the reference's does
  // (regions of outputs are empty there).
  const std::vector<Region>& worker_regions(int set) const { return working_[index(set)]; }
  const std::vector<Region>& reference_regions(int set) const { return pristine_[index(set)]; }

  // The first output whose canary is damaged, or that still holds poison; -1: none.
  int damaged_output(int set) const;
  int unwritten_output(int set) const;

 private:
  TensorRing(Arena& arena, const Task& task) : arena_(&arena), task_(&task) {}
  static size_t index(int set) { return static_cast<size_t>(set); }

  Arena* arena_;
  const Task* task_;
  int sets_ = 0;
  Problem problem_;
  std::vector<Problem> problems_;   // per set, with the fill of its present contents
  std::vector<std::string> fills_;  // per set, its own
  std::vector<TensorShape> shapes_;
  std::vector<std::vector<Region>> pristine_, working_;  // [set][tensor]
};

// Workspace of one plan over all sets of a ring. Buffers that `prepare` writes are one for all sets
// and live as long as the worker; the others follow each other in memory that every candidate
// reuses.
struct Workspace {
  std::vector<std::vector<Region>> regions;  // [set][buffer]
  std::vector<bool> prepared;                // per buffer
  static Result<Workspace> create(Arena& arena, const LaunchPlan& plan, size_t tensors, int sets);
  // Every buffer that is not prepared.
  void poison(const Arena& arena, const LaunchPlan& plan, int set) const;
};

// How many sets a timed ring has: `cold`, enough that each was evicted from a last-level cache of
// `cache_bytes` before its next use; `warm`, a few distinct ones.
int timed_sets(const Task& task, const Problem& problem, size_t cache_bytes);

}  // namespace kbench
