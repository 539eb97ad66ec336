#include "backends/gpu_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "backends/library_function.hpp"

namespace kbench {

namespace {

struct Place {
  const char* variable;
  std::vector<const char*> names, folders;
  const char *missing, *hint, *too_old;
};

Place place_of(bool is_hip) {
  if (!is_hip) {
    return {"KBENCH_CUDA",
            {"libcuda.so.1"},
            {"", "/usr/lib/x86_64-linux-gnu/", "/usr/lib64/", "/usr/local/nvidia/lib64/",
             "/usr/local/nvidia/lib/"},
            "no driver: libcuda.so.1 is not found",
            "install NVIDIA's driver, or name the library in KBENCH_CUDA",
            "it is older than CUDA 12"};
  }
  return {"KBENCH_HIP",
          {"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5"},
          {"", "/opt/rocm/lib/", "/usr/lib/x86_64-linux-gnu/"},
          "no runtime: libamdhip64.so is not found",
          "install ROCm's HIP runtime, or name the library in KBENCH_HIP",
          "it is older than ROCm 5"};
}

void* open_first(const Place& place) {
  if (const char* given = std::getenv(place.variable)) return dlopen(given, RTLD_NOW | RTLD_LOCAL);
  for (const std::string name : place.names) {
    for (const std::string folder : place.folders) {
      if (void* library = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    }
  }
  return nullptr;
}

// HIP numbers its attributes in another order, the same since ROCm 5.0.
struct HipAttribute {
  gpu::Attribute of_cuda;
  int of_hip;
};
constexpr std::array kHipAttributes = {HipAttribute{gpu::threads_per_block, 56},
                                       HipAttribute{gpu::warp_size, 87},
                                       HipAttribute{gpu::clock_khz, 5},
                                       HipAttribute{gpu::multiprocessors, 63},
                                       HipAttribute{gpu::memory_clock_khz, 60},
                                       HipAttribute{gpu::memory_bus_bits, 59},
                                       HipAttribute{gpu::l2_bytes, 19},
                                       HipAttribute{gpu::pageable_memory_access, 65},
                                       HipAttribute{gpu::shared_per_block_at_most, 74}};

// "gfx90a" of a device's properties. Where it stands in them differs from release to release; that
// it stands behind the name, which comes first, does not.
std::string architecture(const std::vector<char>& properties) {
  constexpr std::string_view kPrefix = "gfx";
  constexpr ptrdiff_t kNameBytes = 256;
  const auto found = std::search(properties.begin() + kNameBytes, properties.end(), kPrefix.begin(),
                                 kPrefix.end());
  auto end = found;
  while (end != properties.end() && std::isalnum(static_cast<unsigned char>(*end)) != 0) ++end;
  return {found, end};
}

}  // namespace

Result<GpuLibrary> GpuLibrary::open(const std::string& language) {
  GpuLibrary opened;
  opened.is_hip = language == "hip";
  const Place place = place_of(opened.is_hip);
  void* library = open_first(place);
  if (library == nullptr) return environment_error(place.missing, {}, place.hint);
  std::string missing;
  auto find = [&](auto& entry, const char* name) { return find_function(library, name, entry); };
  auto need = [&](auto& entry, const char* name) {
    if (!find(entry, name) && missing.empty()) missing = name;
  };
  const auto either = [&](const char* of_cuda, const char* of_hip) {
    return opened.is_hip ? of_hip : of_cuda;
  };
  need(opened.init, either("cuInit", "hipInit"));
  need(opened.version, either("cuDriverGetVersion", "hipRuntimeGetVersion"));
  need(opened.device_count, either("cuDeviceGetCount", "hipGetDeviceCount"));
  need(opened.device, either("cuDeviceGet", "hipDeviceGet"));
  need(opened.device_name, either("cuDeviceGetName", "hipDeviceGetName"));
  need(opened.device_bus, either("cuDeviceGetPCIBusId", "hipDeviceGetPCIBusId"));
  need(opened.memory_bytes, either("cuDeviceTotalMem_v2", "hipDeviceTotalMem"));
  need(opened.synchronise, either("cuCtxSynchronize", "hipDeviceSynchronize"));
  need(opened.memory_info, either("cuMemGetInfo_v2", "hipMemGetInfo"));
  need(opened.allocate, either("cuMemAlloc_v2", "hipMalloc"));
  need(opened.allocate_host, either("cuMemHostAlloc", "hipHostMalloc"));
  need(opened.address_of_host, either("cuMemHostGetDevicePointer_v2", "hipHostGetDevicePointer"));
  need(opened.copy_in, either("cuMemcpyHtoD_v2", "hipMemcpyHtoD"));
  need(opened.copy_out, either("cuMemcpyDtoH_v2", "hipMemcpyDtoH"));
  need(opened.set_bytes, either("cuMemsetD8Async", "hipMemsetD8Async"));
  need(opened.load_module, either("cuModuleLoadData", "hipModuleLoadData"));
  need(opened.function, either("cuModuleGetFunction", "hipModuleGetFunction"));
  need(opened.create_stream, either("cuStreamCreate", "hipStreamCreateWithFlags"));
  need(opened.create_event, either("cuEventCreate", "hipEventCreateWithFlags"));
  need(opened.record, either("cuEventRecord", "hipEventRecord"));
  need(opened.await, either("cuEventSynchronize", "hipEventSynchronize"));
  need(opened.elapsed_ms, either("cuEventElapsedTime", "hipEventElapsedTime"));
  find(opened.begin_capture, either("cuStreamBeginCapture_v2", "hipStreamBeginCapture"));
  find(opened.end_capture, either("cuStreamEndCapture", "hipStreamEndCapture"));
  find(opened.instantiate, either("cuGraphInstantiateWithFlags", "hipGraphInstantiateWithFlags"));
  find(opened.upload_graph, either("cuGraphUpload", "hipGraphUpload"));
  find(opened.launch_graph, either("cuGraphLaunch", "hipGraphLaunch"));
  find(opened.destroy_graph, either("cuGraphDestroy", "hipGraphDestroy"));
  find(opened.destroy_exec, either("cuGraphExecDestroy", "hipGraphExecDestroy"));
  if (opened.is_hip) {
    need(opened.hip.attribute, "hipDeviceGetAttribute");
    need(opened.hip.use_device, "hipSetDevice");
    need(opened.hip.wait, "hipStreamWaitValue32");
    need(opened.hip.launch, "hipModuleLaunchKernel");
    need(opened.hip.error_name, "hipGetErrorName");
    find(opened.hip.launch_cooperative, "hipModuleLaunchCooperativeKernel");
    if (!find(opened.hip.properties, "hipGetDevicePropertiesR0600")) {
      need(opened.hip.properties, "hipGetDeviceProperties");
    }
  } else {
    need(opened.cuda.attribute, "cuDeviceGetAttribute");
    need(opened.cuda.retain_context, "cuDevicePrimaryCtxRetain");
    need(opened.cuda.use_context, "cuCtxSetCurrent");
    need(opened.cuda.set_function, "cuFuncSetAttribute");
    need(opened.cuda.wait, "cuStreamWaitValue32_v2");
    need(opened.cuda.launch, "cuLaunchKernelEx");
    need(opened.cuda.error_name, "cuGetErrorName");
    find(opened.reset_persisting, "cuCtxResetPersistingL2Cache");
  }
  if (!missing.empty()) {
    return environment_error("the library has no function " + missing, {}, place.too_old);
  }
  return opened;
}

int GpuLibrary::attribute(gpu::Attribute which, gpu::Device of) const {
  int value = 0;
  if (!is_hip) return cuda.attribute(&value, which, of) == gpu::kSuccess ? value : 0;
  for (const HipAttribute& it : kHipAttributes) {
    if (it.of_cuda != which) continue;
    return hip.attribute(&value, it.of_hip, of) == gpu::kSuccess ? value : 0;
  }
  return 0;
}

std::string GpuLibrary::target(gpu::Device of) const {
  if (is_hip) {
    std::vector<char> properties(size_t{64} << 10);  // of 800 to 1,600 bytes so far
    if (hip.properties(properties.data(), of) != gpu::kSuccess) return "";
    return architecture(properties);
  }
  const int major = attribute(gpu::capability_major, of);
  const int number = major * 10 + attribute(gpu::capability_minor, of);
  return "sm_" + std::to_string(number) + (major >= 9 ? "a" : "");
}

size_t GpuLibrary::cache_bytes(gpu::Device of) const {
  constexpr size_t kLeast = size_t{1} << 20;
  // AMD's driver does not tell of the cache between L2 and memory, which all but gfx90x have: 64
  // MiB to 256 MiB.
  constexpr size_t kBehindL2 = size_t{256} << 20;
  const auto l2 = static_cast<size_t>(std::max(attribute(gpu::l2_bytes, of), 0));
  return std::max(l2, is_hip && !target(of).starts_with("gfx90") ? kBehindL2 : kLeast);
}

gpu::Result GpuLibrary::use(gpu::Device chosen) const {
  if (is_hip) return hip.use_device(chosen);
  gpu::Context context = nullptr;
  const gpu::Result retained = cuda.retain_context(&context, chosen);
  return retained == gpu::kSuccess ? cuda.use_context(context) : retained;
}

gpu::Result GpuLibrary::allow(gpu::Function of, gpu::FunctionAttribute which, int value) const {
  return is_hip ? gpu::kSuccess : cuda.set_function(of, which, value);
}

gpu::Result GpuLibrary::wait_for(gpu::Stream stream, gpu::Address word) const {
  if (is_hip) return hip.wait(stream, word, 1, gpu::kWaitUntilAtLeast, ~0U);
  return cuda.wait(stream, word, 1, gpu::kWaitUntilAtLeast);
}

gpu::Result GpuLibrary::launch(const gpu::Launch& it, gpu::Function called, void** arguments,
                               gpu::Stream stream) const {
  const bool clustered = it.cluster[0] * it.cluster[1] * it.cluster[2] > 1;
  if (is_hip) {
    const auto& [gx, gy, gz] = it.grid;
    const auto& [bx, by, bz] = it.block;
    if (clustered || (it.cooperative && hip.launch_cooperative == nullptr)) {
      return gpu::kNotSupported;
    }
    if (it.cooperative) {
      return hip.launch_cooperative(called, gx, gy, gz, bx, by, bz, it.shared_bytes, stream,
                                    arguments);
    }
    return hip.launch(called, gx, gy, gz, bx, by, bz, it.shared_bytes, stream, arguments, nullptr);
  }
  gpu::LaunchAttribute attributes[2] = {};
  gpu::LaunchConfig config{};
  std::copy_n(it.grid, 3, config.grid);
  std::copy_n(it.block, 3, config.block);
  config.shared_bytes = it.shared_bytes;
  config.stream = stream;
  config.attributes = attributes;
  if (it.cooperative) {
    gpu::LaunchAttribute& added = attributes[config.attribute_count++];
    added.id = gpu::LaunchAttribute::cooperative;
    added.is_cooperative = 1;
  }
  if (clustered) {
    gpu::LaunchAttribute& added = attributes[config.attribute_count++];
    added.id = gpu::LaunchAttribute::cluster;
    std::copy_n(it.cluster, 3, added.extents);
  }
  return cuda.launch(&config, called, arguments, nullptr);
}

std::string GpuLibrary::name_of(gpu::Result result) const {
  const char* name = nullptr;
  if (is_hip) {
    name = hip.error_name(result);
  } else if (cuda.error_name(result, &name) != gpu::kSuccess) {
    name = nullptr;
  }
  return name != nullptr ? name : "error " + std::to_string(result);
}

}  // namespace kbench
