// Where fibers keep their locals: a guard page under each stack, so that a deep
// recursion dies instead of writing into its neighbour.

#include <sys/mman.h>

#include "block.hpp"

namespace kbench_simt {

namespace {

char* stacks_for(size_t threads) {
  void* mapped = mmap(nullptr, threads * kStackEach, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    Defect defect{"resource_limit", "threads", "no memory for the stacks of so many threads"};
    report(defect);
  }
  for (size_t i = 0; i < threads; ++i) {
    mprotect(static_cast<char*>(mapped) + i * kStackEach, kGuardBytes, PROT_NONE);
  }
  return static_cast<char*>(mapped);
}

}  // namespace

// Tops that all lay at the same place of a page would share a few sets of the
// cache.
void* top_of_stack(const Block& it, size_t thread) {
  return it.stacks + (thread + 1) * kStackEach - thread % 16 * 256;
}

void make_room(Block& it, size_t threads) {
  if (it.room < threads) {
    it.stacks = stacks_for(threads);
    it.room = threads;
  }
  it.threads.resize(threads);
  it.seen.resize(threads);
  it.copies.resize(threads);
  it.warps.resize((threads + 31) / 32);
}

}  // namespace kbench_simt
