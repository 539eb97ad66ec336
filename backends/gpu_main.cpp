// kbench-gpu LANGUAGE: lists the GPUs that CUDA's driver or HIP's runtime has, as JSON. A program
// of its own, since drivers start threads and may die.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "backends/gpu_library.hpp"
#include "backends/nvml_library.hpp"

namespace {

using kbench::GpuLibrary;
using nlohmann::json;
namespace gpu = kbench::gpu;

json describe(const GpuLibrary& library, int number) {
  gpu::Device device = 0;
  if (library.device(&device, number) != gpu::kSuccess) return {{"name", ""}};
  auto ask = [&](gpu::Attribute which) {
    return static_cast<int64_t>(library.attribute(which, device));
  };
  char name[256] = {}, bus[64] = {};
  size_t bytes = 0;
  library.device_name(name, sizeof name, device);
  library.device_bus(bus, sizeof bus, device);
  library.memory_bytes(&bytes, device);
  json line = {{"name", name},
               {"bus", bus},
               {"target", library.target(device)},
               {"memory_bytes", bytes},
               {"multiprocessors", ask(gpu::multiprocessors)},
               {"warp", ask(gpu::warp_size)},
               {"threads", ask(gpu::threads_per_block)},
               {"shared", ask(gpu::shared_per_block_at_most)},
               {"l2_bytes", ask(gpu::l2_bytes)},
               {"clock_khz", ask(gpu::clock_khz)},
               {"memory_clock_khz", ask(gpu::memory_clock_khz)},
               {"memory_bus_bits", ask(gpu::memory_bus_bits)},
               {"reaches_host_memory", ask(gpu::pageable_memory_access) != 0}};
  if (library.is_hip) return line;
  if (const auto nvml = kbench::NvmlGpu::open(bus)) line["release"] = nvml->driver();
  return line;
}

json list(const std::string& language) {
  const auto library = GpuLibrary::open(language);
  if (!library) return {{"error", library.error().text()}};
  int version = 0, count = 0;
  gpu::Result failed = library->init(0);
  if (failed == gpu::kSuccess) failed = library->device_count(&count);
  if (failed != gpu::kSuccess) {
    return {{"error", "the driver does not start: " + library->name_of(failed)}};
  }
  library->version(&version);
  json devices = json::array();
  for (int number = 0; number < count; ++number) devices.push_back(describe(*library, number));
  return {{"version", version}, {"devices", devices}};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const json listed = list(arguments[1]);
  std::puts(listed.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
  return 0;
}
