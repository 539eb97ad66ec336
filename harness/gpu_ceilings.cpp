#include "harness/gpu_ceilings.hpp"

#include <array>

namespace kbench {

namespace {

// Operations a clock of one multiprocessor. Sources: NVIDIA's white papers on Turing, Ampere, Ada,
// Hopper and Blackwell, AMD's data sheets of the Instinct and Radeon cards: a product's dense rates
// by its clock and number of multiprocessors. From gfx10 on these are pairs of compute units.
struct Generation {
  std::string_view target;
  double f32, f64, f16, bf16;
};
constexpr std::array kGenerations = {
    Generation{"sm_75", 128, 4, 1024, 128},     Generation{"sm_80", 128, 128, 2048, 2048},
    Generation{"sm_86", 256, 4, 1024, 512},     Generation{"sm_87", 256, 4, 2048, 2048},
    Generation{"sm_89", 256, 4, 1024, 1024},    Generation{"sm_90", 256, 256, 4096, 4096},
    Generation{"sm_100", 256, 256, 8192, 8192}, Generation{"sm_103", 256, 4, 8192, 8192},
    Generation{"sm_120", 256, 4, 2048, 1024},   Generation{"gfx906", 128, 64, 256, 128},
    Generation{"gfx908", 256, 64, 1024, 512},   Generation{"gfx90a", 256, 256, 1024, 1024},
    Generation{"gfx942", 256, 256, 2048, 2048}, Generation{"gfx950", 256, 128, 4096, 4096},
    Generation{"gfx1030", 256, 16, 512, 256},   Generation{"gfx1100", 512, 16, 1024, 1024},
    Generation{"gfx1201", 512, 16, 2048, 2048}};

}  // namespace

Ceilings ceilings_of(const GpuDevice& device) {
  Ceilings ceilings;
  ceilings.cache_bytes = static_cast<size_t>(device.l2_bytes);
  // A footprint that the cache holds has no floor; what is larger comes from memory.
  const double bandwidth = device.memory_bytes_per_second;
  ceilings.copies = {{ceilings.cache_bytes, 0, 0},
                     {static_cast<size_t>(device.memory_bytes), bandwidth, bandwidth}};
  std::string target = device.target;
  if (target.starts_with("sm_") && target.back() == 'a') target.pop_back();
  for (const Generation& it : kGenerations) {
    if (it.target != target) continue;
    const double clocks = static_cast<double>(device.multiprocessors) * device.clock_hz;
    ceilings.peaks = {{DType::f32, "fma", it.f32 * clocks},
                      {DType::f64, "fma", it.f64 * clocks},
                      {DType::f16, "mma", it.f16 * clocks},
                      {DType::bf16, "mma", it.bf16 * clocks}};
  }
  return ceilings;
}

}  // namespace kbench
