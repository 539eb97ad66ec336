#include "harness/gpu_stream.hpp"

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

Result<void> GpuErrors::check(gpu::Result result, const char* what) const {
  if (result == gpu::kSuccess) return {};
  return environment_error("gpu: " + std::to_string(result) + " " + library_.name_of(result) +
                           " from " + what);
}

void GpuErrors::fail(const std::string& message, uint64_t address) const {
  std::snprintf(control_->message, sizeof control_->message, "gpu: %s", message.c_str());
  control_->crash.address = address;
  _exit(1);
}

void GpuErrors::must(gpu::Result result, const char* what) const {
  if (result == gpu::kSuccess) return;
  fail(std::to_string(result) + " " + library_.name_of(result) + " from " + what);
}

Result<void> GpuStream::open(gpu::Device device) {
  char bus[64] = {};
  auto ready =
      errors_.check(library_.create_stream(&stream_, gpu::kNonBlockingStream), "making a stream");
  if (ready) ready = errors_.check(library_.create_event(&begin_, 0), "making an event");
  if (ready) ready = errors_.check(library_.create_event(&end_, 0), "making an event");
  if (ready) ready = take_memory(device);
  if (ready && !library_.is_hip && library_.device_bus(bus, sizeof bus, device) == gpu::kSuccess) {
    nvml_ = NvmlGpu::open(bus);
  }
  return ready;
}

Result<void> GpuStream::take_memory(gpu::Device device) {
  scratch_bytes_ = 2 * library_.cache_bytes(device);
  void* flag = nullptr;
  auto ready = errors_.check(library_.allocate(&scratch_, scratch_bytes_), "allocating");
  if (ready) {
    ready = errors_.check(library_.allocate_host(&flag, 64, gpu::kHostMapped),
                          "allocating on the host");
  }
  if (ready) {
    ready =
        errors_.check(library_.address_of_host(&flag_on_device_, flag, 0), "mapping host memory");
  }
  flag_ = static_cast<volatile uint32_t*>(flag);
  return ready;
}

void GpuStream::count_launch() {
  if (++launches_ >= kMostWaiting) *flag_ = 1;
}

void GpuStream::fill_scratch() const {
  errors_.must(library_.set_bytes(scratch_, kAnything, scratch_bytes_, stream_),
               "writing to the cache");
  errors_.must(library_.synchronise(), "waiting for the GPU");
}

void GpuStream::wake() {
  const auto begin = Clock::now();
  const auto long_enough = begin - last_work_ > kRest ? kWaking : kBusy;
  do {
    fill_scratch();
  } while (Clock::now() - begin < long_enough);
}

// Writes twice what the largest cache holds.
void GpuStream::flush() {
  fill_scratch();
}

// Lines that an earlier kernel asked to be kept (evict_last) would outlive the flush. Before CUDA
// 11, and on GPUs before 8.0, there are none.
void GpuStream::forget_persisting() const {
  if (library_.reset_persisting != nullptr) static_cast<void>(library_.reset_persisting());
}

// None where the driver cannot, which is not tried again.
gpu::GraphExec GpuStream::capture(const Queue& queue) {
  const bool complete = library_.begin_capture != nullptr && library_.end_capture != nullptr &&
                        library_.instantiate != nullptr && library_.launch_graph != nullptr &&
                        library_.destroy_graph != nullptr && library_.destroy_exec != nullptr;
  if (!complete || !captures_) return nullptr;
  gpu::Graph graph = nullptr;
  gpu::GraphExec exec = nullptr;
  captures_ = library_.begin_capture(stream_, gpu::kRelaxedCapture) == gpu::kSuccess;
  if (!captures_) return nullptr;
  const bool queued = queue() == gpu::kSuccess;
  captures_ = library_.end_capture(stream_, &graph) == gpu::kSuccess && queued &&
              library_.instantiate(&exec, graph, 0) == gpu::kSuccess;
  if (graph != nullptr) library_.destroy_graph(graph);
  if (captures_ && library_.upload_graph != nullptr) library_.upload_graph(exec, stream_);
  return captures_ ? exec : nullptr;
}

// The stream waits until all is queued, so that the device never waits for the host. Not where a
// function is launched for the first time: to give its threads memory the driver waits for the
// device, which then must not wait for us.
void GpuStream::time(int launches, bool known, const Queue& queue, DeviceReport& report) {
  const bool short_ones = launch_ns_ > 0 && launch_ns_ < kShortNs && launches >= kFewestReplayed;
  const gpu::GraphExec graph = known && short_ones ? capture(queue) : nullptr;
  errors_.must(library_.synchronise(), "waiting for the GPU");
  *flag_ = 0;
  launches_ = 0;
  // Some virtual GPUs cannot wait: there the host's queueing shows in short batches.
  const bool waits = known && library_.wait_for(stream_, flag_on_device_) == gpu::kSuccess;
  if (!waits) *flag_ = 1;
  errors_.must(library_.record(begin_, stream_), "recording an event");
  const gpu::Result queued = graph != nullptr ? library_.launch_graph(graph, stream_) : queue();
  if (queued != gpu::kSuccess) *flag_ = 1;
  errors_.must(queued, "a launch");
  errors_.must(library_.record(end_, stream_), "recording an event");
  const bool waited = *flag_ == 0;
  const auto released = Clock::now();
  *flag_ = 1;
  errors_.must(library_.await(end_), "the kernel");
  errors_.must(library_.synchronise(), "the kernel");
  last_work_ = Clock::now();
  float ms = 0;
  errors_.must(library_.elapsed_ms(&ms, begin_, end_), "reading the events");
  if (graph != nullptr) library_.destroy_exec(graph);
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
double GpuStream::joules(const Queue& queue) {
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
    errors_.must(library_.synchronise(), "the kernel");
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
