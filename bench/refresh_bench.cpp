// What renewing a tensor set between timed batches costs: filling inputs, poisoning outputs,
// looking for poison afterwards, and comparing with the reference. Each is held against memset.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "core/paths.hpp"
#include "harness/compare.hpp"

namespace kbench {
namespace {

// The timed problem of softmax: 512 rows of 2048 floats.
struct Bench {
  Task task = *find_task(data_root() + "/tasks", "softmax");
  Problem problem = task.tune.front();
  std::vector<TensorShape> shapes = *shapes_of(task, problem);
  std::vector<float> x = std::vector<float>(static_cast<size_t>(shapes[0].elements));
  std::vector<float> y = x;
};

void report(benchmark::State& state, const Bench& bench) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bench.shapes[0].bytes()));
}

void memset_limit(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    std::memset(bench.x.data(), 1, bench.shapes[0].bytes());
    benchmark::ClobberMemory();
  }
  report(state, bench);
}
BENCHMARK(memset_limit)->Unit(benchmark::kMicrosecond);

void fill(benchmark::State& state, const char* fill) {
  Bench bench;
  bench.problem.fill = fill;
  std::vector<void*> tensors{bench.x.data(), nullptr};
  uint64_t seed = 1;
  for (auto _ : state) {
    if (auto filled = fill_inputs(bench.task, bench.problem, seed++, tensors); !filled) {
      state.SkipWithError(filled.error().text().c_str());
    }
  }
  report(state, bench);
}
BENCHMARK_CAPTURE(fill, normal, "normal")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(fill, sorted, "sorted")->Unit(benchmark::kMicrosecond);

void poison_outputs(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) poison(bench.y.data(), DType::f32, bench.shapes[1].elements);
  report(state, bench);
}
BENCHMARK(poison_outputs)->Unit(benchmark::kMicrosecond);

void look_for_poison(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    benchmark::DoNotOptimize(find_poison(bench.y.data(), DType::f32, bench.shapes[1].elements));
  }
  report(state, bench);
}
BENCHMARK(look_for_poison)->Unit(benchmark::kMicrosecond);

void compare_in_full(benchmark::State& state) {
  Bench bench;
  const std::vector<double> values(bench.y.size());
  const std::vector<float> scales(bench.y.size(), 1.0F);
  const std::vector<const void*> set{bench.x.data(), bench.y.data()};
  for (auto _ : state) {
    benchmark::DoNotOptimize(compare_output(bench.task, bench.problem, bench.shapes, 1, set.data(),
                                            values.data(), scales.data()));
  }
  report(state, bench);
}
BENCHMARK(compare_in_full)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kbench
