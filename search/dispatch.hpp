#pragma once

#include <cstddef>
#include <vector>

namespace kbench {

// A few kernels for many problems, and which of them each problem gets. A loss is the time over the
// best time any kernel reaches on the problem, less 1.
struct Dispatch {
  std::vector<size_t> kernels = {};     // in the order they were taken
  std::vector<size_t> of_problem = {};  // the kernel of each problem
  std::vector<double> losses = {};      // of each problem
  double mean_loss = 0;                 // geometric
  double worst_loss = 0;
};

// The best with one kernel, with two, and so on until nothing is lost: each takes the kernel that
// lowers the mean loss most. times_ns[kernel][problem]; infinity where it does not run. Every
// problem is run by some kernel, and by one of them all, or the first dispatches have an infinite
// loss.
std::vector<Dispatch> dispatches(const std::vector<std::vector<double>>& times_ns);

// The smallest whose mean loss is at most `loss`; the last where none is.
const Dispatch& within(const std::vector<Dispatch>& dispatches, double loss);

}  // namespace kbench
