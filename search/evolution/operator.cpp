#include "search/evolution/operator.hpp"

#include <algorithm>

namespace kbench {

Registry<Operator>& operators() {
  static Registry<Operator> registry("operator");
  return registry;
}

Result<OperatorWeights> parse_operators(const std::string& text) {
  OperatorWeights weights;
  for (const auto& [name, kind] : operators().entries()) {
    weights[name] = text.empty() || name == "repair" ? kind.weight : 0;
  }
  if (text.empty()) return weights;
  for (const std::string& part : split(text, ',')) {
    const size_t colon = part.find(':');
    const std::string name(trim(part.substr(0, colon)));
    if (auto known = operators().find(name); !known) return tl::unexpected(known.error());
    auto weight = colon == std::string::npos ? Result<double>(1.0)
                                             : parse_number(trim(part.substr(colon + 1)));
    if (!weight || !(*weight >= 0 && *weight <= 1e6)) {
      return bad_input("'" + part + "' is no weight", "--operators", "write improve:3,write:1");
    }
    weights[name] = *weight;
  }
  const bool any = std::any_of(weights.begin(), weights.end(), [](const auto& entry) {
    return entry.second > 0 && (*operators().find(entry.first))->begin != nullptr;
  });
  if (!any) return bad_input("none of them begins anything", "--operators", "such as write:1");
  return weights;
}

Turn turn_from(const Scene& scene, const char* name, size_t member) {
  const Member& base = scene.members[member];
  return {.name = name,
          .base = base.source,
          .parent = base.evaluation_id,
          .member = member,
          .reference_ns = base.ns};
}

namespace {

std::optional<Turn> write(const Scene&) {
  return Turn{.name = "write"};
}

std::optional<Turn> improve(const Scene& scene) {
  if (scene.pool.empty()) return {};
  return turn_from(scene, "improve",
                   scene.selection.choose(scene.members, scene.pool, scene.random));
}

// The second parent is chosen among the others as the first was among all.
std::optional<Turn> cross(const Scene& scene) {
  if (scene.pool.size() < 2) return {};
  const size_t first = scene.selection.choose(scene.members, scene.pool, scene.random);
  std::vector<size_t> others;
  std::copy_if(scene.pool.begin(), scene.pool.end(), std::back_inserter(others),
               [&](size_t i) { return i != first; });
  Turn turn = turn_from(scene, "cross", first);
  turn.other = scene.selection.choose(scene.members, others, scene.random);
  turn.reference_ns = std::min(turn.reference_ns, scene.members[*turn.other].ns);
  return turn;
}

std::optional<Turn> translate(const Scene& scene) {
  if (scene.foreign.empty()) return {};
  const size_t chosen = scene.random() % scene.foreign.size();
  const ForeignKernel& kernel = scene.foreign[chosen];
  Turn turn{.name = "translate", .about = kernel.name + " (" + kernel.language + ")"};
  turn.foreign = chosen;
  return turn;
}

// First a strategy and its steps, then a step at a time (search/evolution/plan.hpp).
std::optional<Turn> plan(const Scene& scene) {
  if (scene.pool.empty()) return {};
  Turn turn =
      turn_from(scene, "plan", scene.selection.choose(scene.members, scene.pool, scene.random));
  turn.asks_plan = true;
  return turn;
}

const bool kWrite = operators().add("write", {"from the task alone", 1, write});
const bool kImprove = operators().add("improve", {"make a measured kernel faster", 3, improve});
const bool kCross = operators().add("cross", {"one kernel of two", 1, cross});
const bool kTranslate =
    operators().add("translate", {"a kernel of another language (--from)", 1, translate});
const bool kPlan = operators().add("plan", {"a strategy first, then one step at a time", 0, plan});
const bool kRepair =
    operators().add("repair", {"mend what failed, at most twice in a row; 0: never", 1, nullptr});

}  // namespace

}  // namespace kbench
