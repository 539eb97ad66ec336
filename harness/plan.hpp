#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/kernel_file.hpp"
#include "harness/task.hpp"

namespace kbench {

// One call with every expression evaluated. Tensors are numbered: the task's in order, then
// buffers.
struct PlannedArgument {
  Argument::Kind kind = Argument::Kind::integer32;
  int tensor = -1;      // pointer
  int64_t integer = 0;  // integer*, local_bytes
  double real = 0;      // float*, scalar
  DType scalar_dtype = DType::f32;
};
struct PlannedCall {
  int stub = 0;  // which generated entry point: index into LaunchPlan::stubs
  int64_t grid[3] = {1, 1, 1};
  int64_t block[3] = {1, 1, 1};
  int64_t cluster[3] = {1, 1, 1};
  int64_t shared_bytes = 0;
  bool cooperative = false;
  std::vector<PlannedArgument> arguments;
};
// A distinct function instance with its argument types.
struct Stub {
  std::string function;
  std::vector<std::string> template_arguments;  // evaluated
  std::vector<std::string> types;               // "const float*", "int", "int64_t", per argument
  int line = 0;
};

// What to run for one problem: loops unrolled, zero grids dropped.
struct LaunchPlan {
  std::vector<Stub> stubs;
  std::vector<PlannedCall> prepare;
  std::vector<PlannedCall> calls;
  std::vector<TensorShape> buffers;
  std::vector<int> zeroed;    // tensor numbers zeroed inside the timed region
  std::vector<int> poisoned;  // buffer numbers (as tensor numbers) poisoned before every call
  std::vector<std::pair<std::string, int64_t>> defines;
};

// Checks names, counts and dtype against the task and evaluates everything. Errors name
// file:line:column and near misses; a dim that does not fit an int is a Result error with rule
// "int_overflow".
Result<LaunchPlan> make_plan(const KernelFile& kernel, const Params& params, const Task& task,
                             const Problem& problem, const Bindings& device);

// The tail appended to a cpp kernel's source: an exported `extern "C" void kbench_stub_N(void*
// const* pointers, const int64_t* integers, const double* reals)` per stub, which asserts the
// function's type.
std::string cpp_tail(const LaunchPlan& plan);

// Identities of DESIGN 3, SHA-256 in hex.
std::string candidate_hash(const KernelFile& kernel, const Params& params,
                           const std::string& language);
std::string equivalent_hash(const std::string& code_hash, const LaunchPlan& plan);

}  // namespace kbench
