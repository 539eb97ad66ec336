#include "harness/gpu_fault.hpp"

#include <charconv>

#include "backends/gpu_library.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

Fault of_driver(int error, const std::string& words) {
  switch (error) {
    case gpu::kIllegalAddress:
      return {Outcome::out_of_bounds, "illegal_address",
              "touches memory that it was not given (" + words + ")"};
    case gpu::kOutOfMemory:
      return {Outcome::resource_limit, "device_memory", "the GPU has no memory left: " + words};
    case gpu::kOutOfResources:
    case gpu::kCooperativeTooLarge:
    case gpu::kInvalidCluster:
      return {Outcome::resource_limit, "launch",
              "the launch asks for more than the GPU has: " + words};
    case gpu::kLaunchTimeout:
      return {Outcome::timeout, "deadline", "the driver ended it for taking too long: " + words};
    case gpu::kAssert:
      return {Outcome::crashed, "assert", "an assertion in the kernel failed (" + words + ")"};
    case gpu::kNoDevice:
    case gpu::kNotInitialised:
      return {Outcome::internal_error, "environment", "no GPU: " + words};
    default:
      break;
  }
  // From here to there are what a running kernel can do wrong: misaligned, illegal instruction...
  if (error >= gpu::kStackError && error <= gpu::kLaunchFailed) {
    return {Outcome::crashed, "device", "the GPU stopped it: " + words};
  }
  return {Outcome::launch_error, "driver", "the driver refuses it: " + words};
}

Fault out_of_place(const WorkerLayout& layout, uint64_t address) {
  using Side = WorkerLayout::Place::Side;
  const auto place = layout.place_of(address);
  const std::string where = !place                        ? "outside every tensor"
                            : place->side == Side::before ? "before the start of " + place->tensor
                                                          : "past the end of " + place->tensor;
  return {Outcome::out_of_bounds, "guard", "writes " + where};
}

}  // namespace

std::optional<Fault> gpu_fault(const std::string& message, const WorkerLayout& layout,
                               uint64_t address) {
  constexpr std::string_view kPrefix = "gpu: ";
  if (!message.starts_with(kPrefix)) return std::nullopt;
  const std::string rest = as_text(message.substr(kPrefix.size()));
  const size_t space = std::min(rest.find(' '), rest.size());
  const std::string word = rest.substr(0, space);
  const std::string words = rest.substr(std::min(space + 1, rest.size()));
  if (word == "input") {
    const auto place = layout.place_of(address);
    return Fault{Outcome::input_modified, "write_to_input",
                 "writes to " + (place ? place->tensor : "an input") + ", which it may only read"};
  }
  if (word == "bounds") return out_of_place(layout, address);
  if (word == "host") return Fault{Outcome::unsupported, "library", words};
  if (word == "memory") return Fault{Outcome::resource_limit, "device_memory", words};
  int error = 0;
  std::from_chars(word.data(), word.data() + word.size(), error);
  if (error == 0) return Fault{Outcome::internal_error, "environment", words};
  return of_driver(error, words);
}

}  // namespace kbench
