#include "harness/call_energy.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "harness/energy.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

namespace {

// Of the processor's packages, from batches long enough for counters that move about once a
// millisecond.
Judged<double> joules_of_cpu(NativeDevice& device, std::span<const int> order) {
  constexpr double kLongEnoughNs = 1e8;
  auto counter = EnergyCounter::open();
  if (!counter) return 0;
  double joules = 0, ns = 0, batches = 0;
  while (ns < kLongEnoughNs) {
    const double before = counter->joules();
    auto took = device.run(order);
    if (!took) return took;
    joules += counter->joules() - before;
    ns += *took;
    ++batches;
  }
  return joules / batches;
}

}  // namespace

bool may_count_energy(const Device& device) {
  return device.times() && (device.is_gpu() || EnergyCounter::open());
}

double call_joules(BenchSession& session, LoadedKernel& kernel, size_t part, double call_ns) {
  constexpr double kBatchNs = 2e7;
  if (call_ns <= 0 || !may_count_energy(session.device())) return 0;
  const bool gpu = session.device().is_gpu();
  NativeDevice device(kernel, part, session.random()());
  const double most = gpu ? device.sets() : kMaxOrder;
  std::vector<int> order(static_cast<size_t>(std::clamp(kBatchNs / call_ns, 1.0, most)));
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i) % device.sets();
  device.refresh(std::span(order).first(std::min(order.size(), static_cast<size_t>(device.sets()))),
                 session.random()());
  const auto joules = gpu ? kernel.joules(part, order) : joules_of_cpu(device, order);
  return joules.value_or(0) / static_cast<double>(order.size());
}

}  // namespace kbench
