#pragma once

#include <cstddef>

#include "harness/memory.hpp"

namespace kbench {

// The memory that one judge shares with its workers: two sparse files, carved into regions front to
// back. Pages exist once touched, so the address space costs nothing. The inputs are sealed: only
// the judge's own mapping can write them.
class Arena {
 public:
  static Result<Arena> create();

  // Page-aligned, with the slack behind `bytes` filled with the canary. Workers may write the
  // region only if `writable`. Fails when the files' address space is used up.
  Result<Region> allocate(size_t bytes, bool writable);
  // The region's first byte in the judge's mapping.
  void* at(const Region& region) const {
    return (region.writable ? outputs_ : inputs_).at(region.offset);
  }
  // Puts the canary behind the region back.
  void guard(const Region& region);
  // Whether the canary behind the region still stands.
  bool intact(const Region& region) const;

  // Takes back everything allocated after the mark; workers that map it must be gone. Outputs go
  // back to the system; pages of inputs stay for what is allocated next, for a sealed file cannot
  // be cut.
  struct Mark {
    size_t inputs = 0, outputs = 0;
  };
  Mark mark() const { return {inputs_used_, outputs_used_}; }
  void release(const Mark& mark);

  int inputs_descriptor() const { return inputs_.descriptor(); }
  int outputs_descriptor() const { return outputs_.descriptor(); }

 private:
  Arena(SharedMemory inputs, SharedMemory outputs)
      : inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}
  SharedMemory inputs_, outputs_;
  size_t inputs_used_ = 0, outputs_used_ = 0;
};

// Bytes of memory that can be taken now without swapping, by the system's own account.
size_t available_memory_bytes();

}  // namespace kbench
