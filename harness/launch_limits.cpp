#include "harness/launch_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backends/gpu_resources.hpp"

namespace kbench {

namespace {

// Every target of NVIDIA's that can be compiled for has these, a block and a multiprocessor. AMD's
// compiler keeps to the limit by itself: it assumes blocks of 1024 threads.
constexpr int64_t kRegisters = 65536;
// A multiprocessor has four parts, each with a quarter of the registers. They are given to warps in
// lots of 256, shared memory to blocks in lots of 128 bytes (256 before sm_80).
constexpr int64_t kWarp = 32, kParts = 4, kRegisterLot = 256, kSharedLot = 128;

int64_t in_lots(int64_t wanted, int64_t lot) {
  return (wanted + lot - 1) / lot * lot;
}

// Of a function whatever its template arguments look like when they are printed.
LaunchDemand demand_of(const PlannedCall& call, const Stub& stub, const CompiledImage& image) {
  LaunchDemand demand{.threads = call.block[0] * call.block[1] * call.block[2]};
  for (const KernelResources& it : image.resources) {
    if (it.function.substr(0, it.function.find('<')) != stub.function) continue;
    demand.registers = std::max(demand.registers, it.registers);
    demand.shared_bytes = std::max(demand.shared_bytes, it.shared_bytes);
  }
  demand.shared_bytes += call.shared_bytes;
  for (const PlannedArgument& argument : call.arguments) {
    if (argument.kind == Argument::Kind::local_bytes) demand.shared_bytes += argument.integer;
  }
  return demand;
}

}  // namespace

Judged<void> check_launch_limits(const LaunchPlan& plan, const CompiledImage& image,
                                 const Bindings& device) {
  const int64_t threads = device.at("THREADS_MAX"), shared = device.at("SMEM_MAX");
  auto check = [&](const PlannedCall& call) -> Judged<void> {
    const Stub& stub = plan.stubs[static_cast<size_t>(call.stub)];
    const LaunchDemand wanted = demand_of(call, stub, image);
    const auto too_many = [&](int64_t count, const char* of_what, int64_t most) {
      return fault(Outcome::resource_limit, "launch",
                   fmt::format("the launch in line {} wants {} {} a block; {} has {}", stub.line,
                               count, of_what, image.target, most));
    };
    if (wanted.threads > threads) return too_many(wanted.threads, "threads", threads);
    if (wanted.shared_bytes > shared) {
      return too_many(wanted.shared_bytes, "bytes of shared memory", shared);
    }
    const int64_t registers = wanted.registers * wanted.threads;
    if (image.target.starts_with("sm_") && registers > kRegisters) {
      return too_many(registers, "registers", kRegisters);
    }
    return {};
  };
  for (const auto* calls : {&plan.prepare, &plan.calls}) {
    for (const PlannedCall& call : *calls) {
      if (auto fits = check(call); !fits) return fits;
    }
  }
  return {};
}

Occupancy occupancy_of(const Residency& most, const LaunchDemand& wanted) {
  const int64_t warps = in_lots(wanted.threads, kWarp) / kWarp;
  const int64_t shared =
      in_lots(wanted.shared_bytes, most.reserved_bytes > 0 ? kSharedLot : 2 * kSharedLot) +
      most.reserved_bytes;
  const int64_t registers = in_lots(wanted.registers * kWarp, kRegisterLot);
  Occupancy least{most.threads / kWarp / warps, 0, "threads"};
  auto bound = [&](int64_t blocks, std::string_view by) {
    if (blocks < least.blocks) least = {blocks, 0, by};
  };
  bound(most.blocks, "blocks");
  if (shared > 0) bound(most.shared_bytes / shared, "shared memory");
  if (registers > 0) bound(kRegisters / kParts / registers * kParts / warps, "registers");
  least.share =
      static_cast<double>(least.blocks * warps * kWarp) / static_cast<double>(most.threads);
  return least;
}

void note_resources(const LaunchPlan& plan, const CompiledImage& image,
                    std::vector<std::string>& notes) {
  for (const KernelResources& it : image.resources) notes.push_back(text_of(it));
  const auto most = residency_of(image.target);
  if (!most || image.resources.empty()) return;
  std::set<std::string> said;
  for (const PlannedCall& call : plan.calls) {
    const Stub& stub = plan.stubs[static_cast<size_t>(call.stub)];
    const Occupancy it = occupancy_of(*most, demand_of(call, stub, image));
    std::string note = fmt::format("occupancy {:.0f} % of {}, bound by {} (launch in line {})",
                                   100 * it.share, image.target, it.bound_by, stub.line);
    if (said.insert(note).second) notes.push_back(std::move(note));
  }
}

}  // namespace kbench
