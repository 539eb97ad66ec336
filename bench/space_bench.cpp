#include <benchmark/benchmark.h>

#include "search/space.hpp"

// Two spaces of published tuning studies (BAT benchmark suite), written down by hand.
namespace kbench {
namespace {

struct SpaceText {
  std::vector<std::pair<std::string, std::vector<int>>> axes;
  std::vector<std::string> constraints;
};

std::vector<int> range(int first, int last, int step = 1) {
  std::vector<int> values;
  for (int value = first; value <= last; value += step) values.push_back(value);
  return values;
}

Space build(const SpaceText& text) {
  std::vector<Param> params;
  for (const auto& [name, numbers] : text.axes) {
    Param param{name, {}, 0, 0};
    for (const int number : numbers) param.values.push_back(std::to_string(number));
    params.push_back(std::move(param));
  }
  std::vector<Constraint> constraints;
  for (const std::string& constraint : text.constraints) {
    constraints.push_back({Expr::parse(constraint).value(), 0});
  }
  return Space::build(std::move(params), std::move(constraints), {}).value();
}

const SpaceText& gemm() {
  static const SpaceText kText = {
      {{"GEMMK", {0}},
       {"MWG", {16, 32, 64, 128}},
       {"NWG", {16, 32, 64, 128}},
       {"KWG", {16, 32}},
       {"MDIMC", {8, 16, 32}},
       {"NDIMC", {8, 16, 32}},
       {"MDIMA", {8, 16, 32}},
       {"NDIMB", {8, 16, 32}},
       {"KWI", {2}},
       {"VWM", {1, 2, 4, 8}},
       {"VWN", {1, 2, 4, 8}},
       {"STRM", {0, 1}},
       {"STRN", {0, 1}},
       {"SA", {0, 1}},
       {"SB", {0, 1}},
       {"KREG", {1}},
       {"PRECISION", {32}}},
      {"KWG % KWI == 0", "MWG % (MDIMC * VWM) == 0", "NWG % (NDIMC * VWN) == 0",
       "MWG % (MDIMA * VWM) == 0", "NWG % (NDIMB * VWN) == 0",
       "KWG % ((MDIMC * NDIMC) / MDIMA) == 0", "KWG % ((MDIMC * NDIMC) / NDIMB) == 0",
       "!(MWG == 128 && NWG == 128 && MDIMC == 8 && NDIMC == 8)"}};
  return kText;
}

const SpaceText& hotspot() {
  static const SpaceText kText = [] {
    std::vector<int> widths = {1, 2, 4, 8, 16};
    for (const int width : range(32, 1024, 32)) widths.push_back(width);
    return SpaceText{
        {{"grid_width", {4096}},
         {"grid_height", {4096}},
         {"block_size_x", widths},
         {"block_size_y", {1, 2, 4, 8, 16, 32}},
         {"tile_size_x", range(1, 10)},
         {"tile_size_y", range(1, 10)},
         {"temporal_tiling_factor", range(1, 10)},
         {"max_tfactor", {10}},
         {"loop_unroll_factor_t", range(1, 10)},
         {"sh_power", {0, 1}}},
        {"block_size_x * block_size_y >= 32", "temporal_tiling_factor % loop_unroll_factor_t == 0",
         "block_size_x * block_size_y <= 1024",
         "(block_size_x * tile_size_x + temporal_tiling_factor * 2) * (block_size_y * tile_size_y"
         " + temporal_tiling_factor * 2) * (2 + sh_power) * 4 <= 49152"}};
  }();
  return kText;
}

void build_space(benchmark::State& state, const SpaceText& (*text)()) {
  uint64_t valid = 0, raw = 0;
  for (auto unused : state) {
    const Space space = build(text());
    valid = space.size();
    raw = space.raw_size();
  }
  state.counters["valid"] = static_cast<double>(valid);
  state.counters["raw"] = static_cast<double>(raw);
}
BENCHMARK_CAPTURE(build_space, gemm, gemm)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(build_space, hotspot, hotspot)->Unit(benchmark::kMillisecond);

void sample_space(benchmark::State& state) {
  const Space space = build(hotspot());
  std::mt19937_64 random(1);
  for (auto unused : state) benchmark::DoNotOptimize(space.sample(random));
}
BENCHMARK(sample_space);

void neighbours_of(benchmark::State& state) {
  const Space space = build(hotspot());
  std::mt19937_64 random(1);
  const Configuration from = space.sample(random);
  for (auto unused : state) benchmark::DoNotOptimize(space.neighbours(from));
}
BENCHMARK(neighbours_of);

}  // namespace
}  // namespace kbench
