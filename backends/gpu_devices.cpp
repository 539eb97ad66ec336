#include "backends/gpu_devices.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "backends/gpu_targets.hpp"
#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/sandbox.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::seconds kPatience{60};  // without a persistence daemon a driver takes long

std::string program() {
  const char* given = std::getenv("KBENCH_GPU_LIST");
  return given != nullptr ? given : program_folder() + "/kbench-gpu";
}

// What names the libraries, and the GPUs that they show.
constexpr std::array kVariables = {"KBENCH_CUDA",   "KBENCH_NVML",         "CUDA_VISIBLE_DEVICES",
                                   "KBENCH_HIP",    "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
                                   "KBENCH_CUBLAS", "KBENCH_CUDNN"};

// The drivers' device files: their names count GPUs, and parts of GPUs.
std::vector<std::string> device_files() {
  std::vector<std::string> files;
  std::error_code missing;
  for (const char* folder : {"/dev", "/dev/dri"}) {
    for (const auto& entry : fs::directory_iterator(folder, missing)) {
      const std::string name = entry.path().filename();
      if (name.starts_with("nvidia") || name == "kfd" || name.starts_with("renderD")) {
        files.push_back(entry.path());
      }
    }
  }
  return files;
}

// Where libraries are looked for before the system's folders: vendors' baselines open some that
// toolkits and wheels bring.
std::vector<std::string> library_folders() {
  const char* given = std::getenv("LD_LIBRARY_PATH");
  std::vector<std::string> folders = split(given != nullptr ? given : "", ':');
  for (const char* wheel :
       {"/wheels/nvidia/cu13/lib", "/wheels/nvidia/cublas/lib", "/wheels/nvidia/cudnn/lib"}) {
    folders.push_back(cache_folder() + wheel);
  }
  folders.insert(folders.end(), {"/usr/local/cuda/lib64", "/usr/local/cuda/lib"});
  std::error_code missing;
  std::erase_if(folders, [&](const std::string& folder) {
    return !folder.starts_with("/") || !fs::is_directory(folder, missing);
  });
  return folders;
}

SandboxSpec sandbox_for(const std::string& program) {
  SandboxSpec spec;
  spec.devices = device_files();
  spec.read_only = {program};
  std::error_code missing;
  for (const char* path :
       {"/sys", "/etc/ld.so.cache", "/run/nvidia-persistenced", "/opt/nvidia", "/opt/rocm"}) {
    if (fs::exists(path, missing)) spec.read_only.emplace_back(path);
  }
  for (const char* name :
       {"KBENCH_CUDA", "KBENCH_NVML", "KBENCH_HIP", "KBENCH_CUBLAS", "KBENCH_CUDNN"}) {
    const char* library = std::getenv(name);
    if (library != nullptr && fs::exists(library, missing)) spec.read_only.emplace_back(library);
  }
  for (const std::string& folder : library_folders()) {
    if (!folder.starts_with("/usr/")) spec.read_only.push_back(folder);  // the system's are there
  }
  return spec;
}

std::vector<std::string> command_for(const std::string& program, bool namespaces) {
  std::vector<std::string> command;
  if (namespaces) command = sandbox_command(sandbox_for(program));
  command.emplace_back("env");
  for (const char* name : kVariables) {
    if (const char* value = std::getenv(name)) command.push_back(std::string(name) + "=" + value);
  }
  command.push_back("LD_LIBRARY_PATH=" + join(library_folders(), ":"));
  // All of a kernel is loaded before it is timed; and numbers mean what nvidia-smi means by them.
  command.insert(command.end(), {"CUDA_MODULE_LOADING=EAGER", "CUDA_DEVICE_ORDER=PCI_BUS_ID"});
  command.push_back(program);
  return command;
}

// "CUDA 13.0" of 13000, "HIP 5.2.21153" of 50221153.
std::string version_text(const std::string& language, int version) {
  const auto part = [&](int digits, int of) { return std::to_string(version / digits % of); };
  if (language == "cuda") return "CUDA " + part(1'000, 1'000) + "." + part(10, 100);
  return "HIP " + part(10'000'000, 100) + "." + part(100'000, 100) + "." + part(1, 100'000);
}

GpuDevice device_of(const std::string& language, const json& it, int version) {
  auto number = [&](const char* name) { return it.value(name, int64_t{0}); };
  GpuDevice device;
  device.name = it.value("name", "");
  device.bus = it.value("bus", "");
  device.target = it.value("target", "");
  device.driver = version_text(language, version);
  if (it.contains("release")) device.driver += ", driver " + it.value("release", "");
  device.memory_bytes = number("memory_bytes");
  device.l2_bytes = number("l2_bytes");
  device.multiprocessors = number("multiprocessors");
  device.clock_hz = static_cast<double>(number("clock_khz")) * 1e3;
  // Two transfers a clock, over that many bits. How many AMD's clocks stand for, its driver does
  // not say.
  if (language == "cuda") {
    device.memory_bytes_per_second = 2e3 * static_cast<double>(number("memory_clock_khz")) *
                                     static_cast<double>(number("memory_bus_bits")) / 8;
  }
  device.reaches_host_memory = it.value("reaches_host_memory", false);
  device.limits = gpu_bindings(language, device.target);
  const int64_t cores = device.limits.at("CORES") / device.limits.at("SMS");
  device.limits["SMS"] = device.multiprocessors;
  device.limits["CORES"] = device.multiprocessors * cores;
  device.limits["WARP"] = number("warp");
  device.limits["SMEM_MAX"] = number("shared");
  device.limits["THREADS_MAX"] = number("threads");
  device.limits["L2_BYTES"] = device.l2_bytes;
  return device;
}

struct Answer {
  Result<std::vector<GpuDevice>> devices;
  bool in_namespaces = true;
};

Result<std::vector<GpuDevice>> ask(const std::string& language, bool namespaces) {
  ProcessSpec run;
  run.arguments = command_for(program(), namespaces);
  run.arguments.push_back(language);
  run.limit = kPatience;
  const auto ran = run_process(run);
  if (!ran) return tl::unexpected(ran.error());
  const auto answer = json::parse(ran->out, nullptr, false);
  if (!answer.is_object()) {
    return environment_error("the driver dies as it is opened: " + as_text(ran->err));
  }
  if (answer.contains("error")) return environment_error(answer.value("error", ""));
  std::vector<GpuDevice> devices;
  for (const json& it : answer.value("devices", json::array())) {
    devices.push_back(device_of(language, it, answer.value("version", 0)));
  }
  if (devices.empty()) return environment_error("the driver has no GPU");
  return devices;
}

Answer ask(const std::string& language) {
  if (find_program(program()).empty()) {
    return {environment_error("kbench-gpu not found", program(), "build it beside kbench"), true};
  }
  auto inside = ask(language, true);
  if (inside || !sandbox_level().starts_with("namespaces")) return {std::move(inside), true};
  auto outside = ask(language, false);
  if (outside) return {std::move(outside), false};
  return {std::move(inside), true};
}

const Answer& answer(const std::string& language) {
  if (language == "hip") {
    static const Answer kHip = ask("hip");
    return kHip;
  }
  static const Answer kCuda = ask("cuda");
  return kCuda;
}

}  // namespace

Result<std::vector<GpuDevice>> gpu_devices(const std::string& language) {
  return answer(language).devices;
}

Result<GpuDevice> gpu_device(const std::string& language, int number) {
  const auto devices = gpu_devices(language);
  if (!devices) {
    Error error = devices.error();
    error.what = "there is no GPU to run on: " + error.what;
    error.hint = (language == "cuda" ? "cuda:sm_90" : "hip:gfx90a") +
                 std::string(" compiles without one, emulated proves right on the CPU");
    return tl::unexpected(error);
  }
  const auto at = static_cast<size_t>(number);
  if (at < devices->size()) return (*devices)[at];
  return environment_error(
      "there is no GPU " + std::to_string(number), "--device",
      "0 to " + std::to_string(devices->size() - 1) + ", see 'kbench devices'");
}

std::vector<std::string> gpu_command(const std::string& language, const std::string& wanted) {
  return command_for(wanted, answer(language).in_namespaces);
}

std::string gpu_sandbox(const std::string& language) {
  if (!answer(language).in_namespaces) return "no namespaces: the driver does not start in them";
  return sandbox_level().starts_with("namespaces") ? "bwrap" : sandbox_level();
}

}  // namespace kbench
