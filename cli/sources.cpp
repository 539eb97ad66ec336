#include "cli/sources.hpp"

#include <algorithm>
#include <filesystem>

#include "core/paths.hpp"
#include "core/text.hpp"

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

}  // namespace

Result<NamedKernel> naive_kernel_of(const Task& task, const std::string& variant) {
  auto file = parse_kernel_file(naive_kernel(task, *task.variant(variant)), "naive");
  if (!file) return tl::unexpected(file.error());
  return NamedKernel{std::move(*file), ""};
}

Result<std::vector<NamedKernel>> starting_kernels(const Task& task, const std::string& variant,
                                                  const std::string& language, bool baselines) {
  std::vector<NamedKernel> kernels;
  std::error_code missing;
  const fs::path root = fs::path(data_root()) / "reference_kernels";
  for (const auto& category : fs::directory_iterator(root, missing)) {
    for (const auto& entry : fs::directory_iterator(category.path() / task.name, missing)) {
      if (entry.path().extension() != ".cpp") continue;
      auto file = read_kernel_file(entry.path());
      if (!file) return tl::unexpected(file.error());
      if (file->baseline == baselines && serves(*file, task, variant, language)) {
        kernels.push_back({std::move(*file), entry.path()});
      }
    }
  }
  std::sort(kernels.begin(), kernels.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return kernels;
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

Candidate candidate_of(const NamedKernel& kernel, const Params& params) {
  Candidate candidate;
  candidate.kernel_text = kernel.file.source;
  candidate.kernel_name = kernel.file.name;
  candidate.params = params;
  return candidate;
}

Result<Candidate> candidate_of(const std::string& text, const Task* task,
                               const std::string& variant) {
  const size_t colon = text.rfind(':');
  const bool has_params = colon != std::string::npos && text.find('=', colon) != std::string::npos;
  const std::string path = has_params ? text.substr(0, colon) : text;
  auto chosen = parse_params(has_params ? std::string_view(text).substr(colon + 1) : "");
  if (!chosen) return tl::unexpected(chosen.error());
  Result<NamedKernel> kernel = bad_input("");
  if (path == "naive" && task != nullptr) {
    kernel = naive_kernel_of(*task, variant);
  } else {
    auto file = read_kernel_file(path);
    if (!file) return tl::unexpected(file.error());
    kernel = NamedKernel{std::move(*file), path};
  }
  if (!kernel) return tl::unexpected(kernel.error());
  auto params = complete_params(kernel->file, *chosen);
  if (!params) return tl::unexpected(params.error());
  return candidate_of(*kernel, *params);
}

std::string repeat_command(const Candidate& candidate, const Problem& problem,
                           const std::string& path) {
  const std::string kernel = path.empty() ? "naive --task " + problem.task
                                          : fs::path(path).lexically_proximate(".").string();
  std::string command = "kbench eval " + kernel + " --problem '" + problem.canonical() + "'";
  if (!candidate.params.empty()) command += " --params '" + canonical(candidate.params) + "'";
  if (!candidate.compiler.empty()) command += " --compiler " + candidate.compiler;
  return command;
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
