// A libcuda for tests where there is no GPU: memory of the host's stands for the device's, a clock
// that only kernels move gives the events' times, and the kernels are the C++ functions of
// scripted_kernels.cpp, found by the names that the cubin must hold. It is stricter than the real
// one: it refuses calls in the wrong order, copies outside what was allocated, and a batch that
// nobody releases.

#include <cxxabi.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/backends/scripted_gpu.hpp"

namespace {

namespace gpu = kbench::gpu;
using gpu::Address;
using gpu::Result;
using scripted::driver;
using scripted::Kernel;
using scripted::kernels;
using scripted::kInvalidatedCapture;
using scripted::Work;

constexpr size_t kMemoryBytes = size_t{256} << 20;
// Launched one by one, kernels have a gap between them; a graph's have none.
constexpr int kKernelNs = 10'000, kMemsetNs = 1'000, kGapNs = 500, kPersistingNs = 1'000;
constexpr double kWatts = 100;

struct Event {
  bool done = false;
  double at_ns = 0;
};

template <class Handle, class Object>
Handle handle_of(Object* object) {
  return reinterpret_cast<Handle>(object);
}

// The symbol must be in the image: an ELF file for the machine CUDA (190) or AMDGPU (224), whose
// section headers come last.
bool image_holds(const char* image, const std::string& symbol) {
  uint64_t sections = 0;
  uint16_t machine = 0, size = 0, count = 0;
  std::memcpy(&machine, image + 18, sizeof machine);
  std::memcpy(&sections, image + 40, sizeof sections);
  std::memcpy(&size, image + 58, sizeof size);
  std::memcpy(&count, image + 60, sizeof count);
  if (std::memcmp(image, "\177ELF", 4) != 0 || (machine != 190 && machine != 224)) {
    return false;
  }
  const std::string whole(image, sections + size_t{size} * count);
  return whole.find('\0' + symbol + '\0') != std::string::npos;
}

}  // namespace

extern "C" {

Result cuInit(unsigned) {
  driver().initialised = true;
  return gpu::kSuccess;
}
Result cuDriverGetVersion(int* version) {
  *version = 13000;
  return gpu::kSuccess;
}
Result cuDeviceGetCount(int* count) {
  *count = 1;
  return driver().initialised ? gpu::kSuccess : gpu::kNotInitialised;
}
Result cuDeviceGet(gpu::Device* device, int number) {
  *device = number;
  return number == 0 ? gpu::kSuccess : gpu::kNoDevice;
}
Result cuDeviceGetName(char* name, int bytes, gpu::Device) {
  std::strncpy(name, "Scripted GPU", static_cast<size_t>(bytes));
  return gpu::kSuccess;
}
Result cuDeviceGetPCIBusId(char* bus, int bytes, gpu::Device) {
  const char* given = std::getenv("CUDA_VISIBLE_DEVICES");  // so that tests need not share a lock
  std::strncpy(bus, given != nullptr ? given : "0000:00:00.0", static_cast<size_t>(bytes));
  return gpu::kSuccess;
}
Result cuDeviceTotalMem_v2(size_t* bytes, gpu::Device) {
  *bytes = kMemoryBytes;
  return gpu::kSuccess;
}
Result cuDeviceGetAttribute(int* value, int which, gpu::Device) {
  static const std::map<int, int> kValues = {
      {gpu::threads_per_block, 1024},     {gpu::warp_size, 32},
      {gpu::clock_khz, 1'000'000},        {gpu::multiprocessors, 10},
      {gpu::memory_clock_khz, 1'000'000}, {gpu::memory_bus_bits, 4096},
      {gpu::l2_bytes, 1 << 20},           {gpu::capability_major, 9},
      {gpu::capability_minor, 0},         {gpu::shared_per_block_at_most, 227 << 10}};
  const auto found = kValues.find(which);
  *value = found == kValues.end() ? 0 : found->second;
  return gpu::kSuccess;
}
Result cuDevicePrimaryCtxRetain(gpu::Context* context, gpu::Device) {
  if (!driver().initialised) return gpu::kNotInitialised;
  *context = handle_of<gpu::Context>(&driver());
  return gpu::kSuccess;
}
Result cuCtxSetCurrent(gpu::Context context) {
  driver().has_context = context != nullptr;
  return gpu::kSuccess;
}
Result cuCtxSynchronize() {
  if (const Result failed = driver().may_wait(); failed != gpu::kSuccess) return failed;
  return driver().run_all();
}
Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = kMemoryBytes - driver().taken;
  *total = kMemoryBytes;
  return driver().state();
}
Result cuMemAlloc_v2(Address* address, size_t bytes) {
  if (bytes == 0) return gpu::kInvalidValue;
  if (bytes > kMemoryBytes - driver().taken) return gpu::kOutOfMemory;
  driver().taken += bytes;
  *address = reinterpret_cast<Address>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
  driver().allocated[*address] = bytes;
  return driver().state();
}
Result cuMemHostAlloc(void** memory, size_t bytes, unsigned flags) {
  if (flags != gpu::kHostMapped) return gpu::kInvalidValue;
  *memory = std::calloc(1, bytes);
  return driver().state();
}
Result cuMemHostGetDevicePointer_v2(Address* address, void* memory, unsigned) {
  *address = reinterpret_cast<Address>(memory);
  return driver().state();
}
Result cuMemcpyHtoD_v2(Address to, const void* from, size_t bytes) {
  if (!driver().queue.empty() || !driver().holds(to, bytes)) return gpu::kInvalidValue;
  if (const Result failed = driver().may_wait(); failed != gpu::kSuccess) return failed;
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return driver().state();
}
Result cuMemcpyDtoH_v2(void* to, Address from, size_t bytes) {
  if (!driver().queue.empty() || !driver().holds(from, bytes)) return gpu::kInvalidValue;
  std::memcpy(to, reinterpret_cast<void*>(from), bytes);
  return driver().state();
}
Result cuMemsetD8Async(Address to, unsigned char byte, size_t bytes, gpu::Stream) {
  if (!driver().holds(to, bytes)) return gpu::kInvalidValue;
  driver().put([=] {
    std::memset(reinterpret_cast<void*>(to), byte, bytes);
    driver().clock_ns += kMemsetNs;
    return gpu::kSuccess;
  });
  return driver().state();
}
Result cuModuleLoadData(gpu::Module* module, const void* image) {
  *module = reinterpret_cast<gpu::Module>(const_cast<void*>(image));
  return driver().state();
}
Result cuModuleGetFunction(gpu::Function* function, gpu::Module module, const char* name) {
  if (!image_holds(reinterpret_cast<const char*>(module), name)) return gpu::kNotFound;
  int failed = 0;
  char* plain = abi::__cxa_demangle(name, nullptr, nullptr, &failed);
  std::string words = failed == 0 ? plain : name;
  std::free(plain);
  words = words.substr(0, words.find_first_of("<("));
  words = words.substr(words.rfind(' ') + 1);  // a template's name follows its type
  const auto found = kernels().find(words);
  if (found == kernels().end()) return gpu::kNotFound;
  *function = handle_of<gpu::Function>(&found->second);
  return driver().state();
}
Result cuFuncSetAttribute(gpu::Function function, int which, int value) {
  if (which == gpu::dynamic_shared_bytes) {
    reinterpret_cast<Kernel*>(function)->dynamic_shared_bytes = value;
  }
  return driver().state();
}
Result cuStreamCreate(gpu::Stream* stream, unsigned flags) {
  *stream = handle_of<gpu::Stream>(&driver());
  return flags == gpu::kNonBlockingStream ? driver().state() : gpu::kInvalidValue;
}
Result cuStreamWaitValue32_v2(gpu::Stream, Address flag, uint32_t least, unsigned how) {
  if (how != gpu::kWaitUntilAtLeast) return gpu::kInvalidValue;
  driver().put([=] {
    const bool released = *reinterpret_cast<volatile uint32_t*>(flag) >= least;
    return released ? gpu::kSuccess : gpu::kLaunchTimeout;  // the real one would wait for ever
  });
  return driver().state();
}
Result cuEventCreate(gpu::Event* event, unsigned) {
  *event = handle_of<gpu::Event>(new Event);
  return driver().state();
}
Result cuEventRecord(gpu::Event event, gpu::Stream) {
  auto* mine = reinterpret_cast<Event*>(event);
  mine->done = false;
  driver().put([mine] {
    *mine = {true, driver().clock_ns};
    return gpu::kSuccess;
  });
  return driver().state();
}
Result cuEventSynchronize(gpu::Event) {
  return cuCtxSynchronize();
}
Result cuEventElapsedTime(float* ms, gpu::Event begin, gpu::Event end) {
  const auto *first = reinterpret_cast<Event*>(begin), *last = reinterpret_cast<Event*>(end);
  if (!first->done || !last->done) return gpu::kNotReady;
  *ms = static_cast<float>((last->at_ns - first->at_ns) * 1e-6);
  return driver().state();
}
Result cuLaunchKernelEx(const gpu::LaunchConfig* config, gpu::Function function, void** arguments,
                        void**) {
  const auto* kernel = reinterpret_cast<const Kernel*>(function);
  const unsigned threads = config->block[0] * config->block[1] * config->block[2];
  if (config->grid[0] * config->grid[1] * config->grid[2] == 0 || threads == 0 || threads > 1024 ||
      config->shared_bytes > static_cast<unsigned>(kernel->dynamic_shared_bytes)) {
    return gpu::kInvalidValue;
  }
  // The values are taken at once, as the real one does.
  auto values = std::make_shared<std::vector<uint64_t>>();
  for (size_t i = 0; i < kernel->takes.size(); ++i) {
    const bool pointer = kernel->takes[i] == 'p';
    values->push_back(0);
    std::memcpy(&values->back(), arguments[i], pointer ? 8 : 4);
  }
  const double gap_ns = driver().capturing ? 0 : kGapNs;
  driver().put([kernel, values, gap_ns] {
    driver().clock_ns += gap_ns + (driver().persisting ? kPersistingNs : kKernelNs);
    // The host's clock must not contradict the events'.
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < std::chrono::nanoseconds(kKernelNs)) {
    }
    std::vector<void*> places;
    for (uint64_t& it : *values) places.push_back(&it);
    return kernel->run(places);
  });
  return driver().state();
}
Result cuGetErrorName(Result result, const char** name) {
  static const std::map<Result, const char*> kNames = {
      {gpu::kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {gpu::kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
      {gpu::kAssert, "CUDA_ERROR_ASSERT"},
      {gpu::kInvalidValue, "CUDA_ERROR_INVALID_VALUE"}};
  const auto found = kNames.find(result);
  *name = found == kNames.end() ? "CUDA_ERROR" : found->second;
  return gpu::kSuccess;
}

Result cuCtxResetPersistingL2Cache() {
  driver().persisting = false;
  return driver().state();
}
Result cuStreamBeginCapture_v2(gpu::Stream, int mode) {
  const char* place = std::getenv("CUDA_VISIBLE_DEVICES");
  if (place != nullptr && std::strstr(place, "without-graphs") != nullptr)
    return gpu::kNotSupported;
  if (mode != gpu::kRelaxedCapture || driver().capturing) return gpu::kInvalidValue;
  driver().capturing = driver().capture_is_valid = true;
  return driver().state();
}
Result cuStreamEndCapture(gpu::Stream, gpu::Graph* graph) {
  *graph = nullptr;
  if (!std::exchange(driver().capturing, false)) return gpu::kInvalidValue;
  Work captured = std::exchange(driver().captured, {});
  if (!driver().capture_is_valid) return kInvalidatedCapture;
  *graph = handle_of<gpu::Graph>(new Work(std::move(captured)));
  return driver().state();
}
Result cuGraphInstantiateWithFlags(gpu::GraphExec* exec, gpu::Graph graph, unsigned long long) {
  *exec = handle_of<gpu::GraphExec>(new Work(*reinterpret_cast<Work*>(graph)));
  return driver().state();
}
Result cuGraphUpload(gpu::GraphExec, gpu::Stream) {
  return driver().state();
}
Result cuGraphLaunch(gpu::GraphExec exec, gpu::Stream) {
  for (const auto& work : *reinterpret_cast<Work*>(exec)) driver().put(work);
  return driver().state();
}
Result cuGraphDestroy(gpu::Graph graph) {
  delete reinterpret_cast<Work*>(graph);
  return driver().state();
}
Result cuGraphExecDestroy(gpu::GraphExec exec) {
  delete reinterpret_cast<Work*>(exec);
  return driver().state();
}

// The management library, of a GPU that is too hot.
int nvmlInit_v2() {
  return 0;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char*, void** device) {
  *device = &driver();
  return 0;
}
int nvmlDeviceGetClockInfo(void*, int, unsigned* mhz) {
  *mhz = 1500;
  return 0;
}
int nvmlDeviceGetMaxClockInfo(void*, int, unsigned* mhz) {
  *mhz = 1980;
  return 0;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = 0x20;
  return 0;
}
// By its own clock, in steps of 0.2 s: as coarse as the real counter's, and coarser.
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  constexpr unsigned long long kStep = 20'000;
  *millijoules = static_cast<unsigned long long>(driver().clock_ns * 1e-6 * kWatts) / kStep * kStep;
  return 0;
}
int nvmlSystemGetDriverVersion(char* text, unsigned bytes) {
  std::strncpy(text, "580.0", bytes);
  return 0;
}

}  // extern "C"
