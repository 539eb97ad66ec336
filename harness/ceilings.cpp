#include "harness/ceilings.hpp"

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/files.hpp"
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
    auto text = read_file(path);
    if (!text) return environment_error("cannot read the bandwidth and arithmetic probes", path);
    CompileRequest request;
    request.source = std::move(*text);
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
  // As in harness/include/ceilings.cpp.
  struct Arithmetic {
    const char* dtype;
    const char* instructions;
    double (*run)(int64_t);
  };
  using Copy = void (*)(void*, const void*, size_t);
  // Ends with one that has no name.
  const Arithmetic* peaks() const { return symbol<const Arithmetic*>("kbench_peaks"); }
  Copy copy() const { return symbol<Copy>("kbench_copy"); }
  Copy copy_streaming() const { return symbol<Copy>("kbench_copy_streaming"); }

 private:
  explicit Probes(void* library) : library_(library) {}  // stays loaded until the process ends
  template <class Pointer>
  Pointer symbol(const char* name) const {
    return reinterpret_cast<Pointer>(dlsym(library_, name));
  }
  void* library_;
};

// Shortest of several rounds in which every thread does its share at the same time: from the first
// one's start to the last one's end, by their own clocks.
double shortest_seconds(int threads, int rounds, const std::function<void(int)>& share) {
  using Clock = std::chrono::steady_clock;
  struct Span {
    Clock::time_point begin, end;
  };
  const Cores cores = share_cores(this_cpu().allowed, threads);
  std::vector<Span> spans(static_cast<size_t>(threads));
  double best = std::numeric_limits<double>::infinity();
  const auto round_ends = [&]() noexcept {
    const auto begin = std::min_element(spans.begin(), spans.end(),
                                        [](auto& a, auto& b) { return a.begin < b.begin; });
    const auto end = std::max_element(spans.begin(), spans.end(),
                                      [](auto& a, auto& b) { return a.end < b.end; });
    best = std::min(best, std::chrono::duration<double>(end->end - begin->begin).count());
  };
  std::barrier<> start(threads);
  std::barrier finish(threads, round_ends);
  std::vector<std::jthread> workers;
  for (size_t t = 0; t < spans.size(); ++t) {
    workers.emplace_back([&, t] {
      bind_to({cores.timing[t % cores.timing.size()]});
      for (int round = 0; round < rounds; ++round) {
        start.arrive_and_wait();
        spans[t].begin = Clock::now();
        share(static_cast<int>(t));
        spans[t].end = Clock::now();
        finish.arrive_and_wait();
      }
    });
  }
  workers.clear();
  return best;
}

double arithmetic_rate(const Probes::Arithmetic& probe, int threads) {
  constexpr int64_t kRounds = 1'000'000;
  double flops = 0;
  const double seconds = shortest_seconds(threads, 20, [&](int) { flops = probe.run(kRounds); });
  return flops * threads / seconds;
}

double copy_rate(Probes::Copy probe, size_t footprint, int threads) {
  const size_t each = footprint / 2 / static_cast<size_t>(threads) / 256 * 256;
  if (each == 0) return 0;
  // Long enough for starting together not to count, more often where a round is short.
  const size_t repeats = std::max<size_t>(1, (size_t{128} << 20) / footprint);
  const int rounds = footprint > size_t{64} << 20 ? 5 : 12;
  std::vector<void*> pages;
  for (int t = 0; t < threads; ++t) {
    void* memory = mmap(nullptr, 2 * each, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) return 0;
    std::memset(memory, t + 1, 2 * each);
    pages.push_back(memory);
  }
  const double seconds = shortest_seconds(threads, rounds, [&](int t) {
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

}  // namespace

void to_json(nlohmann::json& json, const Ceilings& ceilings) {
  nlohmann::json copies = nlohmann::json::array(), peaks = nlohmann::json::array();
  for (const auto& copy : ceilings.copies) {
    copies.push_back({{"footprint_bytes", copy.footprint_bytes},
                      {"plain", copy.plain},
                      {"streaming", copy.streaming}});
  }
  for (const auto& peak : ceilings.peaks) {
    peaks.push_back({{"dtype", name_of(peak.dtype)},
                     {"instructions", peak.instructions},
                     {"flops", peak.flops}});
  }
  json = {{"threads", ceilings.threads},
          {"cache_bytes", ceilings.cache_bytes},
          {"peaks", peaks},
          {"copies", copies}};
}

void from_json(const nlohmann::json& json, Ceilings& ceilings) {
  ceilings = {};
  json.at("threads").get_to(ceilings.threads);
  json.at("cache_bytes").get_to(ceilings.cache_bytes);
  for (const auto& copy : json.at("copies")) {
    ceilings.copies.push_back({copy.at("footprint_bytes"), copy.at("plain"), copy.at("streaming")});
  }
  for (const auto& peak : json.at("peaks")) {
    const auto dtype = parse_dtype(peak.at("dtype").get<std::string>());
    if (dtype) ceilings.peaks.push_back({*dtype, peak.at("instructions"), peak.at("flops")});
  }
}

double Ceilings::peak(DType dtype) const {
  double highest = 0;
  for (const Peak& peak : peaks) {
    if (peak.dtype == dtype) highest = std::max(highest, peak.flops);
  }
  return highest;
}

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
  for (const Probes::Arithmetic* probe = probes->peaks(); probe->dtype != nullptr; ++probe) {
    const auto dtype = parse_dtype(probe->dtype);
    if (!dtype) continue;
    ceilings.peaks.push_back({*dtype, probe->instructions, arithmetic_rate(*probe, threads)});
  }
  for (const size_t footprint : kFootprints) {
    if (footprint > available_memory_bytes() / 4) break;
    ceilings.copies.push_back({footprint, copy_rate(probes->copy(), footprint, threads),
                               copy_rate(probes->copy_streaming(), footprint, threads)});
  }
  ceilings.cache_bytes = knee_of(ceilings.copies);
  return ceilings;
}

namespace {

std::string kept_at(int threads) {
  const Cpu& cpu = this_cpu();
  const std::string key =
      cpu.model + std::to_string(cpu.cores) + "/" + std::to_string(threads) + "/3";
  return cache_folder() + "/ceilings-" + sha256(key).substr(0, 16) + ".json";
}

std::optional<Ceilings> kept_ceilings(int threads) {
  const auto text = read_file(kept_at(threads));
  if (!text) return {};
  const auto stored = nlohmann::json::parse(*text, nullptr, false);
  if (stored.is_discarded()) return {};
  return stored.get<Ceilings>();
}

void keep(const Ceilings& ceilings) {
  namespace fs = std::filesystem;
  const fs::path path = kept_at(ceilings.threads);
  std::error_code ignored;  // without a cache folder they are measured by every process
  fs::create_directories(path.parent_path(), ignored);
  (void)write_file(path, nlohmann::json(ceilings).dump(1) + "\n");
}

}  // namespace

Result<Ceilings> ceilings_of_this_machine(Compiler& compiler, int threads) {
  if (auto kept = kept_ceilings(threads)) return *kept;
  return raise_ceilings(compiler, threads);
}

Result<Ceilings> raise_ceilings(Compiler& compiler, int threads) {
  auto ceilings = measure_ceilings(compiler, threads);
  if (!ceilings) return ceilings;
  if (const auto kept = kept_ceilings(threads)) {
    for (size_t i = 0; i < std::min(ceilings->peaks.size(), kept->peaks.size()); ++i) {
      ceilings->peaks[i].flops = std::max(ceilings->peaks[i].flops, kept->peaks[i].flops);
    }
    for (size_t i = 0; i < std::min(ceilings->copies.size(), kept->copies.size()); ++i) {
      Ceilings::Copy& copy = ceilings->copies[i];
      copy.plain = std::max(copy.plain, kept->copies[i].plain);
      copy.streaming = std::max(copy.streaming, kept->copies[i].streaming);
    }
    ceilings->cache_bytes = knee_of(ceilings->copies);
  }
  keep(*ceilings);
  return ceilings;
}

Floor roofline_floor(const Ceilings& ceilings, const Task& task, const Problem& problem) {
  const double bytes = bytes_of(task, problem).value_or(0);
  const double flops = flops_of(task, problem).value_or(0);
  const bool cold = problem.cache == CacheMode::cold;
  const double bandwidth =
      cold ? ceilings.memory_bandwidth() : ceilings.bandwidth(static_cast<size_t>(bytes));
  const Variant* variant = task.variant(problem.variant);
  // Narrow types have instructions of their own that sum in wider ones.
  double rate = ceilings.peak(DType::f32);
  if (variant != nullptr) {
    if (variant->compute == DType::f64) rate = ceilings.peak(DType::f64);
    for (const auto& [tensor, dtype] : variant->dtypes) {
      if (dtype == DType::f16 || dtype == DType::bf16) rate = std::max(rate, ceilings.peak(dtype));
    }
  }
  const double by_memory = bandwidth > 0 ? bytes / bandwidth * 1e9 : 0;
  const double by_arithmetic = rate > 0 ? flops / rate * 1e9 : 0;
  return {std::max(by_memory, by_arithmetic), by_memory >= by_arithmetic};
}

}  // namespace kbench
