#include "harness/cuda_stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kbench {

namespace {

using std::chrono::milliseconds;

constexpr unsigned char kAnything = 0xC5;
// A stream holds about a thousand launches before it blocks whoever queues: before that the first
// must run.
constexpr int kMostWaiting = 256;
// GPUs slow down when they rest, and take a while to wake.
constexpr milliseconds kBusy{2}, kWaking{50}, kRest{100};
// Between launches of a stream lies about a microsecond, between those of a graph half of that; to
// begin a graph takes a few. Where launches are longer, neither is half a per cent.
constexpr double kShortNs = 100'000;
constexpr int kFewestReplayed = 8;

}  // namespace

Result<void> CudaErrors::check(cuda::Result result, const char* what) const {
  if (result == cuda::kSuccess) return {};
  return environment_error("cuda: " + std::to_string(result) + " " + cuda_.name_of(result) +
                           " from " + what);
}

void CudaErrors::fail(const std::string& message, uint64_t address) const {
  std::snprintf(control_->message, sizeof control_->message, "cuda: %s", message.c_str());
  control_->crash.address = address;
  _exit(1);
}

void CudaErrors::must(cuda::Result result, const char* what) const {
  if (result == cuda::kSuccess) return;
  fail(std::to_string(result) + " " + cuda_.name_of(result) + " from " + what);
}

Result<void> CudaStream::open(cuda::Device device) {
  char bus[64] = {};
  auto ready =
      errors_.check(cuda_.create_stream(&stream_, cuda::kNonBlockingStream), "cuStreamCreate");
  if (ready) ready = errors_.check(cuda_.create_event(&begin_, 0), "cuEventCreate");
  if (ready) ready = errors_.check(cuda_.create_event(&end_, 0), "cuEventCreate");
  if (ready) ready = take_memory(device);
  if (ready && cuda_.device_bus(bus, sizeof bus, device) == cuda::kSuccess) {
    nvml_ = NvmlGpu::open(bus);
  }
  return ready;
}

Result<void> CudaStream::take_memory(cuda::Device device) {
  int l2_bytes = 0;
  cuda_.attribute(&l2_bytes, cuda::l2_bytes, device);
  scratch_bytes_ = 2 * static_cast<size_t>(std::max(l2_bytes, 1 << 20));
  void* flag = nullptr;
  auto ready = errors_.check(cuda_.allocate(&scratch_, scratch_bytes_), "cuMemAlloc");
  if (ready) {
    ready = errors_.check(cuda_.allocate_host(&flag, 64, cuda::kHostMapped), "cuMemHostAlloc");
  }
  if (ready) {
    ready = errors_.check(cuda_.address_of_host(&flag_on_device_, flag, 0),
                          "cuMemHostGetDevicePointer");
  }
  flag_ = static_cast<volatile uint32_t*>(flag);
  return ready;
}

void CudaStream::count_launch() {
  if (++launches_ >= kMostWaiting) *flag_ = 1;
}

void CudaStream::fill_scratch() const {
  errors_.must(cuda_.set_bytes(scratch_, kAnything, scratch_bytes_, stream_), "cuMemsetD8Async");
  errors_.must(cuda_.synchronise(), "cuCtxSynchronize");
}

void CudaStream::wake() {
  const auto begin = Clock::now();
  const auto long_enough = begin - last_work_ > kRest ? kWaking : kBusy;
  do {
    fill_scratch();
  } while (Clock::now() - begin < long_enough);
}

// Writes twice what the second-level cache holds.
void CudaStream::flush() {
  fill_scratch();
}

// Lines that an earlier kernel asked to be kept (evict_last) would outlive the flush. Before CUDA
// 11, and on GPUs before 8.0, there are none.
void CudaStream::forget_persisting() const {
  if (cuda_.reset_persisting != nullptr) static_cast<void>(cuda_.reset_persisting());
}

// None where the driver cannot, which is not tried again.
cuda::GraphExec CudaStream::capture(const Queue& queue) {
  const bool complete = cuda_.begin_capture != nullptr && cuda_.end_capture != nullptr &&
                        cuda_.instantiate != nullptr && cuda_.launch_graph != nullptr &&
                        cuda_.destroy_graph != nullptr && cuda_.destroy_exec != nullptr;
  if (!complete || !captures_) return nullptr;
  cuda::Graph graph = nullptr;
  cuda::GraphExec exec = nullptr;
  captures_ = cuda_.begin_capture(stream_, cuda::kRelaxedCapture) == cuda::kSuccess;
  if (!captures_) return nullptr;
  const bool queued = queue() == cuda::kSuccess;
  captures_ = cuda_.end_capture(stream_, &graph) == cuda::kSuccess && queued &&
              cuda_.instantiate(&exec, graph, 0) == cuda::kSuccess;
  if (graph != nullptr) cuda_.destroy_graph(graph);
  if (captures_ && cuda_.upload_graph != nullptr) cuda_.upload_graph(exec, stream_);
  return captures_ ? exec : nullptr;
}

// The stream waits until all is queued, so that the device never waits for the host. Not where a
// function is launched for the first time: to give its threads memory the driver waits for the
// device, which then must not wait for us.
void CudaStream::time(int launches, bool known, const Queue& queue, DeviceReport& report) {
  const bool short_ones = launch_ns_ > 0 && launch_ns_ < kShortNs && launches >= kFewestReplayed;
  const cuda::GraphExec graph = known && short_ones ? capture(queue) : nullptr;
  errors_.must(cuda_.synchronise(), "cuCtxSynchronize");
  *flag_ = 0;
  launches_ = 0;
  // Some virtual GPUs cannot wait: there the host's queueing shows in short batches.
  const bool waits = known && cuda_.wait_for_value(stream_, flag_on_device_, 1,
                                                   cuda::kWaitUntilAtLeast) == cuda::kSuccess;
  if (!waits) *flag_ = 1;
  errors_.must(cuda_.record(begin_, stream_), "cuEventRecord");
  const cuda::Result queued = graph != nullptr ? cuda_.launch_graph(graph, stream_) : queue();
  if (queued != cuda::kSuccess) *flag_ = 1;
  errors_.must(queued, "a launch");
  errors_.must(cuda_.record(end_, stream_), "cuEventRecord");
  const bool waited = *flag_ == 0;
  const auto released = Clock::now();
  *flag_ = 1;
  errors_.must(cuda_.await(end_), "the kernel");
  errors_.must(cuda_.synchronise(), "the kernel");
  last_work_ = Clock::now();
  float ms = 0;
  errors_.must(cuda_.elapsed_ms(&ms, begin_, end_), "cuEventElapsedTime");
  if (graph != nullptr) cuda_.destroy_exec(graph);
  report.events_ns = double{ms} * 1e6;
  report.replayed = graph != nullptr ? 1 : 0;
  launch_ns_ = report.events_ns / std::max(launches, 1);
  if (waited) {
    report.host_ns = std::chrono::duration<double, std::nano>(last_work_ - released).count();
  }
  if (!nvml_) return;
  report.clock_mhz = nvml_->clock_mhz();
  report.highest_clock_mhz = nvml_->highest_clock_mhz();
  report.held_down = nvml_->held_down() ? 1 : 0;
}

// The counter moves some ten times a second: the window begins and ends where it is seen to move.
double CudaStream::joules(const Queue& queue) {
  constexpr milliseconds kBetweenLooks{5}, kLongEnough{1'000}, kTooLong{8'000};
  struct Seen {
    uint64_t millijoules = 0;
    double runs = 0;
    Clock::time_point at;
  };
  const auto begin = Clock::now();
  std::optional<Seen> first, last;
  double runs = 0;
  *flag_ = 1;
  for (int together = 1; nvml_ && Clock::now() - begin < kTooLong;) {
    const auto start = Clock::now();
    for (int i = 0; i < together; ++i) errors_.must(queue(), "a launch");
    errors_.must(cuda_.synchronise(), "the kernel");
    runs += together;
    const auto now = Clock::now();
    if (now - start < kBetweenLooks) together *= 2;
    const auto counted = nvml_->millijoules();
    if (!counted) return 0;
    if (last && last->millijoules == *counted) continue;
    if (last && !first) first = Seen{*counted, runs, now};
    last = Seen{*counted, runs, now};
    if (!first || now - first->at < kLongEnough) continue;
    return static_cast<double>(last->millijoules - first->millijoules) * 1e-3 /
           (last->runs - first->runs);
  }
  return 0;
}

}  // namespace kbench
