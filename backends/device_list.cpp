#include "backends/device_list.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "backends/compiler.hpp"
#include "backends/gpu_targets.hpp"
#include "backends/opencl_devices.hpp"
#include "backends/rtc_server.hpp"

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

FoundDevice gpu(const std::string& language, const char* device_file) {
  FoundDevice device{language, "", "", {}, "", "compiled only: "};
  device.runs += access(device_file, F_OK) == 0
                     ? "this version runs no kernels on the GPU that is here"
                     : std::string("there is no GPU here (no ") + device_file + ")";
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
  all.push_back(gpu("cuda", "/dev/nvidia0"));
  all.push_back(gpu("hip", "/dev/kfd"));
  return all;
}

}  // namespace kbench
