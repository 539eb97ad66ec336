#include "backends/device_list.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "backends/compiler.hpp"
#include "backends/gpu_devices.hpp"
#include "backends/gpu_targets.hpp"
#include "backends/opencl_devices.hpp"
#include "backends/rtc_server.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

constexpr int kProbeLimitMs = 30'000;

FoundDevice emulated(const std::string& cache_folder) {
  FoundDevice device{"emulated", "", "", {}, "", "cuda and hip kernels, checked but not timed"};
  const auto compilers = make_emulated_compiler(cache_folder)->found();
  if (compilers) {
    device.compiler = compilers->front();
  } else {
    device.missing = compilers.error().text();
  }
  return device;
}

std::vector<FoundDevice> gpus(const std::string& language) {
  std::vector<FoundDevice> all;
  for (const GpuDevice& it : gpu_devices(language).value_or(std::vector<GpuDevice>{})) {
    std::string runs = fmt::format(
        "{} kernels, verified and timed: {} multiprocessors at {:.2f} GHz, {} of memory", language,
        it.multiprocessors, it.clock_hz * 1e-9, format_bytes(static_cast<double>(it.memory_bytes)));
    if (it.memory_bytes_per_second > 0) {
      runs += " at " + format_rate(it.memory_bytes_per_second, "B");
    }
    runs += fmt::format(", {} of L2, {}", format_bytes(static_cast<double>(it.l2_bytes)),
                        gpu_sandbox(language));
    if (it.reaches_host_memory) runs += "; kernels can reach the worker's own memory (docs/gpu.md)";
    all.push_back(
        {language + ":" + std::to_string(all.size()), it.driver, it.name, {it.target}, "", runs});
  }
  return all;
}

std::string on_gpus(const std::string& language) {
  const auto devices = gpu_devices(language);
  return devices ? "compiled only, for a target that is named"
                 : "compiled only: there is no GPU to run on: " + devices.error().text();
}

FoundDevice targets_of(const std::string& language) {
  FoundDevice device{language, "", "", {}, "", on_gpus(language)};
  const auto library = find_rtc_library(language);
  const auto server = library ? RtcServer::of(language)
                              : Result<std::shared_ptr<RtcServer>>(tl::unexpected(library.error()));
  if (!server) {
    device.missing = server.error().text();
    return device;
  }
  device.compiler = (*server)->version();
  device.place = *library;
  device.targets = (*server)->targets();
  if (device.targets.empty()) {
    const auto tried =
        (*server)->ask({{"probe", gpu_targets(language)}, {"limit_ms", kProbeLimitMs}});
    if (tried) device.targets = tried->value("targets", std::vector<std::string>{});
  }
  return device;
}

std::vector<FoundDevice> opencl() {
  const auto devices = opencl_devices();
  if (!devices) return {{"opencl", "", "", {}, devices.error().text(), "nothing"}};
  std::vector<FoundDevice> all;
  for (const OpenclDevice& it : *devices) {
    all.push_back({"opencl:" + std::to_string(all.size()),
                   it.platform + ", " + it.version,
                   it.name,
                   {},
                   "",
                   it.is_cpu ? "opencl kernels, verified and timed, on this CPU"
                             : "nothing: kernels run on OpenCL devices that are CPUs only"});
  }
  return all;
}

}  // namespace

std::vector<FoundDevice> found_devices(const std::string& cache_folder) {
  std::vector<FoundDevice> all = opencl();
  all.push_back(emulated(cache_folder));
  for (const std::string language : {"cuda", "hip"}) {
    const std::vector<FoundDevice> found = gpus(language);
    all.insert(all.end(), found.begin(), found.end());
    all.push_back(targets_of(language));
  }
  return all;
}

}  // namespace kbench
