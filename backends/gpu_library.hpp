#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.hpp"

namespace kbench {

// The part of CUDA's driver interface that kbench calls, and of HIP's, which mirrors it: declared
// here so that nothing of a toolkit is needed to build. Values are those of cuda.h, which
// tests/backends/cuda_header_test.cpp holds them against where it is found; HIP's are the same but
// for attributes, which gpu_library.cpp translates.
namespace gpu {

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

// What a launch asks for, in either language; HIP has no clusters.
struct Launch {
  unsigned grid[3] = {1, 1, 1}, block[3] = {1, 1, 1}, cluster[3] = {1, 1, 1};
  unsigned shared_bytes = 0;
  bool cooperative = false;
};

}  // namespace gpu

// libcuda or libamdhip64, opened at run time. They start threads and open devices: kbench-gpu and
// workers do it, kbench itself never.
struct GpuLibrary {
  gpu::Result (*init)(unsigned flags) = nullptr;
  gpu::Result (*version)(int*) = nullptr;  // of the driver, or HIP's runtime
  gpu::Result (*device_count)(int*) = nullptr;
  gpu::Result (*device)(gpu::Device*, int number) = nullptr;
  gpu::Result (*device_name)(char*, int bytes, gpu::Device) = nullptr;
  gpu::Result (*device_bus)(char*, int bytes, gpu::Device) = nullptr;
  gpu::Result (*memory_bytes)(size_t*, gpu::Device) = nullptr;
  gpu::Result (*synchronise)() = nullptr;
  gpu::Result (*memory_info)(size_t* free, size_t* total) = nullptr;
  gpu::Result (*allocate)(gpu::Address*, size_t) = nullptr;
  gpu::Result (*allocate_host)(void**, size_t, unsigned flags) = nullptr;
  gpu::Result (*address_of_host)(gpu::Address*, void*, unsigned flags) = nullptr;
  gpu::Result (*copy_in)(gpu::Address, const void*, size_t) = nullptr;
  gpu::Result (*copy_out)(void*, gpu::Address, size_t) = nullptr;
  gpu::Result (*set_bytes)(gpu::Address, unsigned char, size_t, gpu::Stream) = nullptr;
  gpu::Result (*load_module)(gpu::Module*, const void* image) = nullptr;
  gpu::Result (*function)(gpu::Function*, gpu::Module, const char* name) = nullptr;
  gpu::Result (*create_stream)(gpu::Stream*, unsigned flags) = nullptr;
  gpu::Result (*create_event)(gpu::Event*, unsigned flags) = nullptr;
  gpu::Result (*record)(gpu::Event, gpu::Stream) = nullptr;
  gpu::Result (*await)(gpu::Event) = nullptr;
  gpu::Result (*elapsed_ms)(float*, gpu::Event begin, gpu::Event end) = nullptr;
  // Null where the driver is older, or of the other language.
  gpu::Result (*reset_persisting)() = nullptr;  // lines of the L2 cache
  gpu::Result (*begin_capture)(gpu::Stream, int mode) = nullptr;
  gpu::Result (*end_capture)(gpu::Stream, gpu::Graph*) = nullptr;
  gpu::Result (*instantiate)(gpu::GraphExec*, gpu::Graph, unsigned long long flags) = nullptr;
  gpu::Result (*upload_graph)(gpu::GraphExec, gpu::Stream) = nullptr;
  gpu::Result (*launch_graph)(gpu::GraphExec, gpu::Stream) = nullptr;
  gpu::Result (*destroy_graph)(gpu::Graph) = nullptr;
  gpu::Result (*destroy_exec)(gpu::GraphExec) = nullptr;
  // What the languages have in forms of their own; the functions below choose.
  struct Cuda {
    gpu::Result (*attribute)(int*, int which, gpu::Device) = nullptr;
    gpu::Result (*retain_context)(gpu::Context*, gpu::Device) = nullptr;
    gpu::Result (*use_context)(gpu::Context) = nullptr;
    gpu::Result (*set_function)(gpu::Function, int which, int value) = nullptr;
    gpu::Result (*wait)(gpu::Stream, gpu::Address, uint32_t, unsigned flags) = nullptr;
    gpu::Result (*launch)(const gpu::LaunchConfig*, gpu::Function, void** arguments,
                          void** extra) = nullptr;
    gpu::Result (*error_name)(gpu::Result, const char**) = nullptr;
  } cuda;
  struct Hip {
    gpu::Result (*attribute)(int*, int which, gpu::Device) = nullptr;
    gpu::Result (*use_device)(gpu::Device) = nullptr;
    gpu::Result (*properties)(void*, gpu::Device) = nullptr;
    gpu::Result (*wait)(gpu::Stream, gpu::Address, uint32_t, unsigned flags,
                        uint32_t mask) = nullptr;
    gpu::Result (*launch)(gpu::Function, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                          unsigned by, unsigned bz, unsigned shared, gpu::Stream, void** arguments,
                          void** extra) = nullptr;
    gpu::Result (*launch_cooperative)(gpu::Function, unsigned gx, unsigned gy, unsigned gz,
                                      unsigned bx, unsigned by, unsigned bz, unsigned shared,
                                      gpu::Stream, void** arguments) = nullptr;  // or null
    const char* (*error_name)(gpu::Result) = nullptr;
  } hip;
  bool is_hip = false;

  // `language` "cuda": KBENCH_CUDA, else libcuda.so.1; "hip": KBENCH_HIP, else libamdhip64.so.7,
  // .6 or .5; as the loader finds them, else in folders where packages and containers put them. An
  // Error says that there is none, or which function an old one lacks.
  static Result<GpuLibrary> open(const std::string& language);

  // 0: not known.
  int attribute(gpu::Attribute, gpu::Device) const;
  // "sm_90a": with instructions that only this generation has, from 9.0 on; "gfx90a".
  std::string target(gpu::Device) const;
  // Of the largest cache that memory is behind.
  size_t cache_bytes(gpu::Device) const;
  gpu::Result use(gpu::Device) const;
  // To be asked before a launch with more dynamic shared memory, or larger clusters, than any
  // device has. AMD's need not be asked.
  gpu::Result allow(gpu::Function, gpu::FunctionAttribute, int value) const;
  // Holds the stream until the word, in mapped host memory, is at least 1.
  gpu::Result wait_for(gpu::Stream, gpu::Address word) const;
  gpu::Result launch(const gpu::Launch&, gpu::Function, void** arguments, gpu::Stream) const;
  // "CUDA_ERROR_ILLEGAL_ADDRESS".
  std::string name_of(gpu::Result) const;
};

}  // namespace kbench
