#include "search/models/population.hpp"

#include <algorithm>

#include "search/memory.hpp"

namespace kbench {

namespace {

constexpr int kMostRepairs = 2;
constexpr double kWriteShare = 0.25;

const bool kRegistered =
    arms().add("evolve", {"improve the fastest, repair what failed", true}) &&
    arms().add("best_of_n", {"always write from the task alone: the control", false});

}  // namespace

Registry<Arm>& arms() {
  static Registry<Arm> registry("arm");
  return registry;
}

void Population::add(Member member) {
  const auto at = std::upper_bound(members_.begin(), members_.end(), member,
                                   [](const Member& a, const Member& b) { return a.ns < b.ns; });
  members_.insert(at, std::move(member));
}

Turn Population::next(const Arm& arm, std::mt19937_64& random) {
  if (!arm.evolves) return {.name = "write"};
  while (!failures_.empty()) {
    const Failure failure = std::move(failures_.front());
    failures_.pop_front();
    if (failure.repairs >= kMostRepairs) continue;
    return {.name = "repair",
            .base = failure.source,
            .parent = failure.evaluation_id,
            .failure = failure.why,
            .repairs = failure.repairs + 1};
  }
  if (members_.empty() || draw_real(random) < kWriteShare) return {.name = "write"};
  double whole = 0;
  for (size_t k = 0; k < members_.size(); ++k) whole += 1.0 / static_cast<double>(k + 1);
  double left = draw_real(random) * whole;
  size_t chosen = 0;
  for (; chosen + 1 < members_.size(); ++chosen) {
    left -= 1.0 / static_cast<double>(chosen + 1);
    if (left < 0) break;
  }
  return {.name = "improve",
          .base = members_[chosen].source,
          .parent = members_[chosen].evaluation_id,
          .member = chosen};
}

}  // namespace kbench
