#include "harness/disturbances.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <sstream>

#include "harness/environment.hpp"
#include "harness/statistics.hpp"

namespace kbench {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The same dependent chain again and again, some 50 us each.
std::vector<double> time_loops(std::chrono::milliseconds duration) {
  using Clock = std::chrono::steady_clock;
  constexpr int kLinks = 50'000;
  std::vector<double> loops;
  const auto end = Clock::now() + duration;
  for (auto begin = Clock::now(); begin < end; begin = Clock::now()) {
    uint64_t chain = loops.size();
    for (int i = 0; i < kLinks; ++i) {
      chain = chain * 6364136223846793005 + 1;
      asm volatile("" : "+r"(chain));
    }
    loops.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  return loops;
}

}  // namespace

CpuTicks parse_ticks(const std::string& line) {
  std::istringstream fields(line);
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0;
  CpuTicks ticks;
  fields >> name >> user >> nice >> system >> idle >> waiting >> interrupts >> soft >> ticks.stolen;
  ticks.busy = user + nice + system + interrupts + soft;
  ticks.all = ticks.busy + idle + waiting + ticks.stolen;
  return ticks;
}

std::string unsteadiness(std::span<const double> loops_ns) {
  constexpr double kSteady = 0.03;
  if (loops_ns.empty()) return {};
  std::vector<double> sorted(loops_ns.begin(), loops_ns.end());
  std::sort(sorted.begin(), sorted.end());
  const double excess = quantile(sorted, 0.75) / sorted.front() - 1;
  if (excess <= kSteady) return {};
  return fmt::format("the core is unsteady: a quarter of its runs of one loop take {:.0f} % longer",
                     100 * excess);
}

std::vector<std::string> disturbances() {
  constexpr double kFew = 0.1;  // of a core; the system counts in ticks of 10 ms
  std::vector<std::string> found;
  const CpuTicks before = parse_ticks(first_line("/proc/stat"));
  const double own_before = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<double> loops = time_loops(std::chrono::milliseconds(200));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const CpuTicks after = parse_ticks(first_line("/proc/stat"));
  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));

  const double others = (after.busy - before.busy) / ticks_per_second / seconds -
                        (processor_seconds() - own_before) / seconds;
  if (others > kFew) {
    found.push_back(fmt::format("other programs keep {:.1f} cores busy", others));
  }
  const double stolen = (after.stolen - before.stolen) / ticks_per_second / seconds;
  if (stolen > kFew / 2) {
    found.push_back(
        fmt::format("other virtual machines take {:.0f} % of a core's time", 100 * stolen));
  }
  if (const std::string unsteady = unsteadiness(loops); !unsteady.empty()) {
    found.push_back(unsteady);
  }
  const std::string& governor = this_cpu().governor;
  if (!governor.empty() && governor != "performance") {
    found.push_back("the frequency governor is '" + governor + "', not 'performance'");
  }
  if (first_line("/sys/devices/system/cpu/intel_pstate/no_turbo") == "0" ||
      first_line("/sys/devices/system/cpu/cpufreq/boost") == "1") {
    found.push_back("turbo is on: the clock depends on temperature and on the other cores");
  }
  if (this_cpu().cores < 2) {
    found.push_back("only one core: compiling and the judge share it with the kernels");
  }
  return found;
}

}  // namespace kbench
