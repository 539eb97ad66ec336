#include "cli/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "backends/host_compiler.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"
#include "harness/trust.hpp"

namespace kbench {

namespace fs = std::filesystem;

namespace {

bool serves(const KernelFile& kernel, const Task& task, const std::string& variant,
            const std::string& language) {
  const auto& languages = kernel.languages;
  if (kernel.task != task.name ||
      std::find(languages.begin(), languages.end(), language) == languages.end()) {
    return false;
  }
  if (kernel.dtypes.empty()) return true;
  const Variant* types = task.variant(variant);
  return std::any_of(types->dtypes.begin(), types->dtypes.end(), [&](const auto& entry) {
    return std::find(kernel.dtypes.begin(), kernel.dtypes.end(), entry.second) !=
           kernel.dtypes.end();
  });
}

fs::path reference_kernels() {
  return fs::path(data_root()) / "reference_kernels";
}

// Where the file of a kernel's name lies, and its name in reference_kernels/ if that is there.
struct Place {
  std::string path, name;
};

Place place_of(const std::string& name) {
  std::error_code failed;
  Place place{name, name};
  if (!fs::exists(name, failed) && fs::exists(reference_kernels() / name, failed)) {
    place.path = reference_kernels() / name;
  }
  const fs::path inside =
      fs::weakly_canonical(place.path, failed)
          .lexically_relative(fs::weakly_canonical(reference_kernels(), failed));
  if (!inside.empty() && *inside.begin() != "..") place.name = inside;
  return place;
}

}  // namespace

Result<KernelFile> load_kernel(const std::string& name, const Task* task,
                               const std::string& variant) {
  if (name == "naive") {
    if (task == nullptr) return bad_input("'naive' needs a task", {}, "add --task NAME");
    return parse_kernel_file(naive_kernel(*task, *task->variant(variant)), name);
  }
  const Place place = place_of(name);
  auto file = read_kernel_file(place.path);
  if (!file) return file;
  if (auto trusted = check_trusted(*file); !trusted) return tl::unexpected(trusted.error());
  file->name = place.name;
  return file;
}

Result<std::vector<KernelFile>> starting_kernels(const Task& task, const std::string& variant,
                                                 const std::string& language, bool baselines) {
  std::vector<KernelFile> kernels;
  std::error_code missing;
  for (const auto& category : fs::directory_iterator(reference_kernels(), missing)) {
    for (const auto& entry : fs::directory_iterator(category.path() / task.name, missing)) {
      if (!entry.is_regular_file()) continue;
      auto file = load_kernel(entry.path(), &task, variant);
      if (!file) return tl::unexpected(file.error());
      if (file->baseline == baselines && serves(*file, task, variant, language)) {
        kernels.push_back(std::move(*file));
      }
    }
  }
  std::sort(kernels.begin(), kernels.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return kernels;
}

Result<Task> task_for(const std::string& kernel, const std::string& given,
                      const std::string& folder) {
  if (!given.empty()) return find_task(folder, given);
  auto file = load_kernel(kernel.substr(0, kernel.find(':')), nullptr, "");
  if (!file) return tl::unexpected(file.error());
  auto task = find_task(folder, file->task);
  if (!task && task.error().where.empty()) task.error().where = file->name;
  return task;
}

Result<Params> parse_params(std::string_view text) {
  Params params;
  for (const std::string& part : split(text, ',')) {
    if (trim(part).empty()) continue;
    const size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return bad_input("'" + part + "' is no param", {}, "write NAME=VALUE,NAME=VALUE");
    }
    params[std::string(trim(part.substr(0, equals)))] =
        trim(std::string_view(part).substr(equals + 1));
  }
  return params;
}

Candidate candidate_of(const KernelFile& kernel, const Params& params, const Device& device) {
  Candidate candidate;
  candidate.kernel_text = kernel.source;
  candidate.kernel_name = kernel.name;
  candidate.params = params;
  candidate.language = device.language_among(kernel.languages);
  return candidate;
}

Result<Candidate> candidate_of(const std::string& text, const Task* task,
                               const std::string& variant, const Device& device) {
  const size_t colon = text.find(':');
  auto chosen = parse_params(colon == std::string::npos ? std::string_view()
                                                        : std::string_view(text).substr(colon + 1));
  if (!chosen) return tl::unexpected(chosen.error());
  auto kernel = load_kernel(text.substr(0, colon), task, variant);
  if (!kernel) return tl::unexpected(kernel.error());
  auto params = complete_params(*kernel, *chosen);
  if (!params) return tl::unexpected(params.error());
  return candidate_of(*kernel, *params, device);
}

std::vector<std::string> compiler_names() {
  std::vector<std::string> names;
  for (const HostCompiler& compiler : host_compilers()) names.push_back(compiler.name);
  return names;
}

Result<void> check_compiler(const std::string& name) {
  const auto known = compiler_names();
  if (known.empty()) {
    return environment_error("no C++ compiler was found", "PATH", "install g++ or clang++");
  }
  if (name.empty() || std::find(known.begin(), known.end(), name) != known.end()) return {};
  return bad_input("there is no compiler '" + name + "'", "--compiler", suggestion(name, known));
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=,./:%@";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char letter : text) letter == '\'' ? quoted += "'\\''" : quoted += letter;
  return quoted + "'";
}

std::string repeat_command(const Candidate& candidate, const Problem& problem,
                           const std::string& tasks) {
  std::string command = "kbench eval " + shell_word(candidate.kernel_name);
  if (candidate.kernel_name == "naive") command += " --task " + problem.task;
  command += " --problem " + shell_word(problem.canonical());
  if (!candidate.params.empty()) command += " --params " + shell_word(canonical(candidate.params));
  if (!candidate.compiler.empty()) command += " --compiler " + candidate.compiler;
  if (!tasks.empty()) command += " --tasks " + shell_word(tasks);
  return command;
}

Result<void> check_threads(const Problem& problem) {
  const int cores = this_cpu().cores;
  if (problem.threads <= cores) return {};
  return bad_input("the problem asks for " + std::to_string(problem.threads) +
                       " threads, the machine has " + std::to_string(cores) + " cores",
                   problem.canonical());
}

Result<void> check_task(const std::string& task, const Store& store) {
  if (task.empty()) return {};
  auto campaigns = store.campaigns();
  if (!campaigns) return tl::unexpected(campaigns.error());
  for (const CampaignRecord& campaign : *campaigns) {
    if (campaign.task == task) return {};
  }
  return find_task(tasks_folder(""), task).map([](const Task&) {});
}

std::string task_hash(const Task& task) {
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(task.folder, missing)) {
    if (entry.is_regular_file(missing)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const fs::path& path : files) {
    all += path.filename().string() + ' ' + sha256(read_file(path).value_or("")) + '\n';
  }
  return sha256(all);
}

std::string campaign_environment(const std::string& rules_hash) {
  std::vector<std::string> versions;
  for (const HostCompiler& found : host_compilers()) versions.push_back(found.version);
  nlohmann::json about = environment(versions);
  about["task_hash"] = rules_hash;
  return about.dump();
}

std::string tasks_folder(const std::string& given) {
  return given.empty() ? data_root() + "/tasks" : given;
}

Result<std::map<std::string, std::string>> split_options(const std::vector<std::string>& given) {
  std::map<std::string, std::string> options;
  for (const std::string& option : given) {
    const size_t equals = option.find('=');
    if (equals == std::string::npos) {
      return bad_input("'" + option + "' is no strategy option", {}, "write --option name=value");
    }
    options[option.substr(0, equals)] = option.substr(equals + 1);
  }
  return options;
}

}  // namespace kbench
