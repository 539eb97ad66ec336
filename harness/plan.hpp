#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/kernel_file.hpp"
#include "harness/task.hpp"

namespace kbench {

// One argument with its value. Tensors are numbered: the task's in order, then buffers.
struct PlannedArgument {
  Argument::Kind kind = Argument::Kind::integer32;
  int tensor = -1;      // pointer
  int64_t integer = 0;  // integer*, local_bytes
  double real = 0;      // float*, scalar (whatever its dtype)
  DType scalar_dtype = DType::f32;
};
// One call with every expression evaluated. `grid` counts blocks (work-groups) in every language.
struct PlannedCall {
  int stub = 0;  // which generated entry point: index into LaunchPlan::stubs
  int64_t grid[3] = {1, 1, 1};
  int64_t block[3] = {1, 1, 1};
  int64_t cluster[3] = {1, 1, 1};
  int64_t shared_bytes = 0;
  bool cooperative = false;
  std::vector<PlannedArgument> arguments;
};
// A distinct function instance with its argument types. Depends on the kernel, its params, the
// variant and the defines only, so that one image serves every problem that agrees in these.
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
  std::vector<int> prepared;  // buffers that `prepare` writes: neither, and read-only afterwards
  std::vector<std::pair<std::string, int64_t>> defines;
};

// Checks names, counts and dtype against the task and evaluates everything. Errors name
// file:line:column and near misses. The error's kind is `rejected` where the kernel is well formed
// but does not support this problem (its dtype, a value that does not fit an int, buffers beyond
// 2^47 bytes, more than 100,000 calls), else `bad_input`.
Result<LaunchPlan> make_plan(const KernelFile& kernel, const Params& params, const Task& task,
                             const Problem& problem, const Bindings& device);

// The tail appended to a cpp kernel's source: per stub N, in C linkage and exported,
//   void kbench_stub_N(void* const* pointers, const int64_t* integers, const double* reals)
// which asserts the function's type and calls it. A caller fills the three arrays from
// PlannedCall::arguments, each in order of the arguments of its own sort: pointer -> pointers;
// integer32, integer64, local_bytes -> integers; float32, float64, scalar -> reals.
std::string cpp_tail(const LaunchPlan& plan);
// The same for cuda and hip sources on the emulated device: a stub runs its function once for every
// thread of the grid. Behind the call's integers stand grid and block (three extents each), the
// bytes of dynamic shared memory, and whether the launch is cooperative.
std::string emulated_tail(const LaunchPlan& plan);
// For compilers that make an image for a GPU: the assertions alone. The functions are named to the
// compiler, one by one.
std::string rtc_tail(const LaunchPlan& plan);
// "softmax_rows<256>".
std::string instance_of(const Stub& stub);

// SHA-256 in hex. Candidate: kernel text, params and language. Equivalent: the same machine code
// called in the same way, whatever the source looked like.
std::string candidate_hash(const KernelFile& kernel, const Params& params,
                           const std::string& language);
std::string equivalent_hash(const std::string& code_hash, const LaunchPlan& plan);

}  // namespace kbench
