#include "backends/device.hpp"

namespace kbench {

std::vector<std::string> Device::languages() const {
  if (kind == Kind::cpu) return {"cpp"};
  return {"cuda", "hip"};
}

std::string Device::proof() const {
  if (kind == Kind::cpu) return "";
  return "correct: yes; races: none found, bounds: kept, in four thread orders; time: not measured";
}

// The least that every GPU in use has.
Bindings Device::bindings() const {
  return {{"SMS", 16},        {"WARP", 32},          {"SMEM_MAX", 48 << 10}, {"THREADS_MAX", 1024},
          {"CORES", 16 * 64}, {"L2_BYTES", 4 << 20}, {"VECTOR_BYTES", 16}};
}

Result<Device> parse_device(std::string_view name) {
  if (name == "cpu") return Device{};
  if (name == "emulated") return Device{Device::Kind::emulated, "emulated"};
  return bad_input("there is no device '" + std::string(name) + "'", "--device",
                   "known: cpu, emulated");
}

}  // namespace kbench
