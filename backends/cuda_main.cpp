// kbench-cuda: lists the GPUs that CUDA's driver has, as JSON. A program of its own, since drivers
// start threads and may die.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "backends/cuda_library.hpp"
#include "backends/nvml_library.hpp"

namespace {

using kbench::CudaLibrary;
using nlohmann::json;
namespace cuda = kbench::cuda;

json describe(const CudaLibrary& library, int number) {
  cuda::Device device = 0;
  if (library.device(&device, number) != cuda::kSuccess) return {{"name", ""}};
  auto ask = [&](cuda::Attribute which) {
    int value = 0;
    library.attribute(&value, which, device);
    return static_cast<int64_t>(value);
  };
  char name[256] = {}, bus[64] = {};
  size_t bytes = 0;
  library.device_name(name, sizeof name, device);
  library.device_bus(bus, sizeof bus, device);
  library.memory_bytes(&bytes, device);
  json line = {{"name", name},
               {"bus", bus},
               {"memory_bytes", bytes},
               {"major", ask(cuda::capability_major)},
               {"minor", ask(cuda::capability_minor)},
               {"multiprocessors", ask(cuda::multiprocessors)},
               {"warp", ask(cuda::warp_size)},
               {"threads", ask(cuda::threads_per_block)},
               {"shared", ask(cuda::shared_per_block_at_most)},
               {"l2_bytes", ask(cuda::l2_bytes)},
               {"clock_khz", ask(cuda::clock_khz)},
               {"memory_clock_khz", ask(cuda::memory_clock_khz)},
               {"memory_bus_bits", ask(cuda::memory_bus_bits)},
               {"reaches_host_memory", ask(cuda::pageable_memory_access) != 0}};
  if (const auto nvml = kbench::NvmlGpu::open(bus)) line["release"] = nvml->driver();
  return line;
}

json list() {
  const auto library = CudaLibrary::open();
  if (!library) return {{"error", library.error().text()}};
  if (const cuda::Result failed = library->init(0); failed != cuda::kSuccess) {
    return {{"error", "the driver does not start: " + library->name_of(failed)}};
  }
  int version = 0, count = 0;
  library->driver_version(&version);
  library->device_count(&count);
  json devices = json::array();
  for (int number = 0; number < count; ++number) devices.push_back(describe(*library, number));
  return {{"version", version}, {"devices", devices}};
}

}  // namespace

int main() {
  std::puts(list().dump(-1, ' ', false, json::error_handler_t::replace).c_str());
  return 0;
}
