#include "harness/environment.hpp"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "backends/device.hpp"
#include "core/text.hpp"

#ifndef KBENCH_VERSION
#define KBENCH_VERSION "unknown"
#endif

namespace kbench {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    return std::string(trim(std::string_view(line).substr(line.find(':') + 1)));
  }
  return "unknown CPU";
}

int widest_vector_bytes() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return 64;
  if (__builtin_cpu_supports("avx2")) return 32;
#endif
  return 16;
}

int64_t positive(long value) {
  return value > 0 ? value : 0;
}

Cpu detect() {
  Cpu cpu;
  cpu.model = cpu_model();
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &set)) cpu.allowed.push_back(i);
    }
  }
  if (cpu.allowed.empty()) cpu.allowed.push_back(0);
  cpu.cores = static_cast<int>(cpu.allowed.size());
  cpu.l2_bytes = positive(sysconf(_SC_LEVEL2_CACHE_SIZE));
  cpu.l3_bytes = positive(sysconf(_SC_LEVEL3_CACHE_SIZE));
  cpu.vector_bytes = widest_vector_bytes();
  cpu.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  return cpu;
}

}  // namespace

const Cpu& this_cpu() {
  static const Cpu kCpu = detect();
  return kCpu;
}

Bindings bindings_of(const Device& device, const std::string& language) {
  return language == "cpp" ? device_bindings(this_cpu()) : device.bindings();
}

Bindings device_bindings(const Cpu& cpu) {
  return {{"SMS", cpu.cores},
          {"WARP", 1},
          {"SMEM_MAX", 0},
          {"THREADS_MAX", 1},
          {"CORES", cpu.cores},
          {"L2_BYTES", cpu.l2_bytes},
          {"VECTOR_BYTES", cpu.vector_bytes}};
}

nlohmann::json environment(const std::vector<std::string>& compilers) {
  const Cpu& cpu = this_cpu();
  utsname system{};
  uname(&system);
  return {{"cpu", cpu.model},
          {"cores", cpu.cores},
          {"l2_bytes", cpu.l2_bytes},
          {"l3_bytes", cpu.l3_bytes},
          {"vector_bytes", cpu.vector_bytes},
          {"governor", cpu.governor},
          {"memory_bytes", sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)},
          {"kernel", std::string(system.sysname) + " " + system.release},
          {"compilers", compilers},
          {"judge", kJudgeVersion},
          {"kbench", kbench_version()}};
}

std::string kbench_version() {
  return KBENCH_VERSION;
}

}  // namespace kbench
