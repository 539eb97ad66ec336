#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "backends/compiler.hpp"
#include "harness/task.hpp"

namespace kbench {

// The best this machine was measured to do with `threads` cores: the roofline that results are held
// against. Measured once per processor and kept in the cache folder.
struct Ceilings {
  struct Copy {
    size_t footprint_bytes = 0;       // source and destination together
    double plain = 0, streaming = 0;  // bytes read and written per second
    double best() const { return plain > streaming ? plain : streaming; }
  };
  // Multiply-adds of one type by one kind of instruction, two operations each.
  struct Peak {
    DType dtype = DType::f32;
    std::string instructions;  // "fma 64-byte", "dpbf16ps"
    double flops = 0;          // per second
  };
  int threads = 1;
  std::vector<Copy> copies;  // ascending footprints
  std::vector<Peak> peaks;
  // Where copying leaves the caches: the knee of the curve, not what the system reports.
  size_t cache_bytes = 0;

  // Bytes per second at this footprint: the smallest measured one that holds it.
  double bandwidth(size_t footprint_bytes) const;
  double memory_bandwidth() const { return copies.empty() ? 0 : copies.back().best(); }
  // The highest rate of a type; 0 where this processor has no instructions for it.
  double peak(DType dtype) const;
};
void to_json(nlohmann::json& json, const Ceilings& ceilings);
void from_json(const nlohmann::json& json, Ceilings& ceilings);

Result<Ceilings> measure_ceilings(Compiler& compiler, int threads);
// From the cache folder, else measured and kept there.
Result<Ceilings> ceilings_of_this_machine(Compiler& compiler, int threads);
// Measures again; the higher of each known and new figure is kept, for others may have had the
// machine.
Result<Ceilings> raise_ceilings(Compiler& compiler, int threads);

// The least time the problem can take on this roofline, in ns, and whether memory or arithmetic
// sets it.
struct Floor {
  double ns = 0;
  bool by_memory = true;
};
Floor roofline_floor(const Ceilings& ceilings, const Task& task, const Problem& problem);

}  // namespace kbench
