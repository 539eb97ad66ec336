#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "backends/gpu_library.hpp"
#include "backends/nvml_library.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

// How a worker says what the driver refuses: as an Error while it loads, later as its last word.
class GpuErrors {
 public:
  GpuErrors(const GpuLibrary& library, ControlPage& control)
      : library_(library), control_(&control) {}
  Result<void> check(gpu::Result result, const char* what) const;
  void must(gpu::Result result, const char* what) const;
  [[noreturn]] void fail(const std::string& message, uint64_t address = 0) const;

 private:
  GpuLibrary library_;
  ControlPage* control_;
};

// The one stream of a worker: what is put into it is timed by the GPU's own clock, and so that
// nothing but the kernels shows in it (docs/gpu.md).
class GpuStream {
 public:
  // Puts a batch's work into the stream; the driver's first refusal.
  using Queue = std::function<gpu::Result()>;

  GpuStream(const GpuLibrary& library, const GpuErrors& errors)
      : library_(library), errors_(errors) {}
  Result<void> open(gpu::Device device);
  gpu::Stream handle() const { return stream_; }
  // To be told of each launch, before which there may be no more of them waiting.
  void count_launch();

  // Until the GPU runs at its full clock.
  void wake();
  // What was copied in is in no cache any more, and no line of a cache is set aside for anybody.
  void flush();
  void forget_persisting() const;
  // `launches`: how many `queue` makes. `known`: the driver has launched each function before.
  void time(int launches, bool known, const Queue& queue, DeviceReport& report);
  // Energy of what `queue` does, idle parts of the board included; 0: not counted. Takes seconds.
  double joules(const Queue& queue);

 private:
  using Clock = std::chrono::steady_clock;
  Result<void> take_memory(gpu::Device device);
  void fill_scratch() const;
  gpu::GraphExec capture(const Queue& queue);

  GpuLibrary library_;
  GpuErrors errors_;
  std::optional<NvmlGpu> nvml_;
  gpu::Stream stream_ = nullptr;
  gpu::Event begin_ = nullptr, end_ = nullptr;
  gpu::Address scratch_ = 0, flag_on_device_ = 0;
  size_t scratch_bytes_ = 0;
  volatile uint32_t* flag_ = nullptr;  // the stream waits until it is 1
  int launches_ = 0;                   // of this batch
  double launch_ns_ = 0;               // on average, of the last batch
  bool captures_ = true;
  Clock::time_point last_work_{};
};

}  // namespace kbench
