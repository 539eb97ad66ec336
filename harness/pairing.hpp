#pragma once

#include <chrono>
#include <cmath>
#include <memory>
#include <random>

#include "harness/timer.hpp"

namespace kbench {

struct PairingRule {
  ComparisonRule comparison;
  TimerRule timer;
  int fewest_launches = 5;
  int most_launches = 20;
  int most_pairs = 24;                // a launch
  double launch_ns = 40'000'000;      // kernel time of a launch
  double longest_ns = 5'000'000'000;  // kernel time in all; the launches that fit count
};

// What went wrong and in which kernel.
struct PairFault {
  enum class Side { a, b } side = Side::a;
  Fault fault;
};

// Both kernels in fresh processes over the same tensor sets.
template <class Device>
struct Launch {
  virtual ~Launch() = default;
  virtual Device& a() = 0;  // as Timer's, on shared pages and the same core
  virtual Device& b() = 0;
  // Runs both on the same fresh inputs, as a batch like those that are timed, and compares all
  // outputs of one of its sets in full. Called once a launch, at a moment that the kernels cannot
  // foresee.
  virtual tl::expected<void, PairFault> agree(const std::vector<int>& order) = 0;
};

// Times a against b in pairs of random order, launch by launch, and stops as soon as the verdict is
// clear. Looking several times would find a difference by luck, so each look pays for all of them.
//   start(launch number) -> tl::expected<std::unique_ptr<Launch<Device>>, PairFault>
template <class Device, class Start>
tl::expected<Comparison, PairFault> compare_paired(Start start, PairingRule rule, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<double>> launches;
  std::vector<double> a_ns, b_ns;
  Comparison result;
  double kernel_ns = 0;
  int looks = 1;
  for (int n = rule.fewest_launches; n < rule.most_launches; n *= 2) ++looks;
  rule.comparison.comparisons *= looks;
  int next_look = rule.fewest_launches;

  while (static_cast<int>(launches.size()) < rule.most_launches) {
    auto launch = start(static_cast<int>(launches.size()));
    if (!launch) return tl::unexpected(launch.error());
    Timer<Device> a((*launch)->a(), rule.timer, random()), b((*launch)->b(), rule.timer, random());
    auto fail = [](typename PairFault::Side side, const Fault& fault) {
      return tl::unexpected(PairFault{side, fault});
    };
    if (auto ready = a.calibrate(); !ready) return fail(PairFault::Side::a, ready.error());
    if (auto ready = b.calibrate(); !ready) return fail(PairFault::Side::b, ready.error());
    const int calls = std::max(a.calls(), b.calls());
    a.set_calls(calls);
    b.set_calls(calls);
    std::vector<double> ratios;
    const double before = a.kernel_ns() + b.kernel_ns();
    const size_t agree_after = random() % static_cast<uint64_t>(rule.most_pairs / 2 + 1);
    bool agreed = false;
    auto agree_now = [&] {
      agreed = true;
      return (*launch)->agree(a.draw());
    };
    while (static_cast<int>(ratios.size()) < rule.most_pairs) {
      if (!agreed && ratios.size() == agree_after) {
        if (auto same = agree_now(); !same) return tl::unexpected(same.error());
      }
      // The same sets, order and inputs for both, rewritten for each: what the first leaves in the
      // caches must not help the second.
      const std::vector<int> order = a.draw();
      const uint64_t inputs = random();
      const bool a_first = random() % 2 == 0;
      double a_time = 0, b_time = 0;
      for (const bool run_a : {a_first, !a_first}) {
        auto ns = (run_a ? a : b).batch(order, inputs);
        if (!ns) return fail(run_a ? PairFault::Side::a : PairFault::Side::b, ns.error());
        (run_a ? a_time : b_time) = *ns;
      }
      ratios.push_back(std::log(a_time / b_time));
      a_ns.push_back(a_time);
      b_ns.push_back(b_time);
      if (a.kernel_ns() + b.kernel_ns() - before > rule.launch_ns) break;
    }
    if (!agreed) {
      if (auto same = agree_now(); !same) return tl::unexpected(same.error());
    }
    kernel_ns += a.kernel_ns() + b.kernel_ns();
    launches.push_back(std::move(ratios));
    const bool out_of_time = kernel_ns > rule.longest_ns;
    if (static_cast<int>(launches.size()) < next_look && !out_of_time) continue;
    next_look *= 2;
    result = compare_pairs(launches, rule.comparison, random());
    if (out_of_time || result.verdict != Verdict::inconclusive) break;
  }
  result.a_ns = median(a_ns);
  result.a_samples_ns = std::move(a_ns);
  result.b_ns = median(b_ns);
  return result;
}

}  // namespace kbench
