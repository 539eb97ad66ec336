#include "search/models/prompt_values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "search/evolution/plan.hpp"

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

std::string profile_of(const Member& member) {
  std::vector<std::string> facts;
  if (member.roofline_share > 0) {
    facts.push_back(
        fmt::format("{:.0f} % of what the hardware allows", 100 * member.roofline_share));
  }
  if (member.code_bytes > 0) {
    facts.push_back(
        fmt::format("{} of machine code", format_bytes(static_cast<double>(member.code_bytes))));
  }
  for (size_t s = 1; s < member.shapes_ns.size(); ++s) {
    facts.push_back("on another shape " + format_time(member.shapes_ns[s]));
  }
  facts.insert(facts.end(), member.notes.begin(), member.notes.end());
  return facts.empty() ? "" : "Measured: " + join(facts, "; ") + ".\n";
}

std::string name_of_language(const std::string& language) {
  if (language == "cpp") return "C++20";
  if (language == "cuda") return "CUDA C++";
  if (language == "hip") return "HIP C++";
  return language == "opencl" ? "OpenCL C" : language;
}

// Every name that a turn may leave empty.
constexpr std::string_view kEmpty[] = {
    "base_source",    "failure_text",  "history_lines",    "slower_source", "base_time",
    "base_share",     "base_params",   "base_surface",     "base_profile",  "other_source",
    "other_time",     "other_params",  "foreign_language", "foreign_name",  "foreign_speed",
    "foreign_source", "plan_strategy", "plan_step",        "plan_done",     "plan_left",
    "lesson_lines"};

void describe_base(Prompts::Values& values, const Member& base) {
  values["base_time"] = format_time(base.ns);
  if (base.roofline_share > 0) {
    values["base_share"] = fmt::format("{:.0f} %", 100 * base.roofline_share);
  }
  values["base_params"] = base.params.empty() ? "no params" : canonical(base.params);
  values["base_surface"] = base.surface;
  values["base_profile"] = profile_of(base);
}

// Fast and slow side by side say what made the difference.
void contrast(Prompts::Values& values, const Member& base, const Member& slowest) {
  if (slowest.ns <= base.ns) return;
  values["slower_source"] = fmt::format("{} takes {}:\n```cpp\n{}```\n", slowest.name,
                                        format_time(slowest.ns), slowest.source);
}

void describe_plan(Prompts::Values& values, const Plan& plan) {
  const size_t now = plan.next - 1;
  values["plan_strategy"] = plan.strategy;
  values["plan_step"] = plan.steps[now];
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (i < now) values["plan_done"] += "Done: " + plan.steps[i] + "\n";
    if (i > now) values["plan_left"] += "Later: " + plan.steps[i] + "\n";
  }
}

}  // namespace

Prompts::Values task_values(const ModelCampaignSetup& setup) {
  return {
      {"task_name", setup.task.name},
      {"task_about", setup.task.about},
      {"task_formula", setup.task.formula},
      {"task_problem", setup.campaign.problem.canonical()},
      {"task_tensors", tensors_of(setup.task, setup.campaign.problem)},
      {"naive_source", setup.campaign.kernels[0].file.source},
      {"device_facts", setup.device_text},
      {"language", setup.language},
      {"language_name", name_of_language(setup.language)},
      {"share", std::to_string(setup.share)},
      {"strategies", plan_strategies()},
      {"knowledge_notes", setup.knowledge},
      {"similar_source", setup.similar},
  };
}

Prompts::Values prompt_values(const ModelCampaignSetup& setup, const Evolution& evolution,
                              const Turn& turn) {
  Prompts::Values values = task_values(setup);
  for (const std::string_view name : kEmpty) values[std::string(name)];
  for (const std::string& lesson : evolution.lessons()) {
    values["lesson_lines"] += "- " + lesson + "\n";
  }
  values["base_source"] = turn.base;
  values["failure_text"] = turn.failure;
  if (turn.name == "write") return values;
  const Members& members = evolution.members();
  const std::vector<size_t> order = evolution.by_time();
  for (size_t i = 0; i < std::min(kHistory, order.size()); ++i) {
    values["history_lines"] += line_of(members[order[i]]);
  }
  if (turn.member) {
    describe_base(values, members[*turn.member]);
    contrast(values, members[*turn.member], members[order.back()]);
  }
  if (turn.other) {
    const Member& other = members[*turn.other];
    values["other_source"] = other.source;
    values["other_time"] = format_time(other.ns);
    values["other_params"] = other.params.empty() ? "no params" : canonical(other.params);
  }
  if (turn.foreign) {
    const ForeignKernel& foreign = evolution.foreign()[*turn.foreign];
    values["foreign_language"] = name_of_language(foreign.language);
    values["foreign_name"] = foreign.name;
    values["foreign_speed"] = foreign.speed.empty() ? ":" : ", " + foreign.speed + ":";
    values["foreign_source"] = foreign.source;
  }
  if (turn.plan) describe_plan(values, *turn.plan);
  return values;
}

}  // namespace kbench
