// Blocks of fibers, one block after the other (all at once for cooperative launches). A thread runs
// until it must wait; who goes first differs from batch to batch.

#include "schedule.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "block.hpp"

namespace kbench_simt {

Index thread_index, block_index, block_extent, grid_extent;
alignas(256) unsigned char dynamic_shared[kDynamicShared];
Block* block = nullptr;
Thread* thread = nullptr;

namespace {

namespace context = boost::context::detail;

constexpr int kAtomicsBetweenYields = 64;
constexpr size_t kThreadsTogether = 16384;  // each has a stack and a guard page

struct Order {
  std::vector<uint16_t> threads;
  bool warp_by_warp = false;
};

context::fcontext_t scheduler = nullptr;
std::vector<Block> blocks;
void (*body)(void*) = nullptr;
void* argument = nullptr;
size_t shared_bytes = 0;
bool is_cooperative = false;
uint32_t batch = 0;
int atomics = 0;

void wait(State state, int line) {
  Thread* self = thread;
  self->state = state;
  self->line = line;
  scheduler = context::jump_fcontext(scheduler, nullptr).fctx;
}

void enter(context::transfer_t from) {
  scheduler = from.fctx;
  body(argument);
  thread->state = State::done;
  context::jump_fcontext(scheduler, nullptr);
}

void resume(Thread& next) {
  thread = &next;
  next.state = State::ready;
  thread_index = next.index;
  running.thread = next.number;
  running.warp_epoch = next.warp_epoch;
  running.in_kernel = true;
  next.at = context::jump_fcontext(next.at, nullptr).fctx;
  next.warp_epoch = running.warp_epoch;
  running.in_kernel = false;
}

void start_threads(Block& it) {
  for (size_t i = 0; i < it.threads.size(); ++i) {
    Thread& next = it.threads[i];
    const auto n = static_cast<unsigned>(i);
    next.number = static_cast<uint16_t>(i);
    next.index = {n % block_extent.x, n / block_extent.x % block_extent.y,
                  n / block_extent.x / block_extent.y};
    next.state = State::ready;
    next.warp_epoch = 0;
    next.at = context::make_fcontext(it.stacks + (i + 1) * kStackEach, kStackBytes, enter);
  }
}

Order order_of(size_t threads, uint32_t number) {
  Order order;
  for (size_t i = 0; i < threads; ++i) order.threads.push_back(static_cast<uint16_t>(i));
  switch (number % 4) {
    case 0:
      break;
    case 1:
      std::reverse(order.threads.begin(), order.threads.end());
      break;
    case 2: {
      std::mt19937 random(number);
      std::shuffle(order.threads.begin(), order.threads.end(), random);
      break;
    }
    default:
      order.warp_by_warp = true;
  }
  return order;
}

// ---- What threads wait for

// Lets a group of lanes go when all that its mask names are there.
bool complete_warp(Block& it, Thread& arrived) {
  const size_t first = arrived.number / 32 * 32, end = std::min(first + 32, it.threads.size());
  uint16_t epoch = 0;
  for (size_t i = first; i < end; ++i) {
    const Thread& lane = it.threads[i];
    if ((arrived.mask >> (i - first) & 1) == 0 || lane.state == State::done) continue;
    if (lane.state != State::at_warp || lane.mask != arrived.mask || lane.line != arrived.line ||
        lane.operation != arrived.operation) {
      return false;
    }
    epoch = std::max(epoch, lane.warp_epoch);
  }
  uint64_t given[32];
  std::memset(given, 0xff, sizeof given);
  for (size_t i = first; i < end; ++i) {
    if ((arrived.mask >> (i - first) & 1) != 0 && it.threads[i].state == State::at_warp) {
      given[i - first] = it.threads[i].given;
    }
  }
  for (size_t i = first; i < end; ++i) {
    Thread& lane = it.threads[i];
    if ((arrived.mask >> (i - first) & 1) == 0 || lane.state == State::done) continue;
    std::memcpy(lane.seen, given, sizeof given);
    // Only __syncwarp orders memory; a shuffle moves registers.
    lane.warp_epoch = arrived.operation == WarpOperation::synchronise
                          ? static_cast<uint16_t>(epoch + 1)
                          : lane.warp_epoch;
    lane.state = State::ready;
  }
  return true;
}

bool runs(const Thread& it) {
  return it.state == State::ready || it.state == State::yielded;
}

// One turn for each thread that can go on; false when there was none.
bool one_round(Block& it, const Order& order) {
  bool any = false;
  const size_t step = order.warp_by_warp ? 32 : 1;
  for (size_t at = 0; at < order.threads.size(); at += step) {
    for (bool again = true; again;) {
      again = false;
      for (size_t i = at; i < std::min(at + step, order.threads.size()); ++i) {
        Thread& next = it.threads[order.threads[i]];
        if (!runs(next)) continue;
        resume(next);
        any = true;
        if (next.state == State::at_warp) complete_warp(it, next);
        again = order.warp_by_warp && next.state != State::yielded;
      }
    }
  }
  return any;
}

enum class Stage { finished, at_grid };

void release(Block& it, State from) {
  it.phase = running.phase = next_phase(it.number);
  it.count = 0;
  for (Thread& each : it.threads) {
    if (each.state != from) continue;
    it.count += each.predicate ? 1 : 0;
    each.state = State::ready;
    each.warp_epoch = 0;
  }
}

// Runs a block until all its threads have returned or wait for the grid.
Stage run_block(Block& it, const Order& order) {
  block = &it;
  block_index = it.index;
  running.phase = it.phase;
  running.block_first = it.first;
  for (;;) {
    if (one_round(it, order)) continue;
    if (unwritten.rule != nullptr) report(unwritten);
    size_t count[static_cast<size_t>(State::done) + 1] = {};
    bool one_line = true;
    for (const Thread& each : it.threads) {
      ++count[static_cast<size_t>(each.state)];
      if (each.state == State::at_warp) report_mask(it, each);
      one_line = one_line && each.line == it.threads.front().line;
    }
    if (count[static_cast<size_t>(State::done)] == it.threads.size()) return Stage::finished;
    if (!one_line) report_divergence(it);
    if (count[static_cast<size_t>(State::at_grid)] == it.threads.size()) return Stage::at_grid;
    if (count[static_cast<size_t>(State::at_barrier)] != it.threads.size()) report_divergence(it);
    release(it, State::at_barrier);
  }
}

void open_block(Block& it, uint32_t number) {
  it.number = number;
  it.index = {number % grid_extent.x, number / grid_extent.x % grid_extent.y,
              number / grid_extent.x / grid_extent.y};
  it.first = it.phase = next_phase(number);
  it.fenced = it.met = it.finished = false;
  start_threads(it);
}

std::vector<bool> fenced_blocks;

std::vector<uint32_t> order_of_blocks(uint32_t count) {
  std::vector<uint32_t> numbers(count);
  for (uint32_t i = 0; i < count; ++i) numbers[i] = i;
  if (batch % 4 == 1) std::reverse(numbers.begin(), numbers.end());
  if (batch % 4 == 2) std::shuffle(numbers.begin(), numbers.end(), std::mt19937(batch));
  return numbers;
}

void run_blocks_in_turn(uint32_t count, size_t threads, const Order& order) {
  if (blocks.empty()) blocks.resize(1);
  Block& it = blocks.front();
  make_room(it, threads);
  for (const uint32_t number : order_of_blocks(count)) {
    open_block(it, number);
    poison_shared(shared_bytes);
    if (run_block(it, order) == Stage::at_grid) {
      Defect defect{"launch_error", "cooperative", "a grid barrier needs a cooperative launch"};
      report(defect);
    }
    fenced_blocks[number] = it.fenced;
  }
}

// Each block goes on until it has returned or waits for the grid, and what it left in shared memory
// waits with it.
void run_blocks_together(uint32_t count, size_t threads, const Order& order) {
  if (count * threads > kThreadsTogether) {
    Defect defect{"resource_limit", "launch", {}};
    std::snprintf(defect.text, sizeof defect.text,
                  "a cooperative launch of %u blocks of %zu threads; at most %zu threads run "
                  "together",
                  count, threads, kThreadsTogether);
    report(defect);
  }
  if (blocks.size() < count) blocks.resize(count);
  for (uint32_t number = 0; number < count; ++number) {
    Block& it = blocks[number];
    make_room(it, threads);
    open_block(it, number);
    poison_shared(shared_bytes);
    keep_shared(it.shared);
  }
  for (size_t waiting = count; waiting > 0;) {
    waiting = 0;
    for (const uint32_t number : order_of_blocks(count)) {
      Block& it = blocks[number];
      if (it.finished) continue;
      restore_shared(it.shared);
      it.finished = run_block(it, order) == Stage::finished;
      waiting += it.finished ? 0 : 1;
      keep_shared(it.shared);
      fenced_blocks[number] = it.fenced;
    }
    if (waiting > 0 && waiting < count) {
      Defect defect{"nondeterministic", "divergent_barrier",
                    "divergent barrier: some blocks wait for the grid, others have returned"};
      report(defect);
    }
    running.launch_first = next_phase(0) + 1;
    for (uint32_t number = 0; number < count; ++number) release(blocks[number], State::at_grid);
  }
}

}  // namespace

uint32_t current_block() {
  return block->number;
}
bool cooperative() {
  return is_cooperative;
}
bool released(uint32_t other) {
  return block->met && other < fenced_blocks.size() && fenced_blocks[other];
}

void barrier(int line) {
  barrier_count(false, line);
}

int barrier_count(bool predicate, int line) {
  thread->predicate = predicate;
  wait(State::at_barrier, line);
  return block->count;
}

void grid_barrier(int line) {
  wait(State::at_grid, line);
}

void fence() {
  block->fenced = true;
}

const uint64_t* exchange(unsigned mask, WarpOperation operation, uint64_t value, int line) {
  Thread* self = thread;
  if ((mask >> lane() & 1) == 0) {
    Defect defect{"nondeterministic", "warp_mask", {}};
    std::snprintf(defect.text, sizeof defect.text,
                  "wrong mask: %s is lane %u, which its own mask 0x%08x of line %d leaves out",
                  thread_name(self->number), lane(), mask, line);
    report(defect);
  }
  self->mask = mask;
  self->operation = operation;
  self->given = value;
  wait(State::at_warp, line);
  return self->seen;
}

unsigned lane() {
  return thread->number % 32;
}

unsigned lanes_alive() {
  const size_t first = thread->number / 32 * 32;
  unsigned alive = 0;
  for (size_t i = first; i < std::min(first + 32, block->threads.size()); ++i) {
    if (block->threads[i].state != State::done) alive |= 1u << (i - first);
  }
  return alive;
}

void atomic_access(const volatile void* address, int bytes, const void* from) {
  check_access({reinterpret_cast<uint64_t>(address), bytes, true, true, from});
  block->met = true;
  if (++atomics % kAtomicsBetweenYields == 0) wait(State::yielded, 0);
}

void run_grid(const Shape& shape, void (*function)(void*), void* its_argument) {
  const auto extent = [](const int64_t* all) {
    return Index{static_cast<unsigned>(all[0]), static_cast<unsigned>(all[1]),
                 static_cast<unsigned>(all[2])};
  };
  grid_extent = extent(shape.grid);
  block_extent = extent(shape.block);
  const auto threads = static_cast<size_t>(shape.block[0] * shape.block[1] * shape.block[2]);
  const int64_t count = shape.grid[0] * shape.grid[1] * shape.grid[2];
  block_index = {};
  Defect defect{"resource_limit", "launch", {}};
  if (threads > 1024 || shape.shared_bytes > static_cast<int64_t>(kDynamicShared) ||
      count > int64_t{1} << 31) {
    std::snprintf(
        defect.text, sizeof defect.text,
        "a launch of %lld blocks of %zu threads with %lld bytes of shared memory; at most "
        "1024 threads and %zu bytes are possible",
        static_cast<long long>(count), threads, static_cast<long long>(shape.shared_bytes),
        kDynamicShared);
    report(defect);
  }
  body = function;
  argument = its_argument;
  shared_bytes = static_cast<size_t>(shape.shared_bytes);
  is_cooperative = shape.cooperative != 0;
  running.launch_first = next_phase(0) + 1;
  fenced_blocks.assign(static_cast<size_t>(count), false);
  const auto run = is_cooperative ? run_blocks_together : run_blocks_in_turn;
  run(static_cast<uint32_t>(count), threads, order_of(threads, batch));
}

}  // namespace kbench_simt

extern "C" {
// Before each batch of calls: the next order of threads.
[[gnu::visibility("default")]] void kbench_simt_batch(uint32_t number) {
  kbench_simt::batch = number;
}
}
