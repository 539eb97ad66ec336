#include "backends/opencl_devices.hpp"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "backends/prelude.hpp"
#include "core/files.hpp"
#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

constexpr const char* kVendors = "/etc/OpenCL/vendors";

OpenclDevice device_of(const nlohmann::json& it) {
  OpenclDevice device;
  device.name = it.value("name", "");
  device.platform = it.value("platform", "");
  device.version = it.value("version", "") + " " + it.value("driver", "");
  device.is_cpu = it.value("cpu", false);
  const auto units = it.value("units", int64_t{1});
  device.limits = {{"SMS", units},
                   {"WARP", 1},
                   {"SMEM_MAX", it.value("local", int64_t{0})},
                   {"THREADS_MAX", it.value("group", int64_t{0})},
                   {"CORES", units},
                   {"L2_BYTES", it.value("cache", int64_t{0})},
                   {"VECTOR_BYTES", it.value("vector", int64_t{0})}};
  return device;
}

Result<std::vector<OpenclDevice>> ask() {
  if (find_program(opencl_program()).empty()) {
    return environment_error("kbench-opencl not found", opencl_program(),
                             "build it beside kbench, or name it in KBENCH_OPENCL");
  }
  CompilerRun run;
  run.arguments = {opencl_program(), "list", "1"};
  run.read_only = opencl_paths();
  run.read_only.push_back(opencl_program());
  run.limit = std::chrono::seconds(20);
  const auto ran = run_compiler(run);
  if (!ran) return tl::unexpected(ran.error());
  const auto answer = nlohmann::json::parse(ran->out, nullptr, false);
  if (!answer.is_object()) {
    return environment_error("OpenCL's drivers die as they are opened: " + as_text(ran->err),
                             kVendors);
  }
  if (answer.contains("error")) return environment_error(answer.value("error", ""));
  std::vector<OpenclDevice> devices;
  for (const auto& it : answer.value("devices", nlohmann::json::array())) {
    devices.push_back(device_of(it));
  }
  if (devices.empty()) {
    return environment_error("no OpenCL driver has a device here", kVendors,
                             "install pocl-opencl-icd to run kernels on the CPU");
  }
  return devices;
}

}  // namespace

Result<std::vector<OpenclDevice>> opencl_devices() {
  static const auto kDevices = ask();
  return kDevices;
}

std::vector<std::string> opencl_paths() {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const char* path : {"/sys/devices/system", kVendors}) {
    if (fs::exists(path, failed)) paths.emplace_back(path);
  }
  // Drivers outside the system's folders, by their full names.
  for (const auto& entry : fs::directory_iterator(kVendors, failed)) {
    const auto text = read_file(entry.path());
    const fs::path driver = text ? std::string(trim(*text)) : "";
    if (driver.is_absolute() && !driver.string().starts_with("/usr/") &&
        fs::exists(driver, failed)) {
      paths.push_back(driver.parent_path());
    }
  }
  return paths;
}

std::string opencl_program() {
  const char* given = std::getenv("KBENCH_OPENCL");
  return given != nullptr ? given : program_folder() + "/kbench-opencl";
}

}  // namespace kbench
