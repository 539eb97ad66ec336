#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "backends/gpu_library.hpp"
#include "harness/gpu_stream.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

// The kernels of a cubin or a code object on a GPU, or those that a vendor's library has. One
// allocation there mirrors the worker's reservation, tensors and the gaps between them at the same
// distances: what the judge put into the tensors is copied in before a batch and what the kernels
// left is copied back, inputs and gaps to be held against what they were. What goes wrong ends the
// process, after saying so in the control page.
class GpuKernels {
 public:
  // `image`: an open folder as backends/rtc_image.hpp says, or a library of trusted host code
  // (docs/kernel-file.md, host-cuda). An Error's text is for gpu_fault().
  static Result<GpuKernels> open(int image, const Setup& setup, ControlPage& control);

  // Calls the plan once for each set, timed by events into the control page.
  void run(std::span<const int32_t> order);
  void prepare(int32_t set);
  // Energy of calling the plan once for each set of `order`, over a second or more of doing nothing
  // else; in-out tensors are not put right in between.
  void measure_energy(std::span<const int32_t> order);

 private:
  using HostFunction = void (*)(void* const*, const int64_t*, const double*);
  struct Kernel {
    gpu::Function function = nullptr;
    HostFunction host = nullptr;  // instead
    std::string arguments;        // a letter each, as worker_protocol.hpp says
    bool launched = false;        // before: the driver has given it what its threads keep in memory
  };
  GpuKernels(const GpuLibrary& library, const Setup& setup, ControlPage& control)
      : library_(library),
        errors_(library, control),
        stream_(library, errors_),
        setup_(&setup),
        control_(&control) {}
  Result<void> open_device();
  Result<void> load(const std::string& image);
  Result<void> load_device_code(const std::string& folder);
  Result<void> load_host_code(const std::string& library);
  Result<void> allow_what_launches_ask();
  Result<void> take_memory();

  gpu::Address on_device(uint64_t address) const { return memory_ + (address - setup_->base); }
  std::span<const SetupRange> tensors(int32_t set) const;

  void copy_in(std::span<const int32_t> order);
  void copy_back(std::span<const int32_t> order);
  void check_gap(uint64_t begin, uint64_t end);
  const int64_t* extents_of(const SetupCall& call) const;
  std::span<const SetupCall> calls_of(int32_t set, bool prepares) const;
  std::span<const SetupRange> zeroed_by(int32_t set) const;
  gpu::Result launch(const SetupCall& call);
  void call_host(const SetupCall& call) const;
  gpu::Result launch_all(int32_t set, bool prepares);
  GpuStream::Queue batch(std::span<const int32_t> order, bool prepares);
  void time(std::span<const int32_t> order, bool prepares);

  GpuLibrary library_;
  GpuErrors errors_;
  GpuStream stream_;
  const Setup* setup_;
  ControlPage* control_;
  std::vector<Kernel> kernels_;
  const char* host_failure_ = nullptr;               // where host code says what it cannot do
  std::map<uint64_t, const MappedRegion*> regions_;  // by address
  gpu::Device device_ = 0;
  gpu::Address memory_ = 0;
  std::vector<unsigned char> back_;  // what was copied back to be compared
};

}  // namespace kbench
