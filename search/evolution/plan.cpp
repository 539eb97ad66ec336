#include "search/evolution/plan.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "search/models/reply.hpp"

namespace kbench {

namespace {

constexpr size_t kMostSteps = 5;

}  // namespace

std::optional<Plan> parse_plan(std::string_view reply) {
  Plan plan;
  for (const std::string& line : split(reply, '\n')) {
    if (auto strategy = field_of(line, "strategy")) {
      plan.strategy = lower_case(*strategy);
    } else if (auto step = field_of(line, "step"); step && !step->empty()) {
      if (plan.steps.size() < kMostSteps) plan.steps.push_back(std::move(*step));
    }
  }
  const auto& known = kPlanStrategies;
  if (std::find(std::begin(known), std::end(known), plan.strategy) == std::end(known)) return {};
  if (plan.steps.empty()) return {};
  return plan;
}

std::string plan_strategies() {
  return join({std::begin(kPlanStrategies), std::end(kPlanStrategies)}, ", ");
}

}  // namespace kbench
