// A libamdhip64 for tests where there is no GPU: the scripted driver under HIP's names, and what
// HIP has in a form of its own. Built together with scripted_cuda.cpp.

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/backends/scripted_gpu.hpp"

namespace gpu = kbench::gpu;
using gpu::Address;
using gpu::Result;
using scripted::driver;

namespace {

// AMD's runtime ends the process that a kernel touches foreign memory in.
Result or_abort(Result result) {
  if (result == gpu::kIllegalAddress) std::abort();
  return result;
}

}  // namespace

extern "C" {

Result cuInit(unsigned);
Result cuDeviceGetCount(int*);
Result cuDeviceGet(gpu::Device*, int);
Result cuDeviceGetPCIBusId(char*, int, gpu::Device);
Result cuDeviceTotalMem_v2(size_t*, gpu::Device);
Result cuDeviceGetAttribute(int*, int, gpu::Device);
Result cuCtxSetCurrent(gpu::Context);
Result cuCtxSynchronize();
Result cuMemGetInfo_v2(size_t*, size_t*);
Result cuMemAlloc_v2(Address*, size_t);
Result cuMemHostAlloc(void**, size_t, unsigned);
Result cuMemHostGetDevicePointer_v2(Address*, void*, unsigned);
Result cuMemcpyHtoD_v2(Address, const void*, size_t);
Result cuMemcpyDtoH_v2(void*, Address, size_t);
Result cuMemsetD8Async(Address, unsigned char, size_t, gpu::Stream);
Result cuModuleLoadData(gpu::Module*, const void*);
Result cuModuleGetFunction(gpu::Function*, gpu::Module, const char*);
Result cuStreamCreate(gpu::Stream*, unsigned);
Result cuStreamWaitValue32_v2(gpu::Stream, Address, uint32_t, unsigned);
Result cuEventCreate(gpu::Event*, unsigned);
Result cuEventRecord(gpu::Event, gpu::Stream);
Result cuEventElapsedTime(float*, gpu::Event, gpu::Event);
Result cuLaunchKernelEx(const gpu::LaunchConfig*, gpu::Function, void**, void**);

Result hipInit(unsigned flags) {
  return cuInit(flags);
}
Result hipRuntimeGetVersion(int* version) {
  *version = 60'342'131;
  return gpu::kSuccess;
}
Result hipGetDeviceCount(int* count) {
  return cuDeviceGetCount(count);
}
Result hipDeviceGet(gpu::Device* device, int number) {
  return cuDeviceGet(device, number);
}
Result hipDeviceGetName(char* name, int bytes, gpu::Device) {
  std::strncpy(name, "Scripted Instinct", static_cast<size_t>(bytes));
  return gpu::kSuccess;
}
Result hipDeviceGetPCIBusId(char* bus, int bytes, gpu::Device device) {
  return cuDeviceGetPCIBusId(bus, bytes, device);
}
Result hipDeviceTotalMem(size_t* bytes, gpu::Device device) {
  return cuDeviceTotalMem_v2(bytes, device);
}
// By HIP's numbers; one that is not among them must not be asked for.
Result hipDeviceGetAttribute(int* value, int which, gpu::Device device) {
  static const std::map<int, int> kSame = {{56, gpu::threads_per_block}, {5, gpu::clock_khz},
                                           {63, gpu::multiprocessors},   {59, gpu::memory_bus_bits},
                                           {60, gpu::memory_clock_khz},  {19, gpu::l2_bytes}};
  static const std::map<int, int> kOwn = {{87, 64}, {74, 64 << 10}, {65, 0}};
  if (const auto own = kOwn.find(which); own != kOwn.end()) {
    *value = own->second;
    return gpu::kSuccess;
  }
  const auto same = kSame.find(which);
  return same == kSame.end() ? gpu::kInvalidValue
                             : cuDeviceGetAttribute(value, same->second, device);
}
// A struct whose first member is the name; where the architecture stands differs from release to
// release.
Result hipGetDeviceProperties(void* properties, gpu::Device) {
  auto* bytes = static_cast<char*>(properties);
  std::strcpy(bytes, "gfx of another kind");
  std::strcpy(bytes + 900, "gfx90a:sramecc+:xnack-");
  return gpu::kSuccess;
}
Result hipSetDevice(int) {
  return cuCtxSetCurrent(reinterpret_cast<gpu::Context>(&driver()));
}
Result hipDeviceSynchronize() {
  return or_abort(cuCtxSynchronize());
}
Result hipMemGetInfo(size_t* free, size_t* total) {
  return cuMemGetInfo_v2(free, total);
}
Result hipMalloc(Address* address, size_t bytes) {
  return cuMemAlloc_v2(address, bytes);
}
Result hipHostMalloc(void** memory, size_t bytes, unsigned flags) {
  return cuMemHostAlloc(memory, bytes, flags);
}
Result hipHostGetDevicePointer(Address* address, void* memory, unsigned flags) {
  return cuMemHostGetDevicePointer_v2(address, memory, flags);
}
Result hipMemcpyHtoD(Address to, const void* from, size_t bytes) {
  return cuMemcpyHtoD_v2(to, from, bytes);
}
Result hipMemcpyDtoH(void* to, Address from, size_t bytes) {
  return cuMemcpyDtoH_v2(to, from, bytes);
}
Result hipMemsetD8Async(Address to, unsigned char byte, size_t bytes, gpu::Stream stream) {
  return cuMemsetD8Async(to, byte, bytes, stream);
}
Result hipModuleLoadData(gpu::Module* module, const void* image) {
  return cuModuleLoadData(module, image);
}
Result hipModuleGetFunction(gpu::Function* function, gpu::Module module, const char* name) {
  return cuModuleGetFunction(function, module, name);
}
Result hipStreamCreateWithFlags(gpu::Stream* stream, unsigned flags) {
  return cuStreamCreate(stream, flags);
}
Result hipStreamWaitValue32(gpu::Stream stream, Address flag, uint32_t least, unsigned how,
                            uint32_t mask) {
  return mask == ~0U ? cuStreamWaitValue32_v2(stream, flag, least, how) : gpu::kInvalidValue;
}
Result hipEventCreateWithFlags(gpu::Event* event, unsigned flags) {
  return cuEventCreate(event, flags);
}
Result hipEventRecord(gpu::Event event, gpu::Stream stream) {
  return cuEventRecord(event, stream);
}
Result hipEventSynchronize(gpu::Event) {
  return hipDeviceSynchronize();
}
Result hipEventElapsedTime(float* ms, gpu::Event begin, gpu::Event end) {
  return cuEventElapsedTime(ms, begin, end);
}
Result hipModuleLaunchKernel(gpu::Function function, unsigned gx, unsigned gy, unsigned gz,
                             unsigned bx, unsigned by, unsigned bz, unsigned shared,
                             gpu::Stream stream, void** arguments, void**) {
  gpu::LaunchConfig config{{gx, gy, gz}, {bx, by, bz}, shared, stream, nullptr, 0};
  return cuLaunchKernelEx(&config, function, arguments, nullptr);
}
const char* hipGetErrorName(Result result) {
  return result == gpu::kAssert ? "hipErrorAssert" : "hipError";
}

}  // extern "C"
