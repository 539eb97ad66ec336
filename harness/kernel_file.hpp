#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.hpp"
#include "core/expr.hpp"

namespace kbench {

// What a device tells expressions about itself; no param, define or counter may have such a name.
inline constexpr std::string_view kDeviceNames[] = {
    "SMS", "WARP", "SMEM_MAX", "THREADS_MAX", "CORES", "L2_BYTES", "VECTOR_BYTES"};

// Chosen value of every param of a kernel, as written in the header. "FLAGS" is the one `flags`
// gives.
using Params = std::map<std::string, std::string, std::less<>>;

// "BLOCK=256,FLAGS=-O3": sorted by name; the identity of a configuration.
std::string canonical(const Params& params);
// The params whose value is an integer, for expressions; true and false count as 1 and 0.
Bindings integers(const Params& params);

struct Param {
  std::string name;
  std::vector<std::string> values;
  size_t default_index = 0;
  int line = 0;
};

struct Constraint {
  Expr expression;
  int line = 0;
};

// `buffer tmp f32[rows, cols] = 0`: workspace of one tensor set.
struct BufferSpec {
  std::string name;
  DType dtype = DType::f32;
  std::string like;  // `x_t`: the tensor whose storage type it has; empty: `dtype`
  std::vector<Expr> shape;
  bool zeroed = false;  // inside the timed region; otherwise poisoned before every call
  int line = 0;
  std::string where = {};  // "file:line"
};

// `condition ? name : ...`; the last of a list has no condition.
struct Choice {
  Expr condition;
  std::string name;
};

// One argument of a launch. A name may be a tensor, a buffer, a scalar, a dim or a param: the
// parser leaves it integer32 with the name as a choice, and make_plan decides with the task in
// hand.
struct Argument {
  enum class Kind { pointer, integer32, integer64, float32, float64, scalar, local_bytes };
  Kind kind = Kind::integer32;
  Expr expression;  // integer*: the value; float*: value as integer expression; local_bytes: bytes
  std::vector<Choice> choices;  // names to choose from; empty: only `expression`
  std::string where;            // "file:line:column"
};

// A line that does something: a launch, or `repeat i n ... end` around others.
struct Step {
  enum class Kind { launch, repeat };
  Kind kind = Kind::launch;
  int line = 0;
  std::string where;  // "file:line"
  // launch
  std::string function;
  std::vector<Expr> template_arguments;  // params, defines, integers; a lone other name is a type
  std::vector<Expr> grid, block;         // empty on cpp; at most 3
  Expr shared_bytes;                     // empty: 0
  std::vector<Argument> arguments;
  std::vector<Expr> cluster;
  bool cooperative = false;
  // repeat
  std::string counter;
  Expr count;
  std::vector<Step> body;
};

// What the comment lines of a kernel file say (docs/kernel-file.md).
struct KernelFile {
  std::string name;    // file name, for messages
  std::string source;  // the whole text, CRLF folded to LF
  std::string task;
  std::vector<std::string> languages;  // cpp, cuda, hip, opencl, host-cuda
  std::vector<DType> dtypes;           // empty: every variant of the task
  std::vector<Param> params;           // in file order; `flags` is the param FLAGS, last
  std::vector<Constraint> constraints;
  std::vector<std::pair<std::string, Expr>> defines;  // a dim or expression the compiler needs
  std::vector<BufferSpec> buffers;
  std::vector<std::string> zeroed_tensors;  // `zero y`
  std::vector<Step> prepare;
  std::vector<Step> steps;
  bool baseline = false;
  std::vector<std::string> links;  // vendor baselines only

  // SHA-256 of `source` in hex: the kernel's identity.
  std::string hash() const;
  Params defaults() const;
};

// Parses the header lines; each rule has its own message with line and column. Names of tensors,
// dims and counts are checked against the task later (make_plan), types by the compiler.
Result<KernelFile> parse_kernel_file(std::string_view text, std::string_view name);
Result<KernelFile> read_kernel_file(const std::string& path);

// Params filled up with defaults and checked: unknown names or values are errors that name near
// misses.
Result<Params> complete_params(const KernelFile& kernel, const Params& chosen);
// Whether every `require` holds. `device` gives SMS, WARP, CORES ... and `dims` the problem's; a
// constraint that cannot be evaluated is an error with its place.
Result<bool> satisfies(const KernelFile& kernel, const Params& params, const Bindings& dims,
                       const Bindings& device);

}  // namespace kbench
