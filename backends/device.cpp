#include "backends/device.hpp"

#include <algorithm>
#include <regex>

#include "backends/gpu_targets.hpp"
#include "backends/opencl_devices.hpp"
#include "core/text.hpp"

namespace kbench {

std::vector<std::string> Device::languages() const {
  switch (kind) {
    case Kind::cpu:
      return {"cpp"};
    case Kind::emulated:
      return {"cuda", "hip"};
    case Kind::cuda:
      if (runs()) return {"cuda", "host-cuda"};
      return {"cuda"};
    case Kind::hip:
      return {"hip"};
    case Kind::opencl:
      return {"opencl", "cpp"};
  }
  return {};
}

std::string Device::language_among(const std::vector<std::string>& written) const {
  for (const std::string& language : languages()) {
    if (std::find(written.begin(), written.end(), language) != written.end()) return language;
  }
  return written.front();
}

std::string Device::proof() const {
  if (times()) return "";
  if (!runs()) return "compiled: yes; correct, races, bounds: not run; time: not measured";
  return "correct: yes; races: none found, bounds: kept, in four thread orders; time: not measured";
}

Result<GpuDevice> Device::gpu() const {
  return gpu_device(languages().front(), number);
}

Bindings Device::bindings() const {
  if (kind == Kind::opencl) {
    const auto devices = opencl_devices();
    const auto at = static_cast<size_t>(number);
    if (devices && at < devices->size()) return (*devices)[at].limits;
  }
  if (is_gpu()) {
    if (const auto found = gpu()) return found->limits;
  }
  if (!runs()) return gpu_bindings(languages().front(), target);
  // The least that every GPU in use has.
  return {{"SMS", 16},        {"WARP", 32},          {"SMEM_MAX", 48 << 10}, {"THREADS_MAX", 1024},
          {"CORES", 16 * 64}, {"L2_BYTES", 4 << 20}, {"VECTOR_BYTES", 16}};
}

std::unique_ptr<Compiler> Device::make_compiler(const std::string& cache_folder) const {
  if (kind == Kind::cpu) return make_cpp_compiler(cache_folder);
  if (kind == Kind::emulated) return make_emulated_compiler(cache_folder);
  if (kind == Kind::opencl) return make_opencl_compiler(number, cache_folder);
  std::string compiled_for = target;
  if (is_gpu()) {
    if (const auto found = gpu()) compiled_for = found->target;
  }
  return make_rtc_compiler(languages().front(), compiled_for, cache_folder);
}

Result<Device> parse_device(std::string_view name) {
  if (name == "cpu") return Device{};
  if (name == "emulated") return Device{Device::Kind::emulated, "emulated"};
  static const std::regex kOpencl("opencl(:([0-9]{1,3}))?");
  static const std::regex kGpu("(cuda|hip)(:([0-9]{1,2}))?");
  static const std::regex kTarget("cuda:(sm_[0-9]{2,3}[af]?)|hip:(gfx[0-9a-f]{3,4})");
  const std::string text(name);
  std::smatch found;
  if (std::regex_match(text, found, kOpencl)) {
    const int number = found[2].matched ? std::stoi(found[2]) : 0;
    return Device{Device::Kind::opencl, text, "", number};
  }
  if (std::regex_match(text, found, kGpu)) {
    const int number = found[3].matched ? std::stoi(found[3]) : 0;
    const auto kind = found[1] == "cuda" ? Device::Kind::cuda : Device::Kind::hip;
    const Device device{kind, text, "", number};
    if (const auto gpu = device.gpu(); !gpu) return tl::unexpected(gpu.error());
    return device;
  }
  if (std::regex_match(text, found, kTarget)) {
    const bool cuda = found[1].matched;
    return Device{cuda ? Device::Kind::cuda : Device::Kind::hip, text,
                  cuda ? found[1].str() : found[2].str()};
  }
  for (const std::string language : {"cuda", "hip"}) {
    if (text != language && !text.starts_with(language + ":")) continue;
    return bad_input("'" + text + "' names no target to compile for", "--device",
                     "such as " + language + ":" + join(gpu_targets(language), ", "));
  }
  return bad_input("there is no device '" + text + "'", "--device",
                   "known: cpu, emulated, opencl, opencl:<number>, cuda, cuda:<number>, "
                   "cuda:<target>, hip, hip:<number>, hip:<target>");
}

}  // namespace kbench
