#pragma once

#include <map>
#include <string>
#include <vector>

#include "backends/device.hpp"
#include "harness/evaluation.hpp"
#include "results/store.hpp"

namespace kbench {

// A kernel as people name it: a file; a file of reference_kernels/ by its path there
// ("normalisation/softmax/three_pass.cpp"); or "naive", the task's reference as a kernel of the
// variant. Its name is what was given, for one of reference_kernels/ the path there: no name is
// bound to this machine unless the user's was. Vendor baselines of other places are refused.
Result<KernelFile> load_kernel(const std::string& name, const Task* task,
                               const std::string& variant);
// The starting kernels of a task for a language and variant, sorted by name; vendor baselines
// apart.
Result<std::vector<KernelFile>> starting_kernels(const Task& task, const std::string& variant,
                                                 const std::string& language, bool baselines);
// The task that a kernel says it is for, where `given` names none.
Result<Task> task_for(const std::string& kernel, const std::string& given,
                      const std::string& folder);

// `KERNEL[:BLOCK=64,FLAGS=-O3]`: a candidate with complete params, in the language that the device
// takes of those it is written in.
Result<Candidate> candidate_of(const std::string& text, const Task* task,
                               const std::string& variant, const Device& device = {});
Candidate candidate_of(const KernelFile& kernel, const Params& params, const Device& device = {});
// "BLOCK=64,FLAGS=-O3 -ffast-math".
Result<Params> parse_params(std::string_view text);

// Compilers of this machine by name, and an error that names near misses for any other. Empty: the
// first found.
std::vector<std::string> compiler_names();
Result<void> check_compiler(const std::string& name);

// As a shell takes it: quoted where it must be.
std::string shell_word(const std::string& text);
// "name=value" each, as --option is given.
Result<std::map<std::string, std::string>> split_options(const std::vector<std::string>& given);
// The command that judges this candidate again. `tasks`: the folder, where one was given.
std::string repeat_command(const Candidate& candidate, const Problem& problem,
                           const std::string& tasks);
// An error when the problem asks for more threads than this machine has cores.
Result<void> check_threads(const Problem& problem);
// An error that names near misses when `task` is neither a task nor one with stored campaigns.
Result<void> check_task(const std::string& task, const Store& store);
// SHA-256 over the names and texts of the task's files: what a result was judged by.
std::string task_hash(const Task& task);
// What a campaign's row says of this machine, its compilers and the rules, task_hash(): JSON.
std::string campaign_environment(const std::string& rules_hash);
// The folder of tasks: `given`, else that of the data root.
std::string tasks_folder(const std::string& given);

}  // namespace kbench
