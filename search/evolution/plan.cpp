#include "search/evolution/plan.hpp"

#include <algorithm>
#include <cctype>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr size_t kMostSteps = 5;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// "- **Step 2:** tile the rows" is a line `step` with "tile the rows".
std::optional<std::string> field(std::string_view line, std::string_view name) {
  constexpr std::string_view kMarks = " \t-*#>_0123456789.)";
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  std::string_view key = line.substr(0, colon);
  while (!key.empty() && kMarks.find(key.front()) != std::string_view::npos) key.remove_prefix(1);
  while (!key.empty() && kMarks.find(key.back()) != std::string_view::npos) key.remove_suffix(1);
  if (lower(key) != name) return {};
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && std::string_view(" \t*_`").find(value.front()) != std::string_view::npos)
    value.remove_prefix(1);
  while (!value.empty() && std::string_view(" \t*_`.").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  return std::string(value);
}

}  // namespace

std::optional<Plan> parse_plan(std::string_view reply) {
  Plan plan;
  for (const std::string& line : split(reply, '\n')) {
    if (auto strategy = field(line, "strategy")) {
      plan.strategy = lower(*strategy);
    } else if (auto step = field(line, "step"); step && !step->empty()) {
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
