#include "search/models/prompt_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr size_t kHistory = 12;

std::string tensors_of(const Task& task, const Problem& problem) {
  const Variant* variant = task.variant(problem.variant);
  const auto shapes = shapes_of(task, problem);
  std::string text;
  for (size_t i = 0; i < task.tensors.size() && variant != nullptr && shapes; ++i) {
    const TensorSpec& tensor = task.tensors[i];
    std::vector<std::string> extents;
    for (const int64_t extent : (*shapes)[i].extents) extents.push_back(std::to_string(extent));
    constexpr const char* kIo[] = {"input", "output", "input and output"};
    text +=
        fmt::format("- {} {}[{}], {}{}\n", tensor.name, name_of(variant->dtypes.at(tensor.name)),
                    join(extents, ", "), kIo[static_cast<size_t>(tensor.io)],
                    tensor.constant ? ", the same in every call" : "");
  }
  return text;
}

std::string line_of(const Member& member) {
  return fmt::format("- {}: {} ({}{})\n", member.name, format_time(member.ns), member.step,
                     member.params.empty() ? "" : "; " + canonical(member.params));
}

}  // namespace

Prompts::Values prompt_values(const ModelCampaignSetup& setup, const Population& population,
                              const Turn& turn) {
  const Problem& problem = setup.campaign.problem;
  Prompts::Values values = {
      {"task_name", setup.task.name},
      {"task_about", setup.task.about},
      {"task_formula", setup.task.formula},
      {"task_problem", problem.canonical()},
      {"task_tensors", tensors_of(setup.task, problem)},
      {"naive_source", setup.campaign.kernels[0].file.source},
      {"device_facts", setup.device_text},
      {"share", std::to_string(setup.share)},
      {"base_source", turn.base},
      {"failure_text", turn.failure},
      {"history_lines", ""},
      {"slower_source", ""},
      {"base_time", ""},
      {"base_share", ""},
      {"base_params", ""},
      {"base_surface", ""},
  };
  if (turn.name == "write") return values;
  const std::vector<Member>& members = population.members();
  for (size_t i = 0; i < std::min(kHistory, members.size()); ++i) {
    values["history_lines"] += line_of(members[i]);
  }
  if (turn.name != "improve") return values;
  const Member& base = members[turn.member];
  values["base_time"] = format_time(base.ns);
  if (base.roofline_share > 0)
    values["base_share"] = fmt::format("{:.0f} %", 100 * base.roofline_share);
  values["base_params"] = canonical(base.params);
  values["base_surface"] = base.surface;
  // Fast and slow side by side say what made the difference.
  if (members.back().ns > base.ns) {
    values["slower_source"] = fmt::format("{} takes {}:\n```cpp\n{}```\n", members.back().name,
                                          format_time(members.back().ns), members.back().source);
  }
  return values;
}

}  // namespace kbench
