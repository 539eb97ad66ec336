// What a candidate costs beside its own run: compiling, loading and destroying a worker, and a
// call. Needs kbench-worker beside this program or in KBENCH_WORKER, and kbench's headers in
// KBENCH_HOME.

#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "backends/compiler.hpp"
#include "core/paths.hpp"
#include "harness/memory.hpp"
#include "harness/worker.hpp"

namespace kbench {
namespace {

constexpr std::chrono::milliseconds kDeadline{5'000};

std::string fail(benchmark::State& state, const std::string& why) {
  state.SkipWithError(why.c_str());
  return "";
}

// A cache of its own, so that nothing is answered from an earlier run.
struct Bench {
  std::string folder;
  std::unique_ptr<Compiler> compiler;
  std::unique_ptr<WorkerServer> server;
  SharedMemory inputs = *SharedMemory::create("inputs", 1 << 20);
  SharedMemory outputs = *SharedMemory::create("outputs", 1 << 20);
  WorkerMemory memory;
  LaunchPlan plan;

  Bench() {
    char name[] = "/tmp/kbench-bench-XXXXXX";
    folder = mkdtemp(name);
    compiler = make_cpp_compiler(folder);
    if (auto started = WorkerServer::start()) server = std::move(*started);
    memory.inputs_fd = inputs.descriptor();
    memory.outputs_fd = outputs.descriptor();
    memory.names = {"x", "y"};
    memory.regions = {{{0, 4096, false}, {0, 4096, true}}};
    memory.plan_of_set = {0};
    plan.stubs.resize(1);
    plan.calls.emplace_back();
    for (const int tensor : {0, 1}) {
      plan.calls[0].arguments.emplace_back();
      plan.calls[0].arguments.back().kind = Argument::Kind::pointer;
      plan.calls[0].arguments.back().tensor = tensor;
    }
  }
  ~Bench() { std::filesystem::remove_all(folder); }

  std::string empty_kernel(benchmark::State& state) {
    CompileRequest request;
    request.source =
        "extern \"C\" __attribute__((visibility(\"default"
        "\"))) void kbench_stub_0(void* const*, const long*, const double*) {}";
    auto image = compiler->compile(request);
    if (!server) return fail(state, "kbench-worker does not start");
    if (!image || image->status != CompileStatus::ok) return fail(state, "does not compile");
    return image->path;
  }
};

void load_and_destroy(benchmark::State& state) {
  Bench bench;
  const std::string image = bench.empty_kernel(state);
  if (image.empty()) return;
  for (auto _ : state) {
    auto worker = bench.server->load(image, {bench.plan}, bench.memory, {});
    if (!worker) return state.SkipWithError(worker.error().message.c_str());
  }
}
BENCHMARK(load_and_destroy)->Unit(benchmark::kMillisecond)->UseRealTime();

// The limit to hold it against: a process that loads the same image without any sandbox.
void plain_process(benchmark::State& state) {
  Bench bench;
  const std::string image = bench.empty_kernel(state);
  if (image.empty()) return;
  for (auto _ : state) {
    const pid_t child = fork();
    if (child == 0) _exit(dlopen(image.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr ? 0 : 1);
    int status = 1;
    if (waitpid(child, &status, 0) != child || status != 0) {
      return state.SkipWithError("the process fails");
    }
  }
}
BENCHMARK(plain_process)->Unit(benchmark::kMillisecond)->UseRealTime();

// `judged_ns` is what a call of an empty kernel is said to take: the overhead in every time.
void run_an_empty_kernel(benchmark::State& state) {
  Bench bench;
  const std::string image = bench.empty_kernel(state);
  if (image.empty()) return;
  auto worker = bench.server->load(image, {bench.plan}, bench.memory, {});
  if (!worker) return state.SkipWithError(worker.error().message.c_str());
  std::vector<double> times;
  for (auto _ : state) {
    auto ns = (*worker)->run(std::vector<int>{0}, kDeadline);
    if (!ns) return state.SkipWithError(ns.error().message.c_str());
    times.push_back(*ns);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  state.counters["judged_ns"] = times[times.size() / 2];
}
BENCHMARK(run_an_empty_kernel)->Unit(benchmark::kMicrosecond)->UseRealTime();

// Fifty lines with intrinsics, each time another source.
std::string fifty_lines(int variation) {
  std::string text = "#include <kbench.h>\n#include <immintrin.h>\n#define SEED " +
                     std::to_string(variation) + "\n";
  for (int f = 0; f < 5; ++f) {
    text += "static void part" + std::to_string(f) +
            "(const float* x, float* y, int n) {\n  float sum = SEED;\n  float top = x[0];\n"
            "  for (int i = 0; i < n; ++i) {\n    top = std::max(top, x[i]);\n  }\n"
            "  for (int i = 0; i < n; ++i) {\n    y[i] = std::exp(x[i] - top);\n"
            "    sum += y[i];\n  }\n}\n";
  }
  return text +
         "extern \"C\" __attribute__((visibility(\"default\"))) void kbench_stub_0(void* const* p, "
         "const long*, const double*) {\n  auto* x = (const float*)p[0]; auto* y = (float*)p[1];\n"
         "  part0(x, y, 9); part1(x, y, 9); part2(x, y, 9); part3(x, y, 9); part4(x, y, 9);\n}\n";
}

void compile(benchmark::State& state, const char* compiler) {
  Bench bench;
  CompileRequest request;
  request.compiler = compiler;
  request.flags = {"-O3"};
  request.source = fifty_lines(-1);
  static_cast<void>(bench.compiler->compile(request));  // makes the prelude
  int variation = 0;
  for (auto _ : state) {
    request.source = fifty_lines(variation++);
    auto image = bench.compiler->compile(request);
    if (!image || image->status != CompileStatus::ok) {
      return state.SkipWithError(image ? image->log.c_str() : image.error().what.c_str());
    }
  }
}
BENCHMARK_CAPTURE(compile, gcc, "g++")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(compile, clang, "clang++")->Unit(benchmark::kMillisecond)->UseRealTime();

void compile_answered_from_the_cache(benchmark::State& state) {
  Bench bench;
  CompileRequest request;
  request.source = fifty_lines(0);
  static_cast<void>(bench.compiler->compile(request));
  for (auto _ : state) benchmark::DoNotOptimize(bench.compiler->compile(request));
}
BENCHMARK(compile_answered_from_the_cache)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace kbench
