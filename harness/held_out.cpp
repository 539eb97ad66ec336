#include "harness/held_out.hpp"

#include <algorithm>

namespace kbench {

namespace {

// References of held-out shapes are computed in full while everything else waits.
constexpr double kMostWork = 2e8;

bool legal(const Task& task, const Problem& problem) {
  if (!shapes_of(task, problem)) return false;
  const Bindings dims(problem.dims.begin(), problem.dims.end());
  const bool allowed =
      std::all_of(task.requires_.begin(), task.requires_.end(),
                  [&](const Expr& rule) { return rule.eval(dims).value_or(0) != 0; });
  return allowed && work_of(task, problem) < kMostWork;
}

}  // namespace

std::vector<Problem> draw_held_out(const Task& task, const Problem& like, int count,
                                   std::mt19937_64& random) {
  std::vector<Problem> drawn;
  constexpr int kTries = 50;
  for (int i = 0; i < kTries && static_cast<int>(drawn.size()) < count; ++i) {
    Problem problem = like;
    problem.cache = CacheMode::warm;
    for (const auto& [dim, range] : task.held_out) {
      const auto span = static_cast<uint64_t>(range.second - range.first + 1);
      problem.dims[dim] = range.first + static_cast<int64_t>(random() % span);
    }
    if (legal(task, problem)) drawn.push_back(std::move(problem));
  }
  return drawn;
}

}  // namespace kbench
