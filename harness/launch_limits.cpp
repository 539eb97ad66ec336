#include "harness/launch_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kbench {

namespace {

// Every target of NVIDIA's that can be compiled for has these. AMD's compiler keeps to the limit
// by itself: it assumes blocks of 1024 threads.
constexpr int64_t kRegistersOfABlock = 65536;

// The demands of a function, whatever its template arguments look like when they are printed.
KernelResources demands_of(const Stub& stub, const CompiledImage& image) {
  KernelResources most;
  for (const KernelResources& it : image.resources) {
    if (it.function.substr(0, it.function.find('<')) != stub.function) continue;
    most.registers = std::max(most.registers, it.registers);
    most.shared_bytes = std::max(most.shared_bytes, it.shared_bytes);
  }
  return most;
}

}  // namespace

Judged<void> check_launch_limits(const LaunchPlan& plan, const CompiledImage& image,
                                 const Bindings& device) {
  auto check = [&](const PlannedCall& call) -> Judged<void> {
    const Stub& stub = plan.stubs[static_cast<size_t>(call.stub)];
    const KernelResources demands = demands_of(stub, image);
    const auto too_many = [&](int64_t wanted, const char* of_what, int64_t most) {
      return fault(Outcome::resource_limit, "launch",
                   fmt::format("the launch in line {} wants {} {} a block; {} has {}", stub.line,
                               wanted, of_what, image.target, most));
    };
    const int64_t threads = call.block[0] * call.block[1] * call.block[2];
    int64_t shared = demands.shared_bytes + call.shared_bytes;
    for (const PlannedArgument& argument : call.arguments) {
      if (argument.kind == Argument::Kind::local_bytes) shared += argument.integer;
    }
    const int64_t most_threads = device.at("THREADS_MAX"), most_shared = device.at("SMEM_MAX");
    if (threads > most_threads) return too_many(threads, "threads", most_threads);
    if (shared > most_shared) return too_many(shared, "bytes of shared memory", most_shared);
    if (image.target.starts_with("sm_") && demands.registers * threads > kRegistersOfABlock) {
      return too_many(demands.registers * threads, "registers", kRegistersOfABlock);
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

}  // namespace kbench
