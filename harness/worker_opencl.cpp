#include "harness/worker_opencl.hpp"

#include <fstream>
#include <iterator>

#include "harness/worker_arguments.hpp"

namespace kbench {

namespace {

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Result<OpenclKernels> OpenclKernels::open(int image, const Setup& setup) {
  const std::string folder = "/proc/self/fd/" + std::to_string(image);
  OpenclKernels opened;
  auto library = OpenclLibrary::open(setup.threads, folder + kOpenclCache);
  if (!library) return tl::unexpected(library.error());
  opened.cl_ = *library;
  const OpenclLibrary& cl = opened.cl_;
  const std::vector<cl_device_id> devices = cl.devices();
  const size_t number = std::strtoull(read_all(folder + kOpenclDevice).c_str(), nullptr, 10);
  if (number >= devices.size()) return environment_error("its OpenCL device has gone");
  cl_device_id device = devices[number];

  cl_int failed = CL_SUCCESS;
  cl_context context = cl.create_context(nullptr, 1, &device, nullptr, nullptr, &failed);
  if (failed != CL_SUCCESS) return environment_error("clCreateContext: " + opencl_error(failed));
  opened.queue_ = cl.create_queue(context, device, 0, &failed);
  if (failed != CL_SUCCESS) return environment_error("no queue: " + opencl_error(failed));
  const std::string binary = read_all(folder + kOpenclProgram);
  const auto* bytes = reinterpret_cast<const unsigned char*>(binary.data());
  const size_t count = binary.size();
  cl_program program =
      cl.program_with_binary(context, 1, &device, &count, &bytes, nullptr, &failed);
  if (failed == CL_SUCCESS) failed = cl.build_program(program, 1, &device, "", nullptr, nullptr);
  if (failed != CL_SUCCESS) return environment_error("the program: " + opencl_error(failed));

  const auto letters = records<char>(setup, setup.entries);
  for (auto at = letters.begin(); at != letters.end();) {
    const std::string name = &*at;
    at += static_cast<ptrdiff_t>(name.size() + 1);
    const std::string arguments = &*at;
    at += static_cast<ptrdiff_t>(arguments.size() + 1);
    cl_kernel kernel = cl.create_kernel(program, name.c_str(), &failed);
    if (failed != CL_SUCCESS) return environment_error(name + ": " + opencl_error(failed));
    opened.kernels_.push_back({kernel, arguments});
  }
  for (const SetupRange& range : records<SetupRange>(setup, setup.touched)) {
    cl_mem& buffer = opened.buffers_[range.address];
    if (buffer != nullptr) continue;
    buffer = cl.create_buffer(context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, range.bytes,
                              reinterpret_cast<void*>(range.address), &failed);
    if (failed != CL_SUCCESS) return environment_error("a buffer: " + opencl_error(failed));
  }
  return opened;
}

cl_int OpenclKernels::call(uint32_t stub, void* const* pointers, const int64_t* integers,
                           const double* reals) const {
  const Kernel& kernel = kernels_[stub];
  cl_int failed = CL_SUCCESS;
  cl_uint index = 0;
  auto pass = [&](char letter, const void* value, size_t bytes) {
    cl_mem buffer = nullptr;
    if (letter == 'p') {
      const auto found = buffers_.find(*static_cast<const uint64_t*>(value));
      if (found != buffers_.end()) buffer = found->second;  // else an empty tensor
      value = &buffer;
    }
    const cl_int refused = cl_.set_argument(kernel.handle, index++, bytes, value);
    if (failed == CL_SUCCESS) failed = refused;
  };
  const int64_t* extents = pass_arguments(kernel.arguments, pointers, integers, reals, pass);
  if (failed != CL_SUCCESS) return failed;
  size_t items[3], group[3];
  for (size_t d = 0; d < 3; ++d) {
    group[d] = static_cast<size_t>(extents[3 + d]);
    items[d] = static_cast<size_t>(extents[d]) * group[d];
  }
  return cl_.enqueue(queue_, kernel.handle, 3, nullptr, items, group, 0, nullptr, nullptr);
}

}  // namespace kbench
