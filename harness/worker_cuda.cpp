#include "harness/worker_cuda.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "backends/rtc_image.hpp"
#include "harness/worker_arguments.hpp"

namespace kbench {

namespace {

using std::chrono::milliseconds;

constexpr unsigned char kGap = 0xC5;
// A stream holds about a thousand launches before it blocks whoever queues: before that the first
// must run.
constexpr int kMostWaiting = 256;
// GPUs slow down when they rest, and take a while to wake.
constexpr milliseconds kBusy{2}, kWaking{50}, kRest{100};

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

uint64_t whole_pages(uint64_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

Result<void> CudaKernels::check(cuda::Result result, const char* what) const {
  if (result == cuda::kSuccess) return {};
  return environment_error("cuda: " + std::to_string(result) + " " + cuda_.name_of(result) +
                           " from " + what);
}

void CudaKernels::fail(const std::string& message, uint64_t address) const {
  std::snprintf(control_->message, sizeof control_->message, "cuda: %s", message.c_str());
  control_->crash.address = address;
  if (flag_ != nullptr) *flag_ = 1;
  _exit(1);
}

void CudaKernels::must(cuda::Result result, const char* what) const {
  if (result == cuda::kSuccess) return;
  fail(std::to_string(result) + " " + cuda_.name_of(result) + " from " + what);
}

Result<CudaKernels> CudaKernels::open(int image, const Setup& setup, ControlPage& control) {
  auto library = CudaLibrary::open();
  if (!library) return environment_error("cuda: driver " + library.error().text());
  CudaKernels opened(*library, setup, control);
  auto ready = opened.open_device();
  if (ready) ready = opened.load("/proc/self/fd/" + std::to_string(image));
  if (ready) ready = opened.allow_what_launches_ask();
  if (ready) ready = opened.take_memory();
  if (!ready) return tl::unexpected(ready.error());
  return opened;
}

Result<void> CudaKernels::open_device() {
  cuda::Context context = nullptr;
  char bus[64] = {};
  auto ready = check(cuda_.init(0), "cuInit");
  if (ready) ready = check(cuda_.device(&device_, setup_->gpu), "cuDeviceGet");
  if (ready) ready = check(cuda_.retain_context(&context, device_), "cuDevicePrimaryCtxRetain");
  if (ready) ready = check(cuda_.use_context(context), "cuCtxSetCurrent");
  if (ready)
    ready = check(cuda_.create_stream(&stream_, cuda::kNonBlockingStream), "cuStreamCreate");
  if (ready) ready = check(cuda_.create_event(&begin_, 0), "cuEventCreate");
  if (ready) ready = check(cuda_.create_event(&end_, 0), "cuEventCreate");
  if (ready && cuda_.device_bus(bus, sizeof bus, device_) == cuda::kSuccess) {
    nvml_ = NvmlGpu::open(bus);
  }
  return ready;
}

Result<void> CudaKernels::load(const std::string& folder) {
  const std::string code = read_all(folder + kRtcCode);
  std::ifstream names(folder + kRtcNames);
  cuda::Module module = nullptr;
  if (auto loaded = check(cuda_.load_module(&module, code.data()), "cuModuleLoadData"); !loaded) {
    return loaded;
  }
  const auto letters = records<char>(*setup_, setup_->entries);
  for (auto at = letters.begin(); at != letters.end();) {
    at += static_cast<ptrdiff_t>(std::strlen(&*at) + 1);  // as the source has it
    Kernel kernel;
    kernel.arguments = &*at;
    at += static_cast<ptrdiff_t>(kernel.arguments.size() + 1);
    std::string name;
    std::getline(names, name);
    auto found =
        check(cuda_.function(&kernel.function, module, name.c_str()), "cuModuleGetFunction");
    if (!found) return found;
    kernels_.push_back(std::move(kernel));
  }
  return {};
}

// Dynamic shared memory beyond 48 KiB and clusters of more than eight blocks must be asked for;
// here and not before a launch, when the stream may wait.
Result<void> CudaKernels::allow_what_launches_ask() {
  std::map<uint32_t, int> most_shared;
  for (const Array& array : {setup_->calls, setup_->prepare}) {
    for (const SetupCall& call : records<SetupCall>(*setup_, array)) {
      const int64_t* extents = extents_of(call);
      const cuda::Function function = kernels_[call.stub].function;
      int& most = most_shared[call.stub];
      if (extents[6] > most) {
        most = static_cast<int>(extents[6]);
        auto allowed = check(cuda_.set_function(function, cuda::dynamic_shared_bytes, most),
                             "cuFuncSetAttribute");
        if (!allowed) return allowed;
      }
      if (extents[8] * extents[9] * extents[10] <= 8) continue;
      auto allowed = check(cuda_.set_function(function, cuda::large_clusters_allowed, 1),
                           "cuFuncSetAttribute");
      if (!allowed) return allowed;
    }
  }
  return {};
}

Result<void> CudaKernels::take_memory() {
  int l2_bytes = 0;
  cuda_.attribute(&l2_bytes, cuda::l2_bytes, device_);
  scratch_bytes_ = 2 * static_cast<size_t>(std::max(l2_bytes, 1 << 20));
  size_t free = 0, total = 0;
  auto ready = check(cuda_.memory_info(&free, &total), "cuMemGetInfo");
  if (ready && setup_->bytes + scratch_bytes_ > free) {
    return environment_error("cuda: memory the problem needs " +
                             std::to_string(setup_->bytes + scratch_bytes_) +
                             " bytes on the GPU, of which " + std::to_string(free) + " are free");
  }
  void* flag = nullptr;
  if (ready)
    ready = check(cuda_.allocate(&memory_, std::max<size_t>(setup_->bytes, 1)), "cuMemAlloc");
  if (ready) ready = check(cuda_.allocate(&scratch_, scratch_bytes_), "cuMemAlloc");
  if (ready) ready = check(cuda_.allocate_host(&flag, 64, cuda::kHostMapped), "cuMemHostAlloc");
  if (ready) {
    ready = check(cuda_.address_of_host(&flag_on_device_, flag, 0), "cuMemHostGetDevicePointer");
  }
  if (ready && setup_->bytes > 0) {
    ready = check(cuda_.set_bytes(memory_, kGap, setup_->bytes, stream_), "cuMemsetD8Async");
  }
  if (ready) ready = check(cuda_.synchronise(), "cuCtxSynchronize");
  flag_ = static_cast<volatile uint32_t*>(flag);
  for (const MappedRegion& region : records<MappedRegion>(*setup_, setup_->regions)) {
    regions_[region.address] = &region;
  }
  return ready;
}

std::span<const SetupRange> CudaKernels::tensors(int32_t set) const {
  const SetupSet& it = records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(set)];
  return records<SetupRange>(*setup_, setup_->touched).subspan(it.touched.offset, it.touched.count);
}

// Whole pages: the canary behind a tensor goes along.
void CudaKernels::copy_in(std::span<const int32_t> order) {
  std::set<uint64_t> copied;  // sets share constants
  for (const int32_t set : order) {
    for (const SetupRange& range : tensors(set)) {
      if (!copied.insert(range.address).second) continue;
      must(cuda_.copy_in(on_device(range.address), reinterpret_cast<const void*>(range.address),
                         whole_pages(range.bytes)),
           "cuMemcpyHtoD");
    }
  }
}

void CudaKernels::copy_back(std::span<const int32_t> order) {
  std::set<uint64_t> copied;
  for (const int32_t set : order) {
    for (const SetupRange& range : tensors(set)) {
      if (!copied.insert(range.address).second) continue;
      const auto region = regions_.find(range.address);
      if (region == regions_.end()) continue;
      const size_t bytes = whole_pages(range.bytes);
      auto* here = reinterpret_cast<void*>(range.address);
      if (region->second->writable != 0) {
        must(cuda_.copy_out(here, on_device(range.address), bytes), "cuMemcpyDtoH");
      } else {
        back_.resize(std::max(back_.size(), bytes));
        must(cuda_.copy_out(back_.data(), on_device(range.address), bytes), "cuMemcpyDtoH");
        if (std::memcmp(back_.data(), here, bytes) != 0) fail("input", range.address);
      }
      const auto before = region == regions_.begin() ? regions_.end() : std::prev(region);
      const auto after = std::next(region);
      check_gap(before == regions_.end() ? setup_->base : before->first + before->second->bytes,
                region->first);
      check_gap(region->first + region->second->bytes,
                after == regions_.end() ? setup_->base + setup_->bytes : after->first);
    }
  }
}

void CudaKernels::check_gap(uint64_t begin, uint64_t end) {
  if (begin >= end) return;
  back_.resize(std::max<size_t>(back_.size(), end - begin));
  must(cuda_.copy_out(back_.data(), on_device(begin), end - begin), "cuMemcpyDtoH");
  const auto last = back_.begin() + static_cast<ptrdiff_t>(end - begin);
  const auto damaged = std::find_if(back_.begin(), last, [](unsigned char c) { return c != kGap; });
  if (damaged != last) fail("bounds", begin + static_cast<uint64_t>(damaged - back_.begin()));
}

// Writes twice what the second-level cache holds, until the GPU runs at its full clock: what was
// copied in before is no longer in the cache.
void CudaKernels::keep_busy(bool flush) {
  const auto begin = Clock::now();
  const auto long_enough = begin - last_work_ > kRest ? kWaking : kBusy;
  do {
    must(cuda_.set_bytes(scratch_, kGap, scratch_bytes_, stream_), "cuMemsetD8Async");
    must(cuda_.synchronise(), "cuCtxSynchronize");
  } while (!flush && Clock::now() - begin < long_enough);
}

// Behind a call's own integers: grid, block, shared bytes, cooperative, cluster.
const int64_t* CudaKernels::extents_of(const SetupCall& call) const {
  const std::string& letters = kernels_[call.stub].arguments;
  const auto own = std::count_if(letters.begin(), letters.end(),
                                 [](char c) { return c == 'i' || c == 'q' || c == 'l'; });
  return records<int64_t>(*setup_, setup_->integers).data() + call.integers + own;
}

void CudaKernels::launch(const SetupCall& call) {
  Kernel& kernel = kernels_[call.stub];
  struct Value {
    alignas(8) unsigned char bytes[8];
  };
  std::vector<Value> values(kernel.arguments.size());
  std::vector<void*> arguments;
  auto pass = [&](char letter, const void* value, size_t bytes) {
    Value& mine = values[arguments.size()];
    std::memcpy(mine.bytes, value, bytes);
    if (letter == 'p') {
      uint64_t address = 0;
      std::memcpy(&address, value, sizeof address);
      if (address != 0) address = on_device(address);  // else an empty tensor
      std::memcpy(mine.bytes, &address, sizeof address);
    }
    arguments.push_back(mine.bytes);
  };
  pass_arguments(kernel.arguments, records<void*>(*setup_, setup_->pointers).data() + call.pointers,
                 records<int64_t>(*setup_, setup_->integers).data() + call.integers,
                 records<double>(*setup_, setup_->reals).data() + call.reals, pass);

  const int64_t* extents = extents_of(call);
  cuda::LaunchConfig config{};
  for (size_t d = 0; d < 3; ++d) {
    config.grid[d] = static_cast<unsigned>(extents[d]);
    config.block[d] = static_cast<unsigned>(extents[3 + d]);
  }
  config.shared_bytes = static_cast<unsigned>(extents[6]);
  config.stream = stream_;
  cuda::LaunchAttribute attributes[2] = {};
  config.attributes = attributes;
  if (extents[7] != 0) {
    cuda::LaunchAttribute& it = attributes[config.attribute_count++];
    it.id = cuda::LaunchAttribute::cooperative;
    it.is_cooperative = 1;
  }
  if (extents[8] * extents[9] * extents[10] > 1) {
    cuda::LaunchAttribute& it = attributes[config.attribute_count++];
    it.id = cuda::LaunchAttribute::cluster;
    for (size_t d = 0; d < 3; ++d) it.extents[d] = static_cast<unsigned>(extents[8 + d]);
  }
  must(cuda_.launch(&config, kernel.function, arguments.data(), nullptr), "cuLaunchKernelEx");
  kernel.launched = true;
  if (++launches_ >= kMostWaiting) *flag_ = 1;
}

std::span<const SetupCall> CudaKernels::calls_of(int32_t set, bool prepares) const {
  const SetupSet& it = records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(set)];
  const Array array = prepares ? it.prepare : it.calls;
  return records<SetupCall>(*setup_, prepares ? setup_->prepare : setup_->calls)
      .subspan(array.offset, array.count);
}

void CudaKernels::launch_all(int32_t set) {
  const SetupSet& it = records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(set)];
  for (const SetupRange& range :
       records<SetupRange>(*setup_, setup_->zeroed).subspan(it.zeroed.offset, it.zeroed.count)) {
    if (range.bytes == 0) continue;
    must(cuda_.set_bytes(on_device(range.address), 0, range.bytes, stream_), "cuMemsetD8Async");
    ++launches_;
  }
  for (const SetupCall& call : calls_of(set, false)) launch(call);
}

// The stream waits until all is queued, so that the device never waits for the host. Not where a
// function is launched for the first time: to give its threads memory the driver waits for the
// device, which then must not wait for us.
void CudaKernels::time(std::span<const int32_t> order, bool prepares) {
  bool known = true;
  for (const int32_t set : order) {
    for (const SetupCall& call : calls_of(set, prepares)) {
      known = known && kernels_[call.stub].launched;
    }
  }
  must(cuda_.synchronise(), "cuCtxSynchronize");
  *flag_ = 0;
  launches_ = 0;
  // Some virtual GPUs cannot wait: there the host's queueing shows in short batches.
  const bool waits = known && cuda_.wait_for_value(stream_, flag_on_device_, 1,
                                                   cuda::kWaitUntilAtLeast) == cuda::kSuccess;
  if (!waits) *flag_ = 1;
  must(cuda_.record(begin_, stream_), "cuEventRecord");
  for (const int32_t set : order) {
    if (!prepares) {
      launch_all(set);
    } else {
      for (const SetupCall& call : calls_of(set, true)) launch(call);
    }
  }
  must(cuda_.record(end_, stream_), "cuEventRecord");
  const bool waited = *flag_ == 0;
  const auto released = Clock::now();
  *flag_ = 1;
  must(cuda_.await(end_), "the kernel");
  must(cuda_.synchronise(), "the kernel");
  last_work_ = Clock::now();
  float ms = 0;
  must(cuda_.elapsed_ms(&ms, begin_, end_), "cuEventElapsedTime");
  DeviceReport& report = control_->device;
  report.events_ns = double{ms} * 1e6;
  if (waited) {
    report.host_ns = std::chrono::duration<double, std::nano>(last_work_ - released).count();
  }
  if (!nvml_) return;
  report.clock_mhz = nvml_->clock_mhz();
  report.highest_clock_mhz = nvml_->highest_clock_mhz();
  report.held_down = nvml_->held_down() ? 1 : 0;
}

void CudaKernels::run(std::span<const int32_t> order) {
  control_->device = {};
  if (order.empty()) return;
  const bool cold =
      records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(order[0])].cold != 0;
  keep_busy(false);
  copy_in(order);
  if (cold) keep_busy(true);
  time(order, false);
  copy_back(order);
}

void CudaKernels::prepare(int32_t set) {
  control_->device = {};
  const int32_t order[] = {set};
  copy_in(order);
  time(order, true);
  copy_back(order);
}

}  // namespace kbench
