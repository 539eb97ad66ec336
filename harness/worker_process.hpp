#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "harness/memory.hpp"
#include "harness/worker_layout.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor();
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// The judge's end of one worker, kernel or reference: requests over the control page, the clock,
// and how it died. Whatever the worker does, a request ends with success or a Fault by its
// deadline.
class WorkerProcess {
 public:
  using Clock = std::chrono::steady_clock;

  // `process` is the worker's pidfd, `status` the channel on which the server tells of its death.
  WorkerProcess(SharedMemory control, WorkerLayout layout, Descriptor process, Descriptor status,
                bool may_spin, int threads);
  // Kills the worker and waits until it has let go of the tensors.
  ~WorkerProcess();

  // The image runs on the emulated device, which says itself what went wrong.
  void emulate(std::string image) { emulated_image_ = std::move(image); }
  // Our own code launches the image on a GPU, and the time is that of the GPU's clock.
  void use_device_clock() { device_clock_ = true; }
  // Waits for the load to end.
  Judged<void> await_load(std::chrono::milliseconds deadline);
  // One untimed request; it leaves the worker stopped.
  Judged<void> perform(Request kind, int set, std::chrono::milliseconds deadline);
  // A request timed from the judge's word to the worker's answer, in ns. `order` reaches the worker
  // with that word.
  Judged<double> time(Request kind, int set, std::span<const int> order,
                      std::chrono::milliseconds deadline, const Precautions& precautions);

  // What the emulated device noted of the last run, which went to its end.
  std::optional<Fault> doubt();

  ControlPage& page() { return *static_cast<ControlPage*>(control_.at(0)); }
  pid_t pid() const { return pid_; }
  int64_t cpu_time_ns() const;
  int threads() const;

 private:
  // Until `word` holds `number`, spinning for `spin` and sleeping afterwards.
  Judged<void> await(std::atomic<uint32_t>& word, uint32_t number, Clock::time_point deadline,
                     std::chrono::nanoseconds spin);
  Judged<void> look_after(Clock::time_point deadline);
  void ask(Request kind, int set);
  Judged<bool> stand_ready(Request kind, int set, Clock::time_point deadline);
  void resume();
  void stop();
  void await_standstill();
  Judged<double> device_time(double judged_ns);
  Fault died(int status);
  std::string message();
  std::optional<int> death(int wait_ms);
  tl::unexpected<Fault> kill_for(Outcome outcome, std::string rule, std::string message);

  SharedMemory control_;
  WorkerLayout layout_;
  Descriptor process_, status_;
  bool may_spin_, stopped_ = false, device_clock_ = false;
  int threads_allowed_;
  pid_t pid_ = -1;
  uint32_t number_ = kLoadRequest;
  std::string emulated_image_;
  std::optional<Fault> dead_;
};

// How a death is told: `status` as wait() gives it, the report as the worker left it.
Fault fault_of_death(int status, const CrashReport& report, const WorkerLayout& layout);

}  // namespace kbench
