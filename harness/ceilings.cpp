#include "harness/ceilings.hpp"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/hash.hpp"
#include "core/paths.hpp"
#include "harness/arena.hpp"
#include "harness/cores.hpp"
#include "harness/environment.hpp"

namespace kbench {

namespace {

constexpr size_t kFootprints[] = {size_t{32} << 10,  size_t{256} << 10, size_t{1} << 20,
                                  size_t{4} << 20,   size_t{16} << 20,  size_t{64} << 20,
                                  size_t{256} << 20, size_t{512} << 20};

// The trusted probes of harness/include/ceilings.cpp, loaded into this process.
class Probes {
 public:
  static Result<Probes> load(Compiler& compiler) {
    const std::string path = data_root() + "/harness/include/ceilings.cpp";
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) return environment_error("cannot read the bandwidth and arithmetic probes", path);
    CompileRequest request;
    request.source = text.str();
    request.name = "ceilings.cpp";
    request.flags = {"-O3"};
    auto image = compiler.compile(request);
    if (!image) return tl::unexpected(image.error());
    if (image->status != CompileStatus::ok) {
      return environment_error("the probes do not compile: " + image->log, path);
    }
    void* library = dlopen(image->path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return environment_error(dlerror(), image->path);
    return Probes(library);
  }
  using Arithmetic = double (*)(int64_t);
  using Copy = void (*)(void*, const void*, size_t);
  Arithmetic fma_f32() const { return function<Arithmetic>("kbench_fma_f32"); }
  Arithmetic fma_f64() const { return function<Arithmetic>("kbench_fma_f64"); }
  Copy copy() const { return function<Copy>("kbench_copy"); }
  Copy copy_streaming() const { return function<Copy>("kbench_copy_streaming"); }

 private:
  explicit Probes(void* library) : library_(library) {}  // stays loaded until the process ends
  template <class Function>
  Function function(const char* name) const {
    return reinterpret_cast<Function>(dlsym(library_, name));
  }
  void* library_;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Shortest of several rounds in which every thread does its share at the same time.
double shortest_seconds(int threads, int rounds, const std::function<void(int)>& share) {
  const Cores cores = share_cores(this_cpu().allowed, threads);
  std::barrier gate(threads + 1);
  std::vector<std::jthread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      bind_to({cores.timing[static_cast<size_t>(t) % cores.timing.size()]});
      for (int round = 0; round < rounds; ++round) {
        gate.arrive_and_wait();
        share(t);
        gate.arrive_and_wait();
      }
    });
  }
  double best = 1e30;
  for (int round = 0; round < rounds; ++round) {
    gate.arrive_and_wait();
    const auto start = std::chrono::steady_clock::now();
    gate.arrive_and_wait();
    best = std::min(best, seconds_since(start));
  }
  return best;
}

double arithmetic_rate(Probes::Arithmetic probe, int threads) {
  constexpr int64_t kRounds = 2'000'000;
  double flops = 0;
  const double seconds = shortest_seconds(threads, 5, [&](int) { flops = probe(kRounds); });
  return flops * threads / seconds;
}

double copy_rate(Probes::Copy probe, size_t footprint, int threads) {
  const size_t each = footprint / 2 / static_cast<size_t>(threads) / 256 * 256;
  if (each == 0) return 0;
  const size_t repeats = std::max<size_t>(1, (size_t{32} << 20) / footprint);
  std::vector<void*> pages;
  for (int t = 0; t < threads; ++t) {
    void* memory = mmap(nullptr, 2 * each, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) return 0;
    std::memset(memory, t + 1, 2 * each);
    pages.push_back(memory);
  }
  const double seconds = shortest_seconds(threads, 5, [&](int t) {
    auto* from = static_cast<char*>(pages[static_cast<size_t>(t)]);
    for (size_t i = 0; i < repeats; ++i) probe(from + each, from, each);
  });
  for (void* memory : pages) munmap(memory, 2 * each);
  return 2.0 * static_cast<double>(each) * threads * static_cast<double>(repeats) / seconds;
}

// The largest footprint that still copies well above memory speed.
size_t knee_of(const std::vector<Ceilings::Copy>& copies) {
  const double memory = copies.back().plain;
  size_t knee = copies.front().footprint_bytes;
  for (const auto& copy : copies) {
    if (copy.plain > 1.4 * memory) knee = copy.footprint_bytes;
  }
  return knee;
}

nlohmann::json encode(const Ceilings& ceilings) {
  nlohmann::json copies = nlohmann::json::array();
  for (const auto& copy : ceilings.copies) {
    copies.push_back({copy.footprint_bytes, copy.plain, copy.streaming});
  }
  return {{"threads", ceilings.threads},
          {"copies", copies},
          {"flops_f32", ceilings.flops_f32},
          {"flops_f64", ceilings.flops_f64},
          {"cache_bytes", ceilings.cache_bytes}};
}

Ceilings decode(const nlohmann::json& json) {
  Ceilings ceilings;
  ceilings.threads = json.at("threads");
  ceilings.flops_f32 = json.at("flops_f32");
  ceilings.flops_f64 = json.at("flops_f64");
  ceilings.cache_bytes = json.at("cache_bytes");
  for (const auto& copy : json.at("copies")) {
    ceilings.copies.push_back({copy.at(0), copy.at(1), copy.at(2)});
  }
  return ceilings;
}

}  // namespace

double Ceilings::bandwidth(size_t footprint_bytes) const {
  for (const Copy& copy : copies) {
    if (copy.footprint_bytes >= footprint_bytes) return copy.best();
  }
  return memory_bandwidth();
}

Result<Ceilings> measure_ceilings(Compiler& compiler, int threads) {
  auto probes = Probes::load(compiler);
  if (!probes) return tl::unexpected(probes.error());
  Ceilings ceilings;
  ceilings.threads = threads;
  ceilings.flops_f32 = arithmetic_rate(probes->fma_f32(), threads);
  ceilings.flops_f64 = arithmetic_rate(probes->fma_f64(), threads);
  for (const size_t footprint : kFootprints) {
    if (footprint > available_memory_bytes() / 4) break;
    ceilings.copies.push_back({footprint, copy_rate(probes->copy(), footprint, threads),
                               copy_rate(probes->copy_streaming(), footprint, threads)});
  }
  ceilings.cache_bytes = knee_of(ceilings.copies);
  return ceilings;
}

Result<Ceilings> ceilings_of_this_machine(Compiler& compiler, int threads) {
  namespace fs = std::filesystem;
  const Cpu& cpu = this_cpu();
  const std::string key = cpu.model + std::to_string(cpu.cores) + "/" + std::to_string(threads);
  const fs::path path =
      fs::path(cache_folder()) / ("ceilings-" + sha256(key).substr(0, 16) + ".json");
  std::ifstream file(path);
  const auto stored = nlohmann::json::parse(file, nullptr, false);
  if (!stored.is_discarded()) return decode(stored);
  auto ceilings = measure_ceilings(compiler, threads);
  if (!ceilings) return ceilings;
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const fs::path fresh = path.string() + "." + std::to_string(::getpid());
  std::ofstream(fresh) << encode(*ceilings).dump(1) << "\n";
  fs::rename(fresh, path, ignored);
  return ceilings;
}

Floor roofline_floor(const Ceilings& ceilings, const Task& task, const Problem& problem) {
  const double bytes = bytes_of(task, problem).value_or(0);
  const double flops = flops_of(task, problem).value_or(0);
  const bool cold = problem.cache == CacheMode::cold;
  const double bandwidth =
      cold ? ceilings.memory_bandwidth() : ceilings.bandwidth(static_cast<size_t>(bytes));
  const Variant* variant = task.variant(problem.variant);
  const bool doubles = variant != nullptr && variant->compute == DType::f64;
  const double rate = doubles ? ceilings.flops_f64 : ceilings.flops_f32;
  const double by_memory = bandwidth > 0 ? bytes / bandwidth * 1e9 : 0;
  const double by_arithmetic = rate > 0 ? flops / rate * 1e9 : 0;
  return {std::max(by_memory, by_arithmetic), by_memory >= by_arithmetic};
}

}  // namespace kbench
