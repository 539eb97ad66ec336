#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/kernel_file.hpp"
#include "harness/task.hpp"

namespace kbench {

// A tensor or buffer as a launch line sees it.
struct NamedPointer {
  std::string name;
  DType dtype = DType::f32;
  bool input = false;     // read-only throughout
  bool output = false;    // of the task, `out`
  bool constant = false;  // of the task: prepare may read it
  bool prepared = false;  // a buffer that prepare writes; read-only afterwards
};

// What one argument of a launch turned out to be.
struct ResolvedArgument {
  Argument::Kind kind = Argument::Kind::integer32;
  std::string type;                    // in the function: "const float*", "int"
  const ScalarSpec* scalar = nullptr;  // kind scalar
};

// Every name a launch line can use, for one kernel, problem and set of params.
struct PlanNames {
  std::vector<NamedPointer> pointers;  // tensors in the task's order, then buffers
  std::vector<ScalarSpec> scalars;
  Bindings integers;  // dims, params, defines, device
  Params params;
  std::vector<std::string> constants;  // params, defines, device names: usable in templates
  std::vector<std::string> counters;   // of the repeats around
  bool preparing = false;              // inside `prepare` lines

  std::optional<int> find(std::string_view pointer) const;
  std::vector<std::string> outputs() const;
  Result<ResolvedArgument> resolve(const Argument& argument) const;
  // "256" from an expression over params and defines, a word param's value, or the name of a type.
  Result<std::string> template_argument(const Expr& expression, const std::string& where) const;

 private:
  Result<void> check_pointer(const Argument& argument, const NamedPointer& pointer) const;
  Error unknown(const std::string& name, const std::string& where) const;
};

// Checks that the kernel is for this task and dtype and that its own names hide none of the task's.
Result<PlanNames> plan_names(const KernelFile& kernel, const Params& params, const Task& task,
                             const Problem& problem, const Bindings& device);

}  // namespace kbench
