#include "backends/cuda_library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <type_traits>

namespace kbench {

namespace {

void* open_first() {
  if (const char* given = std::getenv("KBENCH_CUDA")) return dlopen(given, RTLD_NOW | RTLD_LOCAL);
  for (const char* place : {"", "/usr/lib/x86_64-linux-gnu/", "/usr/lib64/",
                            "/usr/local/nvidia/lib64/", "/usr/local/nvidia/lib/"}) {
    const std::string path = std::string(place) + "libcuda.so.1";
    if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

}  // namespace

Result<CudaLibrary> CudaLibrary::open() {
  void* library = open_first();
  if (library == nullptr) {
    return environment_error("no driver: libcuda.so.1 is not found", {},
                             "install NVIDIA's driver, or name the library in KBENCH_CUDA");
  }
  CudaLibrary opened;
  std::string missing;
  auto find = [&](auto& entry, const char* name) {
    entry = reinterpret_cast<std::remove_reference_t<decltype(entry)>>(dlsym(library, name));
    return entry != nullptr;
  };
  auto need = [&](auto& entry, const char* name) {
    if (!find(entry, name) && missing.empty()) missing = name;
  };
  need(opened.init, "cuInit");
  need(opened.driver_version, "cuDriverGetVersion");
  need(opened.device_count, "cuDeviceGetCount");
  need(opened.device, "cuDeviceGet");
  need(opened.device_name, "cuDeviceGetName");
  need(opened.device_bus, "cuDeviceGetPCIBusId");
  need(opened.attribute, "cuDeviceGetAttribute");
  need(opened.memory_bytes, "cuDeviceTotalMem_v2");
  need(opened.retain_context, "cuDevicePrimaryCtxRetain");
  need(opened.use_context, "cuCtxSetCurrent");
  need(opened.synchronise, "cuCtxSynchronize");
  need(opened.memory_info, "cuMemGetInfo_v2");
  need(opened.allocate, "cuMemAlloc_v2");
  need(opened.allocate_host, "cuMemHostAlloc");
  need(opened.address_of_host, "cuMemHostGetDevicePointer_v2");
  need(opened.copy_in, "cuMemcpyHtoD_v2");
  need(opened.copy_out, "cuMemcpyDtoH_v2");
  need(opened.set_bytes, "cuMemsetD8Async");
  need(opened.load_module, "cuModuleLoadData");
  need(opened.function, "cuModuleGetFunction");
  need(opened.set_function, "cuFuncSetAttribute");
  need(opened.create_stream, "cuStreamCreate");
  need(opened.wait_for_value, "cuStreamWaitValue32_v2");
  need(opened.create_event, "cuEventCreate");
  need(opened.record, "cuEventRecord");
  need(opened.await, "cuEventSynchronize");
  need(opened.elapsed_ms, "cuEventElapsedTime");
  need(opened.launch, "cuLaunchKernelEx");
  need(opened.error_name, "cuGetErrorName");
  find(opened.reset_persisting, "cuCtxResetPersistingL2Cache");
  find(opened.begin_capture, "cuStreamBeginCapture_v2");
  find(opened.end_capture, "cuStreamEndCapture");
  find(opened.instantiate, "cuGraphInstantiateWithFlags");
  find(opened.upload_graph, "cuGraphUpload");
  find(opened.launch_graph, "cuGraphLaunch");
  find(opened.destroy_graph, "cuGraphDestroy");
  find(opened.destroy_exec, "cuGraphExecDestroy");
  if (!missing.empty()) {
    return environment_error("the driver's libcuda.so.1 has no function " + missing, {},
                             "it is older than CUDA 12");
  }
  return opened;
}

std::string CudaLibrary::name_of(cuda::Result result) const {
  const char* name = nullptr;
  if (error_name(result, &name) == cuda::kSuccess && name != nullptr) return name;
  return "CUDA error " + std::to_string(result);
}

}  // namespace kbench
