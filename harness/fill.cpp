#include "harness/fill.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace kbench {

Registry<FillGenerator>& fill_generators() {
  static Registry<FillGenerator> registry("fill generator");
  return registry;
}

Result<void> fill_inputs(const Task& task, const Problem& problem, uint64_t seed,
                         const std::vector<void*>& tensors) {
  const Fill* fill = task.fill(problem.fill);
  if (fill == nullptr) return bad_input("unknown fill '" + problem.fill + "'", task.name);
  const auto shapes = shapes_of(task, problem);
  if (!shapes) return tl::unexpected(shapes.error());
  const RandomStream random = RandomStream{seed};
  for (size_t r = 0; r < fill->rules.size(); ++r) {
    const FillRule& rule = fill->rules[r];
    const auto generator = fill_generators().find(rule.generator);
    if (!generator) return tl::unexpected(generator.error());
    FillRequest request{
        .targets = {}, .options = {}, .random = random.derive(r), .dims = &problem.dims};
    for (const std::string& name : rule.tensors) {
      const auto t = static_cast<size_t>(task.tensor(name) - task.tensors.data());
      if (tensors[t] != nullptr) request.targets.push_back({name, (*shapes)[t], tensors[t]});
    }
    if (request.targets.size() != rule.tensors.size()) continue;
    auto options = Options::parse((*generator)->options, {rule.options.begin(), rule.options.end()},
                                  "fill '" + rule.generator + "'");
    if (!options) return tl::unexpected(options.error());
    request.options = *options;
    if (auto filled = (*generator)->fill(request); !filled) return filled;
  }
  return {};
}

}  // namespace kbench
