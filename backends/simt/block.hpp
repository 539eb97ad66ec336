#pragma once

// The blocks and threads of a grid that is running.

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "include/simt.h"
#include "shadow.hpp"

namespace kbench_simt {

struct Index {
  unsigned x, y, z;
};
// The kernel sees these as constants (include/simt.h).
[[gnu::visibility("hidden")]] extern Index thread_index asm("threadIdx"),
    block_index asm("blockIdx"), block_extent asm("blockDim"), grid_extent asm("gridDim");

enum class State : uint8_t { ready, at_barrier, at_warp, at_grid, yielded, done };

struct Thread {
  boost::context::detail::fcontext_t at = nullptr;
  State state = State::ready;
  uint16_t number = 0, warp_epoch = 0;
  Index index{};
  int line = 0;
  bool predicate = false;
  unsigned mask = 0;
  WarpOperation operation{};
  uint64_t given = 0;
  uint64_t seen[32];
};

struct Block {
  uint32_t number = 0;
  Index index{};
  uint32_t phase = 0, first = 0;
  int count = 0;  // what the last barrier counted
  bool fenced = false, met = false, finished = false;
  std::vector<Thread> threads;
  char* stacks = nullptr;
  size_t room = 0;                    // threads that have stacks
  std::vector<unsigned char> shared;  // of a block that waits for the grid
};

// Who is running.
extern Block* block;
extern Thread* thread;

inline constexpr size_t kStackBytes = 64 << 10, kGuardBytes = 4096;
inline constexpr size_t kStackEach = kStackBytes + kGuardBytes;
// The block's threads, with stacks for them.
void make_room(Block& it, size_t threads);

// Some threads of the block wait for others that never come.
[[noreturn]] void report_divergence(const Block& it);
[[noreturn]] void report_mask(const Block& it, const Thread& waits);

}  // namespace kbench_simt
