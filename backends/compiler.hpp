#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

using WorkGroup = std::array<int64_t, 3>;

// Source text to image, in a sandboxed process that may die.
struct CompileRequest {
  std::string source;              // whole translation unit, generated tail included
  std::string name;                // shown in messages instead of the scratch path
  std::string compiler;            // "g++", "clang++"; empty: the first found
  std::vector<std::string> flags;  // allow-listed
  std::vector<std::pair<std::string, std::string>> definitions;  // -DNAME=value
  std::vector<std::string> functions;  // that the image must hold: "tiled<16>"; GPUs only
  std::vector<std::string> links;      // trusted baselines only: "openblas"
  std::vector<WorkGroup> groups;       // that will be launched; OpenCL only, compiled for each
  int threads = 1;                     // that will run it; OpenCL only, whose drivers differ
  std::chrono::milliseconds limit{30'000};
};
// What a compiled kernel needs of its device.
struct KernelResources {
  std::string function;                        // "tiled<16>"
  int64_t registers = 0;                       // a thread
  int64_t shared_bytes = 0;                    // a block, declared in the source
  int64_t stack_bytes = 0, spilled_bytes = 0;  // a thread
  std::vector<std::string> parameters = {};    // OpenCL: "global const float*", "int", "local int*"
};
enum class CompileStatus { ok, error, timeout, resource_limit, unsupported };
struct CompiledImage {
  CompileStatus status = CompileStatus::error;
  std::string path;      // the image, in the content-addressed cache
  std::string log;       // the compiler's own words, paths shortened
  std::string compiler;  // name and version, part of the build's identity
  std::string target;    // "x86-64 sapphirerapids"
  double milliseconds = 0;
  bool cached = false;
  int64_t code_bytes = 0;  // size of .text
  std::string code_hash;   // SHA-256 of the code and read-only data: equal for sources that differ
                           // in dead text
  std::vector<KernelResources> resources;  // GPUs and OpenCL only
};

class Compiler {
 public:
  virtual ~Compiler() = default;
  // What the generated tail is written in: "cpp", "emulated", "cuda", "hip", "opencl".
  virtual std::string_view language() const = 0;
  // Names usable as CompileRequest::compiler, best first; empty with the reason when none is found.
  virtual Result<std::vector<std::string>> found() const = 0;
  // Thread-safe. An Error means the environment failed (no compiler, no disk), not the source.
  virtual Result<CompiledImage> compile(const CompileRequest& request) = 0;
};

// g++ and clang++ on this machine, natively tuned (-march=native, -fPIC -shared). `headers` is the
// folder of kbench.h; empty: harness/include of the data root.
std::unique_ptr<Compiler> make_cpp_compiler(const std::string& cache_folder,
                                            const std::string& headers = "");

// The same compilers for cuda and hip sources: against the runtime of backends/simt, with every
// memory access announced to it (docs/emulated.md). g++ only; the candidate's flags have no
// meaning.
std::unique_ptr<Compiler> make_emulated_compiler(const std::string& cache_folder);

// NVRTC ("cuda") or hipRTC ("hip") for one target, "sm_90" or "gfx90a", opened at run time by
// kbench-compiler (docs/gpu.md). A target that the library does not know is `unsupported`.
std::unique_ptr<Compiler> make_rtc_compiler(const std::string& language, const std::string& target,
                                            const std::string& cache_folder);

// OpenCL's compiler for a device of opencl_devices(), by its number. The image is a folder
// (backends/opencl_library.hpp) from which a worker runs the kernels without compiling or writing.
std::unique_ptr<Compiler> make_opencl_compiler(int device, const std::string& cache_folder);

}  // namespace kbench
