#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace kbench {

// The part of CUDA's driver interface that kbench calls, declared here so that nothing of a toolkit
// is needed to build. Names and values are those of cuda.h, which tests/backends/cuda_test.cpp
// holds them against where it is found. Functions with a suffix are the versions that the header's
// plain names stand for.
namespace cuda {

using Result = int;
using Device = int;
using Address = unsigned long long;
using Context = struct ContextTag*;
using Module = struct ModuleTag*;
using Function = struct FunctionTag*;
using Stream = struct StreamTag*;
using Event = struct EventTag*;
using Graph = struct GraphTag*;
using GraphExec = struct GraphExecTag*;

inline constexpr Result kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kNotInitialised = 3,
                        kNoDevice = 100, kInvalidContext = 201, kNotFound = 500, kNotReady = 600,
                        kIllegalAddress = 700, kOutOfResources = 701, kLaunchTimeout = 702,
                        kAssert = 710, kStackError = 714, kLaunchFailed = 719,
                        kCooperativeTooLarge = 720, kNotSupported = 801, kInvalidCluster = 912;

enum Attribute {
  threads_per_block = 1,
  warp_size = 10,
  clock_khz = 13,
  multiprocessors = 16,
  memory_clock_khz = 36,
  memory_bus_bits = 37,
  l2_bytes = 38,
  capability_major = 75,
  capability_minor = 76,
  pageable_memory_access = 88,
  shared_per_block_at_most = 97,
};
enum FunctionAttribute { dynamic_shared_bytes = 8, large_clusters_allowed = 14 };

struct LaunchAttribute {
  enum Id : int { cooperative = 2, cluster = 4 };
  Id id;
  char pad[4];
  union {
    unsigned extents[3];  // of a cluster
    int is_cooperative;
    char whole[64];
  };
};
struct LaunchConfig {
  unsigned grid[3], block[3];
  unsigned shared_bytes;
  Stream stream;
  LaunchAttribute* attributes;
  unsigned attribute_count;
};
inline constexpr unsigned kNonBlockingStream = 1, kHostMapped = 2, kWaitUntilAtLeast = 0;
inline constexpr int kRelaxedCapture = 2;

}  // namespace cuda

// libcuda, opened at run time. It starts threads and opens devices: kbench-cuda and workers do it,
// kbench itself never.
struct CudaLibrary {
  cuda::Result (*init)(unsigned flags) = nullptr;
  cuda::Result (*driver_version)(int*) = nullptr;
  cuda::Result (*device_count)(int*) = nullptr;
  cuda::Result (*device)(cuda::Device*, int number) = nullptr;
  cuda::Result (*device_name)(char*, int bytes, cuda::Device) = nullptr;
  cuda::Result (*device_bus)(char*, int bytes, cuda::Device) = nullptr;
  cuda::Result (*attribute)(int*, int which, cuda::Device) = nullptr;
  cuda::Result (*memory_bytes)(size_t*, cuda::Device) = nullptr;
  cuda::Result (*retain_context)(cuda::Context*, cuda::Device) = nullptr;
  cuda::Result (*use_context)(cuda::Context) = nullptr;
  cuda::Result (*synchronise)() = nullptr;
  cuda::Result (*memory_info)(size_t* free, size_t* total) = nullptr;
  cuda::Result (*allocate)(cuda::Address*, size_t) = nullptr;
  cuda::Result (*allocate_host)(void**, size_t, unsigned flags) = nullptr;
  cuda::Result (*address_of_host)(cuda::Address*, void*, unsigned flags) = nullptr;
  cuda::Result (*copy_in)(cuda::Address, const void*, size_t) = nullptr;
  cuda::Result (*copy_out)(void*, cuda::Address, size_t) = nullptr;
  cuda::Result (*set_bytes)(cuda::Address, unsigned char, size_t, cuda::Stream) = nullptr;
  cuda::Result (*load_module)(cuda::Module*, const void* image) = nullptr;
  cuda::Result (*function)(cuda::Function*, cuda::Module, const char* name) = nullptr;
  cuda::Result (*set_function)(cuda::Function, int which, int value) = nullptr;
  cuda::Result (*create_stream)(cuda::Stream*, unsigned flags) = nullptr;
  cuda::Result (*wait_for_value)(cuda::Stream, cuda::Address, uint32_t, unsigned flags) = nullptr;
  cuda::Result (*create_event)(cuda::Event*, unsigned flags) = nullptr;
  cuda::Result (*record)(cuda::Event, cuda::Stream) = nullptr;
  cuda::Result (*await)(cuda::Event) = nullptr;
  cuda::Result (*elapsed_ms)(float*, cuda::Event begin, cuda::Event end) = nullptr;
  cuda::Result (*launch)(const cuda::LaunchConfig*, cuda::Function, void** arguments,
                         void** extra) = nullptr;
  cuda::Result (*error_name)(cuda::Result, const char**) = nullptr;

  // Null where the driver is older.
  cuda::Result (*reset_persisting)() = nullptr;  // lines of the L2 cache
  cuda::Result (*begin_capture)(cuda::Stream, int mode) = nullptr;
  cuda::Result (*end_capture)(cuda::Stream, cuda::Graph*) = nullptr;
  cuda::Result (*instantiate)(cuda::GraphExec*, cuda::Graph, unsigned long long flags) = nullptr;
  cuda::Result (*upload_graph)(cuda::GraphExec, cuda::Stream) = nullptr;
  cuda::Result (*launch_graph)(cuda::GraphExec, cuda::Stream) = nullptr;
  cuda::Result (*destroy_graph)(cuda::Graph) = nullptr;
  cuda::Result (*destroy_exec)(cuda::GraphExec) = nullptr;

  // KBENCH_CUDA, else libcuda.so.1 as the loader finds it, else in folders where containers put it.
  // An Error says that there is none, or which function an old one lacks.
  static Result<CudaLibrary> open();
  // "CUDA_ERROR_ILLEGAL_ADDRESS".
  std::string name_of(cuda::Result) const;
};

}  // namespace kbench
