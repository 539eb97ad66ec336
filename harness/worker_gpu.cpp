#include "harness/worker_gpu.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "backends/rtc_image.hpp"
#include "harness/worker_arguments.hpp"

namespace kbench {

namespace {

constexpr unsigned char kGap = 0xC5;

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

uint64_t whole_pages(uint64_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

Result<GpuKernels> GpuKernels::open(int image, const Setup& setup, ControlPage& control) {
  auto library = GpuLibrary::open(setup.hip != 0 ? "hip" : "cuda");
  if (!library) return environment_error("gpu: driver " + library.error().text());
  GpuKernels opened(*library, setup, control);
  auto ready = opened.open_device();
  if (ready) ready = opened.load("/proc/self/fd/" + std::to_string(image));
  if (ready) ready = opened.allow_what_launches_ask();
  if (ready) ready = opened.take_memory();
  if (!ready) return tl::unexpected(ready.error());
  return opened;
}

Result<void> GpuKernels::open_device() {
  auto ready = errors_.check(library_.init(0), "starting the driver");
  if (ready) ready = errors_.check(library_.device(&device_, setup_->gpu), "looking for the GPU");
  if (ready) ready = errors_.check(library_.use(device_), "making a context");
  if (ready) ready = stream_.open(device_);
  return ready;
}

Result<void> GpuKernels::load(const std::string& image) {
  const auto letters = records<char>(*setup_, setup_->entries);
  for (auto at = letters.begin(); at != letters.end();) {
    at += static_cast<ptrdiff_t>(std::strlen(&*at) + 1);  // as the source has it
    Kernel& kernel = kernels_.emplace_back();
    kernel.arguments = &*at;
    at += static_cast<ptrdiff_t>(kernel.arguments.size() + 1);
  }
  struct stat status {};
  stat(image.c_str(), &status);
  return S_ISDIR(status.st_mode) ? load_device_code(image) : load_host_code(image);
}

Result<void> GpuKernels::load_device_code(const std::string& folder) {
  const std::string code = read_all(folder + kRtcCode);
  std::ifstream names(folder + kRtcNames);
  gpu::Module module = nullptr;
  auto loaded = errors_.check(library_.load_module(&module, code.data()), "loading the image");
  for (Kernel& kernel : kernels_) {
    std::string name;
    std::getline(names, name);
    if (!loaded) return loaded;
    loaded = errors_.check(library_.function(&kernel.function, module, name.c_str()),
                           "looking for a kernel");
  }
  return loaded;
}

Result<void> GpuKernels::load_host_code(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return environment_error(std::string("gpu: host ") + dlerror());
  auto* stream = static_cast<gpu::Stream*>(dlsym(library, kHostStream));
  host_failure_ = static_cast<const char*>(dlsym(library, kHostFailure));
  for (size_t i = 0; i < kernels_.size(); ++i) {
    const std::string name = "kbench_stub_" + std::to_string(i);
    kernels_[i].host = reinterpret_cast<HostFunction>(dlsym(library, name.c_str()));
    if (kernels_[i].host == nullptr || stream == nullptr || host_failure_ == nullptr) {
      return environment_error("gpu: host the image does not export " + name);
    }
    *stream = stream_.handle();
  }
  return {};
}

// Dynamic shared memory beyond 48 KiB and clusters of more than eight blocks must be asked for;
// here and not before a launch, when the stream may wait.
Result<void> GpuKernels::allow_what_launches_ask() {
  std::map<uint32_t, int> most_shared;
  for (const Array& array : {setup_->calls, setup_->prepare}) {
    for (const SetupCall& call : records<SetupCall>(*setup_, array)) {
      if (kernels_[call.stub].host != nullptr) continue;
      const int64_t* extents = extents_of(call);
      const gpu::Function function = kernels_[call.stub].function;
      int& most = most_shared[call.stub];
      if (extents[6] > most) {
        most = static_cast<int>(extents[6]);
        auto allowed = errors_.check(library_.allow(function, gpu::dynamic_shared_bytes, most),
                                     "allowing a launch");
        if (!allowed) return allowed;
      }
      if (extents[8] * extents[9] * extents[10] <= 8) continue;
      auto allowed = errors_.check(library_.allow(function, gpu::large_clusters_allowed, 1),
                                   "allowing a launch");
      if (!allowed) return allowed;
    }
  }
  return {};
}

Result<void> GpuKernels::take_memory() {
  size_t free = 0, total = 0;
  auto ready = errors_.check(library_.memory_info(&free, &total), "asking for memory");
  if (ready && setup_->bytes > free) {
    return environment_error("gpu: memory the problem needs " + std::to_string(setup_->bytes) +
                             " bytes on the GPU, of which " + std::to_string(free) + " are free");
  }
  if (ready) {
    ready = errors_.check(library_.allocate(&memory_, std::max<size_t>(setup_->bytes, 1)),
                          "allocating");
  }
  if (ready && setup_->bytes > 0) {
    ready = errors_.check(library_.set_bytes(memory_, kGap, setup_->bytes, stream_.handle()),
                          "clearing memory");
  }
  if (ready) ready = errors_.check(library_.synchronise(), "waiting for the GPU");
  for (const MappedRegion& region : records<MappedRegion>(*setup_, setup_->regions)) {
    regions_[region.address] = &region;
  }
  return ready;
}

std::span<const SetupRange> GpuKernels::tensors(int32_t set) const {
  const SetupSet& it = records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(set)];
  return records<SetupRange>(*setup_, setup_->touched).subspan(it.touched.offset, it.touched.count);
}

// Whole pages: the canary behind a tensor goes along.
void GpuKernels::copy_in(std::span<const int32_t> order) {
  std::set<uint64_t> copied;  // sets share constants
  for (const int32_t set : order) {
    for (const SetupRange& range : tensors(set)) {
      if (!copied.insert(range.address).second) continue;
      errors_.must(
          library_.copy_in(on_device(range.address), reinterpret_cast<const void*>(range.address),
                           whole_pages(range.bytes)),
          "copying in");
    }
  }
}

void GpuKernels::copy_back(std::span<const int32_t> order) {
  std::set<uint64_t> copied;
  for (const int32_t set : order) {
    for (const SetupRange& range : tensors(set)) {
      if (!copied.insert(range.address).second) continue;
      const auto region = regions_.find(range.address);
      if (region == regions_.end()) continue;
      const size_t bytes = whole_pages(range.bytes);
      auto* here = reinterpret_cast<void*>(range.address);
      if (region->second->writable != 0) {
        errors_.must(library_.copy_out(here, on_device(range.address), bytes), "copying back");
      } else {
        back_.resize(std::max(back_.size(), bytes));
        errors_.must(library_.copy_out(back_.data(), on_device(range.address), bytes),
                     "copying back");
        if (std::memcmp(back_.data(), here, bytes) != 0) errors_.fail("input", range.address);
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

void GpuKernels::check_gap(uint64_t begin, uint64_t end) {
  if (begin >= end) return;
  back_.resize(std::max<size_t>(back_.size(), end - begin));
  errors_.must(library_.copy_out(back_.data(), on_device(begin), end - begin), "copying back");
  const auto last = back_.begin() + static_cast<ptrdiff_t>(end - begin);
  const auto damaged = std::find_if(back_.begin(), last, [](unsigned char c) { return c != kGap; });
  if (damaged != last)
    errors_.fail("bounds", begin + static_cast<uint64_t>(damaged - back_.begin()));
}

// Behind a call's own integers: grid, block, shared bytes, cooperative, cluster.
const int64_t* GpuKernels::extents_of(const SetupCall& call) const {
  const std::string& letters = kernels_[call.stub].arguments;
  const auto own = std::count_if(letters.begin(), letters.end(),
                                 [](char c) { return c == 'i' || c == 'q' || c == 'l'; });
  return records<int64_t>(*setup_, setup_->integers).data() + call.integers + own;
}

void GpuKernels::call_host(const SetupCall& call) const {
  const Kernel& kernel = kernels_[call.stub];
  const auto count = std::count(kernel.arguments.begin(), kernel.arguments.end(), 'p');
  const auto here = records<uint64_t>(*setup_, setup_->pointers)
                        .subspan(call.pointers, static_cast<size_t>(count));
  std::vector<void*> pointers;
  for (const uint64_t address : here) {
    pointers.push_back(reinterpret_cast<void*>(address != 0 ? on_device(address) : 0));
  }
  kernel.host(pointers.data(), records<int64_t>(*setup_, setup_->integers).data() + call.integers,
              records<double>(*setup_, setup_->reals).data() + call.reals);
  if (*host_failure_ != '\0') errors_.fail(std::string("host ") + host_failure_);
}

gpu::Result GpuKernels::launch(const SetupCall& call) {
  Kernel& kernel = kernels_[call.stub];
  if (kernel.host != nullptr) {
    kernel.launched = true;
    stream_.count_launch();
    call_host(call);
    return gpu::kSuccess;
  }
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
  gpu::Launch asked;
  for (size_t d = 0; d < 3; ++d) {
    asked.grid[d] = static_cast<unsigned>(extents[d]);
    asked.block[d] = static_cast<unsigned>(extents[3 + d]);
    asked.cluster[d] = static_cast<unsigned>(extents[8 + d]);
  }
  asked.shared_bytes = static_cast<unsigned>(extents[6]);
  asked.cooperative = extents[7] != 0;
  kernel.launched = true;
  stream_.count_launch();
  return library_.launch(asked, kernel.function, arguments.data(), stream_.handle());
}

std::span<const SetupCall> GpuKernels::calls_of(int32_t set, bool prepares) const {
  const SetupSet& it = records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(set)];
  const Array array = prepares ? it.prepare : it.calls;
  return records<SetupCall>(*setup_, prepares ? setup_->prepare : setup_->calls)
      .subspan(array.offset, array.count);
}

std::span<const SetupRange> GpuKernels::zeroed_by(int32_t set) const {
  const SetupSet& it = records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(set)];
  return records<SetupRange>(*setup_, setup_->zeroed).subspan(it.zeroed.offset, it.zeroed.count);
}

gpu::Result GpuKernels::launch_all(int32_t set, bool prepares) {
  for (const SetupRange& range : zeroed_by(set)) {
    if (range.bytes == 0 || prepares) continue;
    stream_.count_launch();
    const gpu::Result cleared =
        library_.set_bytes(on_device(range.address), 0, range.bytes, stream_.handle());
    if (cleared != gpu::kSuccess) return cleared;
  }
  for (const SetupCall& call : calls_of(set, prepares)) {
    if (const gpu::Result launched = launch(call); launched != gpu::kSuccess) return launched;
  }
  return gpu::kSuccess;
}

GpuStream::Queue GpuKernels::batch(std::span<const int32_t> order, bool prepares) {
  return [this, order, prepares] {
    for (const int32_t set : order) {
      const gpu::Result launched = launch_all(set, prepares);
      if (launched != gpu::kSuccess) return launched;
    }
    return gpu::kSuccess;
  };
}

void GpuKernels::time(std::span<const int32_t> order, bool prepares) {
  bool known = true;
  size_t launches = 0;
  for (const int32_t set : order) {
    if (!prepares) launches += zeroed_by(set).size();
    for (const SetupCall& call : calls_of(set, prepares)) {
      known = known && kernels_[call.stub].launched;
      ++launches;
    }
  }
  stream_.time(static_cast<int>(launches), known, batch(order, prepares), control_->device);
}

void GpuKernels::run(std::span<const int32_t> order) {
  control_->device = {};
  if (order.empty()) return;
  const bool cold =
      records<SetupSet>(*setup_, setup_->sets)[static_cast<size_t>(order[0])].cold != 0;
  stream_.wake();
  copy_in(order);
  stream_.forget_persisting();
  if (cold) stream_.flush();
  time(order, false);
  copy_back(order);
}

void GpuKernels::measure_energy(std::span<const int32_t> order) {
  control_->device = {};
  copy_in(order);
  control_->device.joules = stream_.joules(batch(order, false));
}

void GpuKernels::prepare(int32_t set) {
  control_->device = {};
  const int32_t order[] = {set};
  copy_in(order);
  time(order, true);
  copy_back(order);
}

}  // namespace kbench
