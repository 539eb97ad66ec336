// A libcuda for tests where there is no GPU: memory of the host's stands for the device's, a clock
// that only kernels move gives the events' times, and the kernels are the C++ functions below,
// found by the names that the cubin must hold. It is stricter than the real one: it refuses calls
// in the wrong order, copies outside what was allocated, and a batch that nobody releases.

#include <cxxabi.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backends/cuda_library.hpp"

namespace {

namespace cuda = kbench::cuda;
using cuda::Address;
using cuda::Result;

constexpr size_t kMemoryBytes = size_t{256} << 20;
constexpr size_t kSharedUnasked = 48 << 10;
constexpr int kKernelNs = 10'000, kMemsetNs = 1'000;

struct Event {
  bool done = false;
  double at_ns = 0;
};

struct Driver {
  bool initialised = false, has_context = false;
  Result stuck = cuda::kSuccess;  // an error that ends a context stays
  std::map<Address, size_t> allocated;
  size_t taken = 0;
  std::deque<std::function<Result()>> queue;  // of the one stream
  double clock_ns = 0;

  Result state() const {
    if (!initialised) return cuda::kNotInitialised;
    return has_context ? stuck : cuda::kInvalidContext;
  }
  bool holds(Address begin, size_t bytes) const {
    auto after = allocated.upper_bound(begin);
    if (after == allocated.begin()) return false;
    --after;
    return begin + bytes <= after->first + after->second;
  }
  Result run_all() {
    while (!queue.empty() && stuck == cuda::kSuccess) {
      stuck = queue.front()();
      queue.pop_front();
    }
    return stuck;
  }
};

Driver& driver() {
  static Driver the_driver;
  return the_driver;
}

// A kernel of this file: what it takes (p pointer, f float, i int), and what it does.
struct Kernel {
  std::string takes;
  std::function<Result(const std::vector<void*>&)> run;
  int dynamic_shared_bytes = kSharedUnasked;
};

template <class T>
T value(void* argument) {
  T copy;
  std::memcpy(&copy, argument, sizeof copy);
  return copy;
}

float gelu_of(float v) {
  return 0.5F * v * std::erfc(-0.70710678F * v);
}

// gelu(x, y, n) followed by some misdeed.
Kernel gelu_and(std::function<Result(float* x, float* y, int n)> misdeed) {
  return {"ppi", [misdeed](const std::vector<void*>& arguments) {
            auto* x = value<float*>(arguments[0]);
            auto* y = value<float*>(arguments[1]);
            const int n = value<int>(arguments[2]);
            for (int i = 0; i < n; ++i) y[i] = gelu_of(x[i]);
            return misdeed(x, y, n);
          }};
}

Result axpy(const std::vector<void*>& arguments) {
  const auto* x = value<float*>(arguments[0]);
  auto* y = value<float*>(arguments[1]);
  const auto alpha = value<float>(arguments[2]);
  for (int i = 0, n = value<int>(arguments[3]); i < n; ++i) y[i] = alpha * x[i] + y[i];
  return cuda::kSuccess;
}

std::map<std::string, Kernel>& kernels() {
  static std::map<std::string, Kernel> known = {
      {"axpy", {"ppfi", axpy}},
      {"gelu", gelu_and([](float*, float*, int) { return cuda::kSuccess; })},
      {"gelu_and_past_the_end", gelu_and([](float*, float* y, int n) {
         y[(n + 1023) / 1024 * 1024 + 3] = 1;  // in the gap behind the tensor's last page
         return cuda::kSuccess;
       })},
      {"gelu_and_next_element", gelu_and([](float*, float* y, int n) {
         y[n] = 1;
         return cuda::kSuccess;
       })},
      {"gelu_and_input", gelu_and([](float* x, float*, int n) {
         if (n > 0) x[n / 2] += 1;
         return cuda::kSuccess;
       })},
      {"gelu_and_illegal", gelu_and([](float*, float*, int) { return cuda::kIllegalAddress; })},
      {"gelu_and_assert", gelu_and([](float*, float*, int) { return cuda::kAssert; })},
      {"gelu_for_ever", gelu_and([](float*, float*, int) -> Result {
         for (;;) pause();
       })},
      {"gelu_and_long_events", gelu_and([](float*, float*, int) {
         driver().clock_ns += 3e10;
         return cuda::kSuccess;
       })},
      {"gelu_wrong", gelu_and([](float* x, float* y, int n) {
         for (int i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0;
         return cuda::kSuccess;
       })}};
  return known;
}

template <class Handle, class Object>
Handle handle_of(Object* object) {
  return reinterpret_cast<Handle>(object);
}

// The symbol must be in the image: an ELF file for the machine CUDA (190), whose section headers
// come last.
bool image_holds(const char* image, const std::string& symbol) {
  uint64_t sections = 0;
  uint16_t machine = 0, size = 0, count = 0;
  std::memcpy(&machine, image + 18, sizeof machine);
  std::memcpy(&sections, image + 40, sizeof sections);
  std::memcpy(&size, image + 58, sizeof size);
  std::memcpy(&count, image + 60, sizeof count);
  if (std::memcmp(image, "\177ELF", 4) != 0 || machine != 190) return false;
  const std::string whole(image, sections + size_t{size} * count);
  return whole.find('\0' + symbol + '\0') != std::string::npos;
}

}  // namespace

extern "C" {

Result cuInit(unsigned) {
  driver().initialised = true;
  return cuda::kSuccess;
}
Result cuDriverGetVersion(int* version) {
  *version = 13000;
  return cuda::kSuccess;
}
Result cuDeviceGetCount(int* count) {
  *count = 1;
  return driver().initialised ? cuda::kSuccess : cuda::kNotInitialised;
}
Result cuDeviceGet(cuda::Device* device, int number) {
  *device = number;
  return number == 0 ? cuda::kSuccess : cuda::kNoDevice;
}
Result cuDeviceGetName(char* name, int bytes, cuda::Device) {
  std::strncpy(name, "Scripted GPU", static_cast<size_t>(bytes));
  return cuda::kSuccess;
}
Result cuDeviceGetPCIBusId(char* bus, int bytes, cuda::Device) {
  const char* given = std::getenv("CUDA_VISIBLE_DEVICES");  // so that tests need not share a lock
  std::strncpy(bus, given != nullptr ? given : "0000:00:00.0", static_cast<size_t>(bytes));
  return cuda::kSuccess;
}
Result cuDeviceTotalMem_v2(size_t* bytes, cuda::Device) {
  *bytes = kMemoryBytes;
  return cuda::kSuccess;
}
Result cuDeviceGetAttribute(int* value, int which, cuda::Device) {
  static const std::map<int, int> kValues = {
      {cuda::threads_per_block, 1024},     {cuda::warp_size, 32},
      {cuda::clock_khz, 1'000'000},        {cuda::multiprocessors, 10},
      {cuda::memory_clock_khz, 1'000'000}, {cuda::memory_bus_bits, 4096},
      {cuda::l2_bytes, 1 << 20},           {cuda::capability_major, 9},
      {cuda::capability_minor, 0},         {cuda::shared_per_block_at_most, 227 << 10}};
  const auto found = kValues.find(which);
  *value = found == kValues.end() ? 0 : found->second;
  return cuda::kSuccess;
}
Result cuDevicePrimaryCtxRetain(cuda::Context* context, cuda::Device) {
  if (!driver().initialised) return cuda::kNotInitialised;
  *context = handle_of<cuda::Context>(&driver());
  return cuda::kSuccess;
}
Result cuCtxSetCurrent(cuda::Context context) {
  driver().has_context = context != nullptr;
  return cuda::kSuccess;
}
Result cuCtxSynchronize() {
  if (driver().state() != cuda::kSuccess) return driver().state();
  return driver().run_all();
}
Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = kMemoryBytes - driver().taken;
  *total = kMemoryBytes;
  return driver().state();
}
Result cuMemAlloc_v2(Address* address, size_t bytes) {
  if (bytes == 0) return cuda::kInvalidValue;
  if (bytes > kMemoryBytes - driver().taken) return cuda::kOutOfMemory;
  driver().taken += bytes;
  *address = reinterpret_cast<Address>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
  driver().allocated[*address] = bytes;
  return driver().state();
}
Result cuMemHostAlloc(void** memory, size_t bytes, unsigned flags) {
  if (flags != cuda::kHostMapped) return cuda::kInvalidValue;
  *memory = std::calloc(1, bytes);
  return driver().state();
}
Result cuMemHostGetDevicePointer_v2(Address* address, void* memory, unsigned) {
  *address = reinterpret_cast<Address>(memory);
  return driver().state();
}
Result cuMemcpyHtoD_v2(Address to, const void* from, size_t bytes) {
  if (!driver().queue.empty() || !driver().holds(to, bytes)) return cuda::kInvalidValue;
  std::memcpy(reinterpret_cast<void*>(to), from, bytes);
  return driver().state();
}
Result cuMemcpyDtoH_v2(void* to, Address from, size_t bytes) {
  if (!driver().queue.empty() || !driver().holds(from, bytes)) return cuda::kInvalidValue;
  std::memcpy(to, reinterpret_cast<void*>(from), bytes);
  return driver().state();
}
Result cuMemsetD8Async(Address to, unsigned char byte, size_t bytes, cuda::Stream) {
  if (!driver().holds(to, bytes)) return cuda::kInvalidValue;
  driver().queue.emplace_back([=] {
    std::memset(reinterpret_cast<void*>(to), byte, bytes);
    driver().clock_ns += kMemsetNs;
    return cuda::kSuccess;
  });
  return driver().state();
}
Result cuModuleLoadData(cuda::Module* module, const void* image) {
  *module = reinterpret_cast<cuda::Module>(const_cast<void*>(image));
  return driver().state();
}
Result cuModuleGetFunction(cuda::Function* function, cuda::Module module, const char* name) {
  if (!image_holds(reinterpret_cast<const char*>(module), name)) return cuda::kNotFound;
  int failed = 0;
  char* plain = abi::__cxa_demangle(name, nullptr, nullptr, &failed);
  std::string words = failed == 0 ? plain : name;
  std::free(plain);
  words = words.substr(0, words.find_first_of("<("));
  words = words.substr(words.rfind(' ') + 1);  // a template's name follows its type
  const auto found = kernels().find(words);
  if (found == kernels().end()) return cuda::kNotFound;
  *function = handle_of<cuda::Function>(&found->second);
  return driver().state();
}
Result cuFuncSetAttribute(cuda::Function function, int which, int value) {
  if (which == cuda::dynamic_shared_bytes) {
    reinterpret_cast<Kernel*>(function)->dynamic_shared_bytes = value;
  }
  return driver().state();
}
Result cuStreamCreate(cuda::Stream* stream, unsigned flags) {
  *stream = handle_of<cuda::Stream>(&driver());
  return flags == cuda::kNonBlockingStream ? driver().state() : cuda::kInvalidValue;
}
Result cuStreamWaitValue32_v2(cuda::Stream, Address flag, uint32_t least, unsigned how) {
  if (how != cuda::kWaitUntilAtLeast) return cuda::kInvalidValue;
  driver().queue.emplace_back([=] {
    const bool released = *reinterpret_cast<volatile uint32_t*>(flag) >= least;
    return released ? cuda::kSuccess : cuda::kLaunchTimeout;  // the real one would wait for ever
  });
  return driver().state();
}
Result cuEventCreate(cuda::Event* event, unsigned) {
  *event = handle_of<cuda::Event>(new Event);
  return driver().state();
}
Result cuEventRecord(cuda::Event event, cuda::Stream) {
  auto* mine = reinterpret_cast<Event*>(event);
  mine->done = false;
  driver().queue.emplace_back([mine] {
    *mine = {true, driver().clock_ns};
    return cuda::kSuccess;
  });
  return driver().state();
}
Result cuEventSynchronize(cuda::Event) {
  return cuCtxSynchronize();
}
Result cuEventElapsedTime(float* ms, cuda::Event begin, cuda::Event end) {
  const auto *first = reinterpret_cast<Event*>(begin), *last = reinterpret_cast<Event*>(end);
  if (!first->done || !last->done) return cuda::kNotReady;
  *ms = static_cast<float>((last->at_ns - first->at_ns) * 1e-6);
  return driver().state();
}
Result cuLaunchKernelEx(const cuda::LaunchConfig* config, cuda::Function function, void** arguments,
                        void**) {
  const auto* kernel = reinterpret_cast<const Kernel*>(function);
  const unsigned threads = config->block[0] * config->block[1] * config->block[2];
  if (config->grid[0] * config->grid[1] * config->grid[2] == 0 || threads == 0 || threads > 1024 ||
      config->shared_bytes > static_cast<unsigned>(kernel->dynamic_shared_bytes)) {
    return cuda::kInvalidValue;
  }
  // The values are taken at once, as the real one does.
  auto values = std::make_shared<std::vector<uint64_t>>();
  for (size_t i = 0; i < kernel->takes.size(); ++i) {
    const bool pointer = kernel->takes[i] == 'p';
    values->push_back(0);
    std::memcpy(&values->back(), arguments[i], pointer ? 8 : 4);
  }
  driver().queue.emplace_back([kernel, values] {
    driver().clock_ns += kKernelNs;
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
      {cuda::kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {cuda::kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
      {cuda::kAssert, "CUDA_ERROR_ASSERT"},
      {cuda::kInvalidValue, "CUDA_ERROR_INVALID_VALUE"}};
  const auto found = kNames.find(result);
  *name = found == kNames.end() ? "CUDA_ERROR" : found->second;
  return cuda::kSuccess;
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
int nvmlSystemGetDriverVersion(char* text, unsigned bytes) {
  std::strncpy(text, "580.0", bytes);
  return 0;
}

}  // extern "C"
