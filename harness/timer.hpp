#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "harness/evaluation.hpp"
#include "harness/outcome.hpp"
#include "harness/statistics.hpp"

namespace kbench {

// A device that can be timed. Implemented by a worker with its tensor ring, and by a script in
// tests.
//   int sets() const;  // in the ring
//   Judged<double> run(sets);   // ns by the judge's clock; an empty batch is legal
//   void refresh(sets, seed);   // off the clock: inputs, inouts, poison
//   Judged<void> check(sets);   // off the clock: the outputs of that batch
//   Judged<void> audit(sets);   // an untimed batch, looked at closely
//   int audits();               // how many of them a screen holds
// where sets is a std::span<const int>.

struct TimerRule {
  // A batch aims at this, within the ring.
  double batch_ns = 100'000;
  // The screen's most.
  int samples = 5;
  // A screen stops when even the best of many samples is so much slower than the incumbent.
  double give_up_excess = 0.25;
  // Of kernel time in one screen; at least one sample is always taken.
  double longest_ns = 400'000'000;
  // Cold: every batch walks all sets, so that each was evicted since its refresh.
  bool whole_ring = false;
};

// The same with a share of its samples, at least one.
inline TimerRule in_part(TimerRule rule, double fidelity) {
  rule.samples = std::max(1, static_cast<int>(std::ceil(rule.samples * fidelity)));
  rule.longest_ns *= fidelity;
  return rule;
}

// Times one candidate on a device: batches over distinct tensor sets in an order that the judge
// draws. The cost of releasing and awaiting an empty batch is measured on the same worker and
// subtracted.
template <class Device>
class Timer {
 public:
  Timer(Device& device, const TimerRule& rule, uint64_t seed)
      : device_(device), rule_(rule), random_(seed) {}

  // Chooses the batch size: as many calls as fill batch_ns, at most one a set. Where one call does,
  // that call is the first sample.
  Judged<void> calibrate() {
    if (auto measured = measure_overhead(); !measured) return measured;
    // A first call warms caches and branch predictors, which matters where it is too short to fill
    // a batch; there the next tells how many do.
    samples_.clear();
    calls_ = 1;
    auto call = batch();
    if (call && *call < rule_.batch_ns) {
      call = batch();
    } else if (call && !rule_.whole_ring) {
      samples_.push_back(*call);
    }
    if (!call) return tl::unexpected(call.error());
    set_calls(rule_.whole_ring ? device_.sets()
                               : static_cast<int>(std::min(rule_.batch_ns / *call + 1, 1e6)));
    return {};
  }

  // One sample: refresh, run, check; ns a call.
  Judged<double> batch() { return batch(draw(), random_()); }
  Judged<double> batch(const std::vector<int>& order, uint64_t seed) {
    device_.refresh(order, seed);
    auto ns = device_.run(order);
    if (!ns) return tl::unexpected(ns.error());
    if (auto checked = device_.check(order); !checked) return tl::unexpected(checked.error());
    kernel_ns_ += *ns;
    return std::max(*ns - overhead_ns_, 1.0) / static_cast<double>(order.size());
  }

  // Few samples; stops when clearly slower than the incumbent (0: none).
  Judged<Timing> screen(double incumbent_ns) {
    if (auto ready = calibrate(); !ready) return tl::unexpected(ready.error());
    // Moments that a kernel cannot foresee: before the sample of that number.
    std::vector<size_t> audits(static_cast<size_t>(device_.audits()));
    for (size_t& moment : audits) moment = random_() % static_cast<uint64_t>(rule_.samples);
    std::sort(audits.rbegin(), audits.rend());
    auto audit_until = [&](size_t moment) -> Judged<void> {
      for (; !audits.empty() && audits.back() <= moment; audits.pop_back()) {
        if (auto right = device_.audit(draw()); !right) return right;
      }
      return {};
    };
    while (static_cast<int>(samples_.size()) < rule_.samples && kernel_ns_ <= rule_.longest_ns) {
      if (auto right = audit_until(samples_.size()); !right) return tl::unexpected(right.error());
      auto ns = batch();
      if (!ns) return tl::unexpected(ns.error());
      samples_.push_back(*ns);
      if (incumbent_ns > 0 && hopeless(incumbent_ns)) {
        if (audits.size() > 1) audits.resize(1);  // one will do for what cannot win
        break;
      }
    }
    if (auto right = audit_until(SIZE_MAX); !right) return tl::unexpected(right.error());
    return summarise(std::move(samples_));
  }

  // Distinct sets, as many as a batch has calls, in random order.
  std::vector<int> draw() {
    std::vector<int> all(static_cast<size_t>(device_.sets()));
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    for (size_t i = 0; i < static_cast<size_t>(calls_); ++i) {
      std::swap(all[i], all[i + random_() % (all.size() - i)]);
    }
    all.resize(static_cast<size_t>(calls_));
    return all;
  }

  // The least of a few empty batches: what comes on top is the machine's noise, not the cost of
  // releasing. Where judge and worker share a core the least is long too; no more than an honest
  // worker's is ever taken off, so that none gains by answering nothing at length.
  Judged<void> measure_overhead() {
    constexpr int kEmptyBatches = 8, kMostEmptyBatches = 100;
    constexpr double kHonestNs = 5'000;
    double least_ns = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kEmptyBatches || (i < kMostEmptyBatches && least_ns > kHonestNs); ++i) {
      auto ns = device_.run({});
      if (!ns) return tl::unexpected(ns.error());
      least_ns = std::min(least_ns, *ns);
    }
    overhead_ns_ = std::min(least_ns, kHonestNs);
    return {};
  }

  int calls() const { return calls_; }
  void set_calls(int calls) { calls_ = std::clamp(calls, 1, device_.sets()); }
  double overhead_ns() const { return overhead_ns_; }
  double kernel_ns() const { return kernel_ns_; }

 private:
  // The fewer the samples, the more must be missing: they may have met a busy moment.
  bool hopeless(double incumbent_ns) const {
    const auto n = static_cast<double>(samples_.size());
    const double best = *std::min_element(samples_.begin(), samples_.end());
    return n > 1 && best > incumbent_ns * (1 + std::max(rule_.give_up_excess, 1 / n));
  }

  Device& device_;
  TimerRule rule_;
  std::mt19937_64 random_;
  std::vector<double> samples_;
  int calls_ = 1;
  double overhead_ns_ = 0;
  double kernel_ns_ = 0;
};

}  // namespace kbench
