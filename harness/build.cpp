#include "harness/build.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"
#include "harness/opencl_types.hpp"
#include "harness/trust.hpp"

namespace kbench {

namespace {

// Params, dims the kernel asked for and the storage type of each tensor, as the compiler gets them.
std::vector<std::pair<std::string, std::string>> definitions_of(const Params& params,
                                                                const LaunchPlan& plan,
                                                                const Task& task,
                                                                const Problem& problem) {
  std::vector<std::pair<std::string, std::string>> definitions;
  for (const auto& [name, value] : params) {
    if (name != "FLAGS") definitions.emplace_back(name, value);
  }
  for (const auto& [name, value] : plan.defines)
    definitions.emplace_back(name, std::to_string(value));
  const Variant* variant = task.variant(problem.variant);
  for (const TensorSpec& tensor : task.tensors) {
    definitions.emplace_back(tensor.name + "_t",
                             std::string(cpp_name_of(variant->dtypes.find(tensor.name)->second)));
  }
  return definitions;
}

std::vector<std::string> flags_of(const Params& params) {
  std::vector<std::string> flags;
  const auto found = params.find("FLAGS");
  if (found == params.end()) return {"-O3"};
  for (const std::string& flag : split(found->second, ' ')) {
    if (!flag.empty()) flags.push_back(flag);
  }
  return flags;
}

Outcome outcome_of(CompileStatus status) {
  switch (status) {
    case CompileStatus::timeout:
      return Outcome::compile_timeout;
    case CompileStatus::resource_limit:
      return Outcome::resource_limit;
    case CompileStatus::unsupported:
      return Outcome::unsupported;
    case CompileStatus::ok:
    case CompileStatus::error:
      break;
  }
  return Outcome::compile_error;
}

Judged<void> allowed(const KernelFile& kernel, const Params& params, const Problem& problem,
                     const Bindings& device) {
  auto legal =
      satisfies(kernel, params, Bindings(problem.dims.begin(), problem.dims.end()), device);
  if (!legal) return fault(Outcome::invalid_header, "require", legal.error().text());
  if (!*legal) {
    return fault(Outcome::constraint_violated, "require",
                 canonical(params) + " violates a 'require' line on " + problem.canonical());
  }
  return {};
}

// Of every call of the plans that share an image.
std::vector<WorkGroup> work_groups(const Build& build,
                                   const std::vector<std::pair<std::string, int64_t>>& defines) {
  std::set<WorkGroup> groups;
  auto add = [&](const LaunchPlan& plan) {
    if (plan.defines != defines) return;
    for (const auto* calls : {&plan.prepare, &plan.calls}) {
      for (const PlannedCall& call : *calls) groups.insert(std::to_array(call.block));
    }
  };
  add(build.timed);
  for (const auto& plan : build.ladder) {
    if (plan) add(*plan);
  }
  return {groups.begin(), groups.end()};
}

std::string tail_in(std::string_view language, const LaunchPlan& plan) {
  if (language == "cpp") return cpp_tail(plan);
  if (language == "opencl") return "";  // check_opencl_types asks the image
  return language == "emulated" ? emulated_tail(plan) : rtc_tail(plan);
}

// Before the first line of trusted host code for a GPU, in it: what it shares with its worker
// (harness/worker_protocol.hpp).
constexpr const char* kHostHead =
    "extern \"C\" { [[gnu::visibility(\"default\")]] void* kbench_stream = nullptr; "
    "[[gnu::visibility(\"default\")]] char kbench_failure[256] = \"\"; } ";

Judged<CompiledImage> compile(Compiler& compiler, const Build& build, const Candidate& candidate,
                              const Params& params, const LaunchPlan& plan, const Task& task,
                              const Problem& problem) {
  CompileRequest request;
  request.source = (candidate.language == "host-cuda" ? kHostHead : "") + build.kernel.source +
                   "\n" + tail_in(compiler.language(), plan);
  for (const Stub& stub : plan.stubs) request.functions.push_back(instance_of(stub));
  request.name = candidate.kernel_name;
  request.compiler = candidate.compiler;
  request.flags = flags_of(params);
  request.definitions = definitions_of(params, plan, task, problem);
  request.links = build.kernel.links;
  if (compiler.language() == "opencl") {
    request.groups = work_groups(build, plan.defines);
    request.threads = problem.threads;
  }
  auto image = compiler.compile(request);
  if (!image) return fault(Outcome::internal_error, "compiler", image.error().text());
  if (compiler.language() == "opencl" && image->status == CompileStatus::ok) {
    auto typed = check_opencl_types(plan, *image, candidate.kernel_name);
    if (!typed) return tl::unexpected(typed.error());
  }
  return *image;
}

}  // namespace

Judged<Build> make_build(Compiler& compiler, const Candidate& candidate, const Task& task,
                         const Problem& problem, const std::vector<Problem>& ladder,
                         const Bindings& device, CompiledImage& compiled) {
  Build build;
  auto kernel = parse_kernel_file(candidate.kernel_text, candidate.kernel_name);
  if (!kernel) return fault(Outcome::invalid_header, "header", kernel.error().text());
  if (auto trusted = check_trusted(*kernel); !trusted) {
    return fault(Outcome::invalid_header, "baseline", trusted.error().text());
  }
  build.kernel = std::move(*kernel);
  if (build.kernel.task != task.name) {
    return fault(
        Outcome::invalid_header, "task",
        candidate.kernel_name + " is for task " + build.kernel.task + ", not " + task.name);
  }
  const auto& languages = build.kernel.languages;
  if (std::find(languages.begin(), languages.end(), candidate.language) == languages.end()) {
    return fault(Outcome::unsupported, "language",
                 candidate.kernel_name + " is not written in " + candidate.language + " but in " +
                     join(languages, ", "));
  }
  auto params = complete_params(build.kernel, candidate.params);
  if (!params) return fault(Outcome::constraint_violated, "params", params.error().text());
  if (auto legal = allowed(build.kernel, *params, problem, device); !legal) {
    return tl::unexpected(legal.error());
  }
  auto timed = make_plan(build.kernel, *params, task, problem, device);
  if (!timed) {
    const bool unsupported = timed.error().kind == ErrorKind::rejected;
    return fault(unsupported ? Outcome::unsupported : Outcome::invalid_header, "launch",
                 timed.error().text());
  }
  build.timed = std::move(*timed);
  for (const Problem& rung : ladder) {
    build.ladder.emplace_back();
    if (!allowed(build.kernel, *params, rung, device)) continue;
    if (auto plan = make_plan(build.kernel, *params, task, rung, device)) {
      build.ladder.back() = std::move(*plan);
    }
  }
  build.candidate_hash = candidate_hash(build.kernel, *params, candidate.language);

  auto image = compile(compiler, build, candidate, *params, build.timed, task, problem);
  if (!image) return tl::unexpected(image.error());
  compiled = *image;
  if (image->status != CompileStatus::ok) {
    return fault(outcome_of(image->status), "compiler",
                 (image->status == CompileStatus::unsupported ? "" : "does not compile: ") +
                     image->log.substr(0, image->log.find('\n')));
  }
  build.image = std::move(*image);

  // One image per distinct set of defined dims; most kernels define none and have just one.
  std::map<std::vector<std::pair<std::string, int64_t>>, std::string> images;
  images[build.timed.defines] = build.image.path;
  for (size_t i = 0; i < ladder.size(); ++i) {
    const Problem& rung = ladder[i];
    const auto& plan = build.ladder[i];
    build.ladder_images.emplace_back();
    if (!plan) continue;
    std::string& path = images[plan->defines];
    if (path.empty()) {
      auto other = compile(compiler, build, candidate, *params, *plan, task, rung);
      if (!other) return tl::unexpected(other.error());
      if (other->status != CompileStatus::ok) {
        return fault(outcome_of(other->status), "compiler",
                     "does not compile for " + rung.canonical() + ": " + other->log);
      }
      compiled.milliseconds += other->milliseconds;
      path = other->path;
    }
    build.ladder_images.back() = path;
  }
  std::string identity = build.candidate_hash + build.image.compiler + build.image.target;
  for (const auto& [name, value] : build.timed.defines) identity += name + std::to_string(value);
  build.build_hash = sha256(identity);
  build.equivalent_hash = equivalent_hash(build.image.code_hash, build.timed);
  return build;
}

}  // namespace kbench
