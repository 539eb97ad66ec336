#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/evaluation.hpp"

namespace kbench {

// A kernel to be judged, as people name it: a file, or "naive" with a task.
struct NamedKernel {
  KernelFile file;
  std::string path;  // empty for the generated naive kernel
};

// The reference as a kernel, for the variant.
Result<NamedKernel> naive_kernel_of(const Task& task, const std::string& variant);
// The starting kernels of a task for a language and variant, sorted by name; vendor baselines
// apart.
Result<std::vector<NamedKernel>> starting_kernels(const Task& task, const std::string& variant,
                                                  const std::string& language, bool baselines);
// `FILE[:BLOCK=64,FLAGS=-O3]`, or "naive": a candidate with complete params.
Result<Candidate> candidate_of(const std::string& text, const Task* task,
                               const std::string& variant);
Candidate candidate_of(const NamedKernel& kernel, const Params& params);
// "BLOCK=64,FLAGS=-O3 -ffast-math".
Result<Params> parse_params(std::string_view text);
// "name=value" each, as --option is given.
Result<std::map<std::string, std::string>> split_options(const std::vector<std::string>& given);
// The command that judges this candidate again.
std::string repeat_command(const Candidate& candidate, const Problem& problem,
                           const std::string& path);

}  // namespace kbench
