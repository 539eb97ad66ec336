#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>

#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// The OpenCL loader, opened at run time with all drivers it knows. Drivers for CPUs run kernels
// inside the process that opens them: kbench-opencl and workers do, kbench itself never.
struct OpenclLibrary {
  decltype(&clGetPlatformIDs) get_platforms = nullptr;
  decltype(&clGetPlatformInfo) get_platform_info = nullptr;
  decltype(&clGetDeviceIDs) get_devices = nullptr;
  decltype(&clGetDeviceInfo) get_device_info = nullptr;
  decltype(&clCreateContext) create_context = nullptr;
  decltype(&clCreateCommandQueue) create_queue = nullptr;
  decltype(&clCreateProgramWithSource) program_with_source = nullptr;
  decltype(&clCreateProgramWithBinary) program_with_binary = nullptr;
  decltype(&clBuildProgram) build_program = nullptr;
  decltype(&clGetProgramInfo) get_program_info = nullptr;
  decltype(&clGetProgramBuildInfo) get_build_info = nullptr;
  decltype(&clCreateKernelsInProgram) create_kernels = nullptr;
  decltype(&clCreateKernel) create_kernel = nullptr;
  decltype(&clGetKernelInfo) get_kernel_info = nullptr;
  decltype(&clGetKernelArgInfo) get_argument_info = nullptr;
  decltype(&clGetKernelWorkGroupInfo) get_group_info = nullptr;
  decltype(&clCreateBuffer) create_buffer = nullptr;
  decltype(&clSetKernelArg) set_argument = nullptr;
  decltype(&clEnqueueNDRangeKernel) enqueue = nullptr;
  decltype(&clFinish) finish = nullptr;

  // Tells the drivers, through the environment, how many cores a kernel may use (PoCL has a driver
  // for one that starts no threads) and where PoCL keeps what it compiled.
  static Result<OpenclLibrary> open(int threads, const std::string& cache_folder);
  // Of all platforms, in the loader's order: what `opencl:1` counts.
  std::vector<cl_device_id> devices() const;
};

// "CL_INVALID_WORK_GROUP_SIZE", or the number of one that is rare.
std::string opencl_error(cl_int error);

// "image" of an OpenCL kernel: a folder with these files, and a cache of PoCL's that spares it any
// writing.
inline constexpr const char* kOpenclProgram = "/program";  // as the driver gave it
inline constexpr const char* kOpenclDevice = "/device";    // its number, as text
inline constexpr const char* kOpenclCache = "/pocl";

}  // namespace kbench
