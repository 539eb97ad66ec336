#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda_library.hpp"
#include "backends/nvml_library.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

// The kernels of a cubin on a GPU. One allocation there mirrors the worker's reservation, tensors
// and the gaps between them at the same distances: what the judge put into the tensors is copied
// in before a batch and what the kernels left is copied back, inputs and gaps to be held against
// what they were. What goes wrong ends the process, after saying so in the control page.
class CudaKernels {
 public:
  // `image`: an open folder as backends/rtc_image.hpp says. An Error's text is for cuda_fault().
  static Result<CudaKernels> open(int image, const Setup& setup, ControlPage& control);

  // Calls the plan once for each set, timed by events into the control page.
  void run(std::span<const int32_t> order);
  void prepare(int32_t set);

 private:
  struct Kernel {
    cuda::Function function = nullptr;
    std::string arguments;  // a letter each, as worker_protocol.hpp says
    bool launched = false;  // before: the driver has given it what its threads keep in memory
  };
  using Clock = std::chrono::steady_clock;

  CudaKernels(const CudaLibrary& library, const Setup& setup, ControlPage& control)
      : cuda_(library), setup_(&setup), control_(&control) {}
  Result<void> open_device();
  Result<void> load(const std::string& folder);
  Result<void> allow_what_launches_ask();
  Result<void> take_memory();
  Result<void> check(cuda::Result result, const char* what) const;

  [[noreturn]] void fail(const std::string& message, uint64_t address = 0) const;
  void must(cuda::Result result, const char* what) const;
  cuda::Address on_device(uint64_t address) const { return memory_ + (address - setup_->base); }
  std::span<const SetupRange> tensors(int32_t set) const;

  void copy_in(std::span<const int32_t> order);
  void copy_back(std::span<const int32_t> order);
  void check_gap(uint64_t begin, uint64_t end);
  void keep_busy(bool flush);
  const int64_t* extents_of(const SetupCall& call) const;
  void launch(const SetupCall& call);
  void launch_all(int32_t set);
  void time(std::span<const int32_t> order, bool prepares);
  std::span<const SetupCall> calls_of(int32_t set, bool prepares) const;

  CudaLibrary cuda_;
  const Setup* setup_;
  ControlPage* control_;
  std::optional<NvmlGpu> nvml_;
  std::vector<Kernel> kernels_;
  std::map<uint64_t, const MappedRegion*> regions_;  // by address
  cuda::Device device_ = 0;
  cuda::Stream stream_ = nullptr;
  cuda::Event begin_ = nullptr, end_ = nullptr;
  cuda::Address memory_ = 0, scratch_ = 0, flag_on_device_ = 0;
  volatile uint32_t* flag_ = nullptr;  // the stream waits until it is 1
  size_t scratch_bytes_ = 0;
  std::vector<unsigned char> back_;  // what was copied back to be compared
  int launches_ = 0;                 // of this batch
  Clock::time_point last_work_{};
};

}  // namespace kbench
