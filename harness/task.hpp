#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.hpp"
#include "core/expr.hpp"

namespace kbench {

enum class Io { in, out, inout };
enum class CacheMode { warm, cold };

struct TensorSpec {
  std::string name;
  Io io = Io::in;
  bool constant = false;  // the same in every set; `prepare` may repack it
  std::vector<Expr> shape;
};

struct ScalarSpec {
  std::string name;
  DType dtype = DType::f32;
  double value = 0;
};

// Storage types of one variant; `compute` is the type sums are kept in (its roundoff sets the
// bound).
struct Variant {
  std::string name;
  std::map<std::string, DType, std::less<>> dtypes;  // every tensor
  DType compute = DType::f32;
};

// How one tensor is filled: a generator's name and its options (harness/fill.hpp lists them).
struct FillRule {
  std::vector<std::string> tensors;  // several where one generator makes tensors that agree (CSR)
  std::string generator;
  std::map<std::string, std::string, std::less<>> options;
};
struct Fill {
  std::string name;
  std::vector<FillRule> rules;  // for every in and inout tensor
};

// Outputs computed together, and how they split: slices [0, count).
struct OutputGroup {
  std::string name;  // the reference's function
  std::vector<std::string> outputs;
  Expr slices;
};

// How an output is compared with the reference.
struct Comparator {
  enum class Kind { bound, exact, index_into };
  Kind kind = Kind::bound;
  std::string values = {};  // index_into: the tensor whose last axis the indices point into
  bool normwise = false;
  bool reproducible = false;
};

// dims of one problem of the task's sets, before variant, fill and cache mode are chosen.
using Dims = std::map<std::string, int64_t, std::less<>>;

// A problem: what a kernel is timed on. Written "m=1024,n=1024,k=1024,variant=f16,cache=cold".
struct Problem {
  std::string task;
  std::string variant;
  Dims dims;
  std::string fill;
  CacheMode cache = CacheMode::warm;
  int threads = 1;

  // Sorted text of everything but the task; equal text is the same problem.
  std::string canonical() const;
  auto operator<=>(const Problem&) const = default;
};

struct Task {
  std::string name, category, formula, source, about;
  std::string folder;     // where task.json and reference.cpp lie
  std::string reference;  // text of reference.cpp
  std::vector<std::string> dims;
  std::vector<TensorSpec> tensors;
  std::vector<ScalarSpec> scalars;
  std::vector<Variant> variants;  // the first is the default
  std::vector<Fill> fills;        // the first is the default
  std::vector<OutputGroup> groups;
  std::map<std::string, Comparator, std::less<>> comparators;  // every output
  std::vector<Expr> requires_;                                 // legality of dims
  Expr flops, bytes;  // bytes may use E_<tensor>, the element size of a tensor
  std::vector<Problem> smoke, verify, tune, bench;
  std::map<std::string, std::pair<int64_t, int64_t>, std::less<>> held_out;  // ranges of dims

  const TensorSpec* tensor(std::string_view tensor_name) const;
  const Variant* variant(std::string_view variant_name) const;
  const Fill* fill(std::string_view fill_name) const;
};

// Reads tasks/<category>/<task>/; errors name file and line.
Result<Task> load_task(const std::string& folder);
// All tasks under `root`, sorted by name; a broken one is an error in place.
std::map<std::string, Result<Task>, std::less<>> load_tasks(const std::string& root);
// Near misses are named for an unknown task.
Result<Task> find_task(const std::string& root, std::string_view name);

// Fills what the text leaves out from the task's first `tune` problem; near misses named.
Result<Problem> parse_problem(const Task& task, std::string_view text);
// The same, but what it leaves out is that of `base`.
Result<Problem> parse_problem(const Task& task, std::string_view text, const Problem& base);

struct TensorShape {
  std::vector<int64_t> extents;
  int64_t elements = 0;
  DType dtype = DType::f32;
  size_t bytes() const { return static_cast<size_t>(elements) * size_of(dtype); }
};
// Shapes of every tensor for this problem, in the order of task.tensors.
Result<std::vector<TensorShape>> shapes_of(const Task& task, const Problem& problem);
Result<double> flops_of(const Task& task, const Problem& problem);
Result<double> bytes_of(const Task& task, const Problem& problem);
// Bytes and flops together: which of a task's problems is the larger one.
double work_of(const Task& task, const Problem& problem);

// Fills one tensor set's inputs: pointers in the order of task.tensors; null ones are skipped
// (outputs, constants that sets share and that are filled once). The same seed gives the same bytes
// on every machine.
Result<void> fill_inputs(const Task& task, const Problem& problem, uint64_t seed,
                         const std::vector<void*>& tensors);

// ---- The reference (docs/task.md). Compiled to a shared object that exports kReferenceSymbol.
inline constexpr const char* kReferenceSymbol = "kbench_reference";
// groups[g] on slices slices[0..count), or 0, 1, .. count-1 where `slices` is null: tensors in task
// order are the set's storage before the call (outputs null), values/scales per tensor are expected
// value and error scale (null for inputs). Only the slices' elements are written; a written element
// has a scale above 0, so zeroed arrays tell which are.
using ReferenceFunction = void (*)(int group, const int64_t* slices, int64_t count,
                                   const void* const* tensors, double* const* values,
                                   float* const* scales, const int64_t* dims,
                                   const double* scalars);
// C++ source of that shared object: Tracked<double> over the variant's storage types.
std::string reference_source(const Task& task, const Variant& variant);
// The reference as a kernel file in cpp with float arithmetic: the slowest honest kernel.
std::string naive_kernel(const Task& task, const Variant& variant);

}  // namespace kbench
