#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "harness/task_check.hpp"

namespace kbench {

namespace {

std::string names(const auto& items, auto&& name) {
  std::vector<std::string> words;
  for (const auto& item : items) words.push_back(name(item));
  return join(words, ", ");
}

std::string shape_text(const TensorSpec& tensor) {
  return "[" + names(tensor.shape, [](const Expr& extent) { return extent.text(); }) + "]";
}

std::string_view io_text(Io io) {
  return io == Io::in ? "in" : io == Io::out ? "out" : "inout";
}

nlohmann::json json_of(const Task& task) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const TensorSpec& tensor : task.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"io", io_text(tensor.io)},
                       {"constant", tensor.constant},
                       {"shape", shape_text(tensor)}});
  }
  auto texts = [](const std::vector<Problem>& problems) {
    std::vector<std::string> list;
    for (const Problem& problem : problems) list.push_back(problem.canonical());
    return list;
  };
  std::vector<std::string> variants, fills;
  for (const Variant& variant : task.variants) variants.push_back(variant.name);
  for (const Fill& fill : task.fills) fills.push_back(fill.name);
  return {{"name", task.name},        {"category", task.category}, {"formula", task.formula},
          {"source", task.source},    {"about", task.about},       {"dims", task.dims},
          {"tensors", tensors},       {"variants", variants},      {"fills", fills},
          {"tune", texts(task.tune)}, {"bench", texts(task.bench)}};
}

void explain(const Task& task) {
  fmt::print("{}  {}\n{}\n\n", paint(task.name, Colour::bold), task.category, task.about);
  fmt::print("formula   {}\nsource    {}\ndims      {}\n", task.formula, task.source,
             join(task.dims, ", "));
  fmt::print("variants  {}\n", names(task.variants, [](const Variant& v) { return v.name; }));
  fmt::print("fills     {}\n\n", names(task.fills, [](const Fill& f) { return f.name; }));
  Table tensors({"tensor", "io", "shape", task.variants.front().name});
  for (const TensorSpec& tensor : task.tensors) {
    const DType dtype = task.variants.front().dtypes.find(tensor.name)->second;
    tensors.add({tensor.name,
                 std::string(io_text(tensor.io)) + (tensor.constant ? " constant" : ""),
                 shape_text(tensor), std::string(name_of(dtype))});
  }
  fmt::print("{}\n", tensors.text());
  for (const auto& [label, problems] : {std::pair{"tune", &task.tune}, {"bench", &task.bench}}) {
    for (const Problem& problem : *problems) fmt::print("{:<6} {}\n", label, problem.canonical());
  }
  fmt::print("\nkbench run {}\n", task.name);
}

int list(const std::string& folder, const GlobalOptions& global) {
  const auto tasks = load_tasks(folder);
  if (tasks.empty()) {
    return report({ErrorKind::bad_input, "no tasks found", folder, "set --tasks or KBENCH_HOME"},
                  global);
  }
  Table table({"task", "category", "variants", "what it does"});
  nlohmann::json lines = nlohmann::json::array();
  int code = 0;
  for (const auto& [name, task] : tasks) {
    if (!task) {
      code = report(task.error(), global);
      continue;
    }
    lines.push_back(json_of(*task));
    table.add({name, task->category, names(task->variants, [](const Variant& v) { return v.name; }),
               task->formula});
  }
  if (global.json) {
    fmt::print("{}\n", lines.dump());
  } else {
    fmt::print("{}\nkbench tasks NAME explains one.\n", table.text());
  }
  return code;
}

// Whether tasks can tell right from wrong: rejected when one cannot.
int check(const std::string& folder, const std::string& only, const GlobalOptions& global) {
  std::map<std::string, Result<Task>, std::less<>> tasks;
  if (only.empty()) {
    tasks = load_tasks(folder);
  } else {
    tasks.emplace(only, find_task(folder, only));
  }
  auto session = BenchSession::start(folder, {}, 0);
  if (!session) return report(session.error(), global);
  int code = 0, sound = 0;
  for (const auto& [name, task] : tasks) {
    if (!task) {
      code = report(task.error(), global);
      continue;
    }
    const std::vector<TaskFlaw> flaws = check_task(**session, *task);
    sound += flaws.empty() ? 1 : 0;
    if (!flaws.empty() && code == 0) code = static_cast<int>(ErrorKind::rejected);
    if (global.json) {
      nlohmann::json list = nlohmann::json::array();
      for (const TaskFlaw& flaw : flaws) {
        list.push_back({{"rule", flaw.rule}, {"message", flaw.message}});
      }
      fmt::print("{}\n", nlohmann::json{{"task", name}, {"flaws", list}}.dump());
      continue;
    }
    fmt::print("{:<24} {}\n", name,
               flaws.empty() ? paint("tells right from wrong", Colour::green)
                             : paint("refused", Colour::red));
    for (const TaskFlaw& flaw : flaws) fmt::print("  {:<14} {}\n", flaw.rule, flaw.message);
    std::fflush(stdout);
  }
  if (!global.json) fmt::print("\n{} of {} tasks can be judged by\n", sound, tasks.size());
  return code;
}

int run_tasks(const std::string& name, const std::string& given, bool checked,
              const GlobalOptions& global) {
  const std::string folder = tasks_folder(given);
  if (checked) return check(folder, name, global);
  if (name.empty()) return list(folder, global);
  auto task = find_task(folder, name);
  if (!task) return report(task.error(), global);
  if (global.json) {
    fmt::print("{}\n", json_of(*task).dump());
  } else {
    explain(*task);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto name = std::make_shared<std::string>(), folder = std::make_shared<std::string>();
  app.add_option("task", *name, "Explain this one");
  app.add_option("--tasks", *folder, "Folder of tasks");
  auto checked = std::make_shared<bool>(false);
  app.add_flag("--check", *checked, "Refuse tasks that cannot tell right from wrong");
  app.footer(
      "Examples:\n  kbench tasks\n  kbench tasks matmul\n  kbench tasks --check --tasks my_tasks");
  return [=, &global] { return run_tasks(*name, *folder, *checked, global); };
}

const bool kRegistered = commands().add("tasks", {"What can be tuned", declare});

}  // namespace

}  // namespace kbench
