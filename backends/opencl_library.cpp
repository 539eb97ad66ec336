#include "backends/opencl_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

#include "backends/library_function.hpp"

namespace kbench {

Result<OpenclLibrary> OpenclLibrary::open(int threads, const std::string& cache_folder) {
  setenv("POCL_DEVICES", threads > 1 ? "pthread" : "basic", 1);
  setenv("POCL_MAX_PTHREAD_COUNT", std::to_string(threads).c_str(), 1);
  setenv("POCL_CACHE_DIR", cache_folder.c_str(), 1);
  setenv("POCL_SIGFPE_HANDLER", "0", 1);  // it would hide a division by zero
  void* library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return environment_error("no libOpenCL.so.1", {}, "install ocl-icd-libopencl1 and a driver");
  }
  OpenclLibrary opened;
  std::string missing;
  auto need = [&](auto& function, const char* name) {
    if (!find_function(library, name, function) && missing.empty()) missing = name;
  };
  need(opened.get_platforms, "clGetPlatformIDs");
  need(opened.get_platform_info, "clGetPlatformInfo");
  need(opened.get_devices, "clGetDeviceIDs");
  need(opened.get_device_info, "clGetDeviceInfo");
  need(opened.create_context, "clCreateContext");
  need(opened.create_queue, "clCreateCommandQueue");
  need(opened.program_with_source, "clCreateProgramWithSource");
  need(opened.program_with_binary, "clCreateProgramWithBinary");
  need(opened.build_program, "clBuildProgram");
  need(opened.get_program_info, "clGetProgramInfo");
  need(opened.get_build_info, "clGetProgramBuildInfo");
  need(opened.create_kernels, "clCreateKernelsInProgram");
  need(opened.create_kernel, "clCreateKernel");
  need(opened.get_kernel_info, "clGetKernelInfo");
  need(opened.get_argument_info, "clGetKernelArgInfo");
  need(opened.get_group_info, "clGetKernelWorkGroupInfo");
  need(opened.create_buffer, "clCreateBuffer");
  need(opened.set_argument, "clSetKernelArg");
  need(opened.enqueue, "clEnqueueNDRangeKernel");
  need(opened.finish, "clFinish");
  if (!missing.empty()) {
    return environment_error("libOpenCL.so.1 has no function " + missing, {}, "it is too old");
  }
  return opened;
}

std::vector<cl_device_id> OpenclLibrary::devices() const {
  cl_uint count = 0;
  get_platforms(0, nullptr, &count);
  std::vector<cl_platform_id> platforms(count);
  if (count > 0) get_platforms(count, platforms.data(), nullptr);
  std::vector<cl_device_id> all;
  for (cl_platform_id platform : platforms) {
    cl_uint found = 0;
    if (get_devices(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &found) != CL_SUCCESS) continue;
    all.resize(all.size() + found);
    get_devices(platform, CL_DEVICE_TYPE_ALL, found, all.data() + all.size() - found, nullptr);
  }
  return all;
}

std::string opencl_error(cl_int error) {
  constexpr std::pair<cl_int, const char*> kNames[] = {
      {CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE"},
      {CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
      {CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES"},
      {CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY"},
      {CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"},
      {CL_INVALID_VALUE, "CL_INVALID_VALUE"},
      {CL_INVALID_BINARY, "CL_INVALID_BINARY"},
      {CL_INVALID_BUILD_OPTIONS, "CL_INVALID_BUILD_OPTIONS"},
      {CL_INVALID_KERNEL_NAME, "CL_INVALID_KERNEL_NAME"},
      {CL_INVALID_ARG_INDEX, "CL_INVALID_ARG_INDEX"},
      {CL_INVALID_ARG_VALUE, "CL_INVALID_ARG_VALUE"},
      {CL_INVALID_ARG_SIZE, "CL_INVALID_ARG_SIZE"},
      {CL_INVALID_KERNEL_ARGS, "CL_INVALID_KERNEL_ARGS"},
      {CL_INVALID_WORK_GROUP_SIZE, "CL_INVALID_WORK_GROUP_SIZE"},
      {CL_INVALID_WORK_ITEM_SIZE, "CL_INVALID_WORK_ITEM_SIZE"}};
  for (const auto& [number, name] : kNames) {
    if (number == error) return name;
  }
  return "OpenCL error " + std::to_string(error);
}

}  // namespace kbench
