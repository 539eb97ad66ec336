#include <benchmark/benchmark.h>

#include <cmath>

#include "search/memory.hpp"

// What a strategy thinks an evaluation: one ask and one tell, after 1,000 told configurations of a
// space of 10 params and 1.4 million configurations.
namespace kbench {
namespace {

const Space& space() {
  static const Space kSpace = [] {
    std::vector<Param> params;
    for (int p = 0; p < 10; ++p) {
      Param param{std::string(1, static_cast<char>('A' + p)), {}, 0, 0};
      for (int value = 1; value <= 2 + 3 * (p % 2) + p % 3; ++value) {
        param.values.push_back(std::to_string(16 * value));
      }
      params.push_back(std::move(param));
    }
    const Constraint constraint{Expr::parse("A * B * D <= 65536").value(), 0};
    return Space::build(std::move(params), {constraint}, {}).value();
  }();
  return kSpace;
}

// A rugged bowl; one in ten fails.
Observation judge(const Configuration& at) {
  double time = 10;
  for (size_t p = 0; p < at.size(); ++p) time += std::pow(at[p] - 1.0, 2);
  if (at[1] == 1 && at[2] == 1) return {at, std::nullopt};
  return {at, time + 2 * std::sin(3 * time)};
}

void ask_and_tell(benchmark::State& state, const std::string& name) {
  auto strategy = make_strategy(name, {}, space(), 1).value();
  constexpr int kKnown = 1000;
  for (int i = 0; i < kKnown; ++i) {
    if (i < 100) {
      strategy->tell(judge(strategy->ask().value()));
    } else {
      std::mt19937_64 random(static_cast<uint64_t>(i));
      strategy->tell(judge(space().sample(random)));
    }
  }
  for (auto _ : state) strategy->tell(judge(strategy->ask().value()));
}

const bool kRegistered = [] {
  for (const std::string& name : strategies().names()) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [name](benchmark::State& state) { ask_and_tell(state, name); })
        ->Iterations(1000)
        ->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

}  // namespace
}  // namespace kbench
