#include <fmt/format.h>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "harness/plan.hpp"

namespace kbench {
namespace {

std::string text_of(const PlannedArgument& argument) {
  return fmt::format("{}:{}:{}:{:a}", static_cast<int>(argument.kind), argument.tensor,
                     argument.integer, argument.real);
}

std::string text_of(const LaunchPlan& plan, const PlannedCall& call) {
  const Stub& stub = plan.stubs[static_cast<size_t>(call.stub)];
  std::string text =
      fmt::format("{}<{}>{}<<<{},{},{}>>>{}(", stub.function, join(stub.template_arguments, ","),
                  fmt::join(call.grid, "x"), fmt::join(call.block, "x"),
                  fmt::join(call.cluster, "x"), call.shared_bytes, call.cooperative ? "c" : "");
  for (const PlannedArgument& argument : call.arguments) text += text_of(argument) + ",";
  return text + ")\n";
}

}  // namespace

std::string candidate_hash(const KernelFile& kernel, const Params& params,
                           const std::string& language) {
  return sha256(kernel.hash() + "\n" + canonical(params) + "\n" + language);
}

std::string equivalent_hash(const std::string& code_hash, const LaunchPlan& plan) {
  std::string text = code_hash + "\n";
  for (const PlannedCall& call : plan.prepare) text += "prepare " + text_of(plan, call);
  for (const PlannedCall& call : plan.calls) text += text_of(plan, call);
  for (const TensorShape& buffer : plan.buffers) {
    text += fmt::format("buffer {}[{}]\n", name_of(buffer.dtype), fmt::join(buffer.extents, ","));
  }
  return sha256(text + fmt::format("zero {}\n", fmt::join(plan.zeroed, ",")));
}

}  // namespace kbench
