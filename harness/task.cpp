#include "harness/task.hpp"

#include <filesystem>

#include "core/text.hpp"
#include "harness/task_reader.hpp"

namespace kbench {

namespace fs = std::filesystem;

namespace {

template <class T>
const T* find_named(const std::vector<T>& list, std::string_view name) {
  for (const T& entry : list) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

// Folders under `root` two levels down that hold a task.json, by task name.
std::map<std::string, std::string, std::less<>> task_folders(const std::string& root) {
  std::map<std::string, std::string, std::less<>> folders;
  std::error_code failed;
  for (const auto& category : fs::directory_iterator(root, failed)) {
    if (!category.is_directory()) continue;
    for (const auto& folder : fs::directory_iterator(category.path(), failed)) {
      if (folder.is_directory()) folders[folder.path().filename()] = folder.path();
    }
  }
  return folders;
}

}  // namespace

const TensorSpec* Task::tensor(std::string_view tensor_name) const {
  return find_named(tensors, tensor_name);
}
const Variant* Task::variant(std::string_view variant_name) const {
  return find_named(variants, variant_name);
}
const Fill* Task::fill(std::string_view fill_name) const {
  return find_named(fills, fill_name);
}

std::map<std::string, Result<Task>, std::less<>> load_tasks(const std::string& root) {
  std::map<std::string, Result<Task>, std::less<>> tasks;
  for (const auto& [name, folder] : task_folders(root)) tasks.emplace(name, load_task(folder));
  return tasks;
}

Result<Task> find_task(const std::string& root, std::string_view name) {
  const auto folders = task_folders(root);
  if (const auto found = folders.find(name); found != folders.end())
    return load_task(found->second);
  std::vector<std::string> names;
  for (const auto& [known, folder] : folders) names.push_back(known);
  if (names.empty())
    return environment_error(
        "no tasks found", root,
        "--tasks names their folder; KBENCH_HOME the one that holds tasks/ and "
        "reference_kernels/");
  return bad_input("unknown task '" + std::string(name) + "'", {}, suggestion(name, names));
}

}  // namespace kbench
