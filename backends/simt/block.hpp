#pragma once

// The blocks and threads of a grid that is running.

#include <array>
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

enum class State : uint8_t { ready, at_barrier, at_warp, at_grid, at_split, yielded, done };

struct Thread {
  boost::context::detail::fcontext_t at = nullptr;
  State state = State::ready;
  uint16_t number = 0;
  uint32_t warp_epoch = 0;
  Index index{};
  int line = 0;
  unsigned mask = 0;
  WarpOperation operation{};
  uint64_t given = 0;
  void (*together)(void* const*) = nullptr;
  const SplitBarrier* split = nullptr;  // that it waits for
};

// An asynchronous copy that its thread has not waited for, and the group it
// belongs to.
struct Copy {
  uint64_t to;
  uint32_t bytes, code, group;
  unsigned char data[16];
};
struct Copies {
  std::vector<Copy> waiting;
  uint32_t committed = 0;  // groups
};

// Of a warp's lanes, as bits.
struct Warp {
  unsigned alive = 0, waiting = 0;  // not returned; for others of the warp
};

inline constexpr unsigned kNamedBarriers = 16;

struct Block {
  uint32_t number = 0;
  Index index{};
  uint32_t phase = 0, first = 0;
  // Of the barrier that threads wait for: how many do, at which line, and how
  // many said yes.
  size_t waiting = 0;
  int line = 0, yes = 0;
  int count = 0;  // what the last barrier counted
  bool met = false, finished = false;
  std::vector<Thread> threads;
  std::vector<std::array<uint64_t, 32>> seen;  // by thread: what the lanes of its warp gave
  std::vector<Copies> copies;                  // by thread
  std::vector<Warp> warps;
  std::array<SplitBarrier, kNamedBarriers> named{};
  char* stacks = nullptr;
  size_t room = 0;                    // threads that have stacks
  std::vector<unsigned char> shared;  // of a block that waits for the grid
};

// Who is running.
extern Block* block;
extern Thread* thread;

inline constexpr size_t kStackBytes = 64 << 10, kGuardBytes = 4096;
inline constexpr size_t kStackEach = kStackBytes + kGuardBytes;
inline constexpr size_t kUsableStack = kStackBytes - 4096;
// The block's threads, with stacks for them.
void make_room(Block& it, size_t threads);
void* top_of_stack(const Block& it, size_t thread);

// Threads by number, as they take turns: each as far as it gets, or each warp.
struct Order {
  std::vector<uint16_t> threads;
  bool warp_by_warp = false;
};
// What the threads of the grid run.
void set_body(void (*function)(void*), void* argument);
void start_threads(Block& it);
// One turn for each thread that can go on; false when there is none.
bool one_round(Block& it, const Order& order);
// Whether the last round had a thread that did more than wait in a loop.
bool round_got_on();
// The running thread lets others run until its state is `ready` again;
// hand_over: its state is set.
void wait(State state, int line);
void hand_over();
// The running thread goes on in the block's new phase.
void become_again();
// Before a volatile read of global memory: one that reads the same word again and again lets others
// run.
void poll(uint64_t address);

// Runs a block until all its threads have returned or wait for the grid, or only such can go on as
// wait in a loop for what other blocks do.
enum class Stage { finished, at_grid, spinning };
Stage run_block(Block& it, const Order& order);
// All that wait may go on, in a new phase.
void release(Block& it, State from);

void lane_returned(Block& it, const Thread& gone);

// Some threads of the block wait for others that never come.
[[noreturn]] void report_divergence(const Block& it);
[[noreturn]] void report_mask(const Block& it, const Thread& waits);

}  // namespace kbench_simt
