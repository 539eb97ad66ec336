#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "backends/opencl_library.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

// The kernels of an OpenCL program, on a driver that runs them in this very process: the tensors
// stay where they are. Opened before the worker gives its rights away; the program's own code is
// loaded by its first call.
class OpenclKernels {
 public:
  // `image`: an open folder as the compiler of backends/opencl_compiler.cpp leaves it.
  static Result<OpenclKernels> open(int image, const Setup& setup);

  // Queues one call; its arguments are those of the stub, grid and block behind the integers.
  cl_int call(uint32_t stub, void* const* pointers, const int64_t* integers,
              const double* reals) const;
  cl_int finish() const { return cl_.finish(queue_); }

 private:
  struct Kernel {
    cl_kernel handle = nullptr;
    std::string arguments;  // a letter each, as worker_protocol.hpp says
  };

  OpenclLibrary cl_;
  cl_command_queue queue_ = nullptr;
  std::vector<Kernel> kernels_;
  std::map<uint64_t, cl_mem> buffers_;  // by the address they stand for
};

}  // namespace kbench
