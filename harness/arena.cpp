#include "harness/arena.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace kbench {

namespace {

constexpr size_t kArenaBytes = size_t{1} << 36;
constexpr size_t kPage = 4096;
constexpr unsigned char kCanary = 0xC5;

size_t round_up(size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

// Between a region's end and the end of its last page. An empty tensor still has an address, and a
// page so that a write through it is seen.
size_t slack_bytes(const Region& region) {
  return std::max(round_up(region.bytes), kPage) - region.bytes;
}

}  // namespace

Result<Arena> Arena::create() {
  auto inputs = SharedMemory::create("kbench-inputs", kArenaBytes);
  if (!inputs) return tl::unexpected(inputs.error());
  auto outputs = SharedMemory::create("kbench-outputs", kArenaBytes);
  if (!outputs) return tl::unexpected(outputs.error());
  if (auto sealed = inputs->seal_future_writes(); !sealed) return tl::unexpected(sealed.error());
  return Arena(std::move(*inputs), std::move(*outputs));
}

Result<Region> Arena::allocate(size_t bytes, bool writable) {
  size_t& used = writable ? outputs_used_ : inputs_used_;
  const Region region{used, bytes, writable};
  const size_t whole = bytes + slack_bytes(region);
  if (whole > kArenaBytes - used) {
    return environment_error("the problem's tensors need more than 64 GiB", {},
                             "choose smaller dims");
  }
  used += whole;
  guard(region);
  return region;
}

void Arena::guard(const Region& region) {
  std::memset(static_cast<char*>(at(region)) + region.bytes, kCanary, slack_bytes(region));
}

bool Arena::intact(const Region& region) const {
  const auto* begin = static_cast<const unsigned char*>(at(region));
  const auto* slack = begin + region.bytes;
  return std::all_of(slack, slack + slack_bytes(region),
                     [](unsigned char c) { return c == kCanary; });
}

void Arena::release(const Mark& mark) {
  if (outputs_used_ > mark.outputs) {
    fallocate(outputs_.descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              static_cast<off_t>(mark.outputs), static_cast<off_t>(outputs_used_ - mark.outputs));
  }
  inputs_used_ = mark.inputs;
  outputs_used_ = mark.outputs;
}

size_t available_memory_bytes() {
  std::ifstream info("/proc/meminfo");
  std::string key, unit;
  size_t kib = 0;
  while (info >> key >> kib >> unit) {
    if (key == "MemAvailable:") return kib * 1024;
  }
  return SIZE_MAX;  // unknown: let the allocation itself say
}

}  // namespace kbench
