// What threads wait for: barriers of the block and of the grid, and lanes of
// their warp.

#include "schedule.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "block.hpp"

namespace kbench_simt {

namespace {

constexpr int kAtomicsBetweenYields = 64, kPollsBetweenYields = 16;
// Rounds in which nobody did more than wait in a loop, until another block has its turn.
constexpr int kIdleRounds = 8;

int atomics = 0, polls = 0;
uint64_t polled = 0;
long long clock_ticks = 0;

// Lanes of a warp that wait with the same mask, at the same line, for the same
// operation.
struct Group {
  Thread* lanes[32] = {};  // null: not of the group, or has returned
  int count = 0;
};

// Those whom `arrived` waits for; nothing if one is elsewhere yet.
std::optional<Group> group_of(Block& it, const Thread& arrived) {
  Group group;
  const size_t first = arrived.number / 32 * 32, end = std::min(first + 32, it.threads.size());
  for (size_t i = first; i < end; ++i) {
    Thread& lane = it.threads[i];
    if ((arrived.mask >> (i - first) & 1) == 0 || lane.state == State::done) continue;
    if (lane.state != State::at_warp || lane.mask != arrived.mask || lane.line != arrived.line ||
        lane.operation != arrived.operation) {
      return std::nullopt;
    }
    group.lanes[i - first] = &lane;
    ++group.count;
  }
  return group;
}

void work_together(const Group& group, const Thread& arrived) {
  if (group.count < 32) {
    Defect defect{"nondeterministic", "warp_mask", {}};
    std::snprintf(defect.text, sizeof defect.text,
                  "%s waits at line %d for all 32 lanes of its warp, of which "
                  "%d are left",
                  thread_name(arrived.number), arrived.line, group.count);
    report(defect);
  }
  void* brought[32];
  for (int i = 0; i < 32; ++i) brought[i] = reinterpret_cast<void*>(group.lanes[i]->given);
  arrived.together(brought);
}

// Lets a group of lanes go when all that its mask names are there.
void complete_warp(Block& it, const Thread& arrived) {
  Warp& warp = it.warps[arrived.number / 32];
  warp.waiting |= 1u << arrived.number % 32;
  if ((arrived.mask & warp.alive & ~warp.waiting) != 0) return;
  const std::optional<Group> group = group_of(it, arrived);
  if (!group) return;
  warp.waiting &= ~arrived.mask;
  if (arrived.operation == WarpOperation::matrix) work_together(*group, arrived);
  uint32_t epoch = 0;
  unsigned came = 0;
  std::array<uint64_t, 32> given;
  given.fill(~uint64_t{0});
  for (size_t i = 0; i < 32; ++i) {
    if (group->lanes[i] == nullptr) continue;
    came |= 1u << i;
    given[i] = group->lanes[i]->given;
    epoch = std::max(epoch, group->lanes[i]->warp_epoch);
  }
  for (Thread* lane : group->lanes) {
    if (lane == nullptr) continue;
    if (lane->operation < WarpOperation::synchronise) it.seen[lane->number] = given;
    // Only __syncwarp orders memory; a shuffle moves registers.
    if (lane->operation == WarpOperation::synchronise) lane->warp_epoch = epoch + 1;
    lane->given = came;
    lane->state = State::ready;
  }
}

}  // namespace

// A lane has returned: those of its warp that waited for it go on.
void lane_returned(Block& it, const Thread& gone) {
  const size_t first = gone.number / 32 * 32, end = std::min(first + 32, it.threads.size());
  for (size_t i = first; i < end; ++i) {
    const Thread& lane = it.threads[i];
    const bool waits = lane.state == State::at_warp && lane.operation != WarpOperation::active;
    if (waits) complete_warp(it, lane);
  }
}

namespace {

// The lanes of a warp that wait at one line of __activemask(): they are the active ones, since
// nobody else of the warp can go on. False if there are none.
bool activate(Block& it, size_t warp) {
  const size_t first = 32 * warp, end = std::min(first + 32, it.threads.size());
  unsigned lanes = 0;
  int line = 0;
  for (size_t i = first; i < end; ++i) {
    const Thread& lane = it.threads[i];
    if (lane.state != State::at_warp || lane.operation != WarpOperation::active) continue;
    if (lanes == 0) line = lane.line;
    if (lane.line == line) lanes |= 1u << (i - first);
  }
  for (size_t i = first; i < end; ++i) {
    if ((lanes >> (i - first) & 1) == 0) continue;
    it.threads[i].given = lanes;
    it.threads[i].state = State::ready;
  }
  return lanes != 0;
}
bool activate_any(Block& it) {
  bool any = false;
  for (size_t warp = 0; warp < it.warps.size(); ++warp) any = activate(it, warp) || any;
  return any;
}

void begin_phase(Block& it) {
  it.phase = running.phase = next_phase(it.number);
  running.phase_key = key_of_phase(it.phase);
}

void await_lanes(unsigned mask, WarpOperation operation, uint64_t value, int line) {
  thread->mask = mask;
  thread->operation = operation;
  thread->given = value;
  thread->line = line;
  thread->state = State::at_warp;
  complete_warp(*block, *thread);
  hand_over();
}

}  // namespace

void release(Block& it, State from) {
  begin_phase(it);
  it.count = it.yes;
  it.waiting = 0;
  it.yes = 0;
  for (Thread& each : it.threads) {
    if (each.state == from) each.state = State::ready;
  }
}

namespace {

// Nobody can go on, and not all wait for the same barrier.
Stage stuck(const Block& it) {
  if (unwritten.rule != nullptr) report(unwritten);
  size_t done = 0, at_grid = 0;
  bool one_line = true;
  for (const Thread& each : it.threads) {
    if (each.state == State::at_warp) report_mask(it, each);
    done += each.state == State::done ? 1 : 0;
    at_grid += each.state == State::at_grid ? 1 : 0;
    one_line = one_line && each.line == it.threads.front().line;
  }
  if (done == it.threads.size()) return Stage::finished;
  if (one_line && at_grid == it.threads.size()) return Stage::at_grid;
  report_divergence(it);
}

}  // namespace

// Runs a block until all its threads have returned or wait for the grid.
Stage run_block(Block& it, const Order& order) {
  block = &it;
  block_index = it.index;
  running.phase = it.phase;
  running.phase_key = key_of_phase(it.phase);
  running.block_first = it.first;
  for (int idle = 0;;) {
    const bool ran = one_round(it, order);
    if (it.waiting < it.threads.size()) {
      idle = ran && !round_got_on() ? idle + 1 : 0;
      if (ran && idle == 0) continue;
      if (activate_any(it)) continue;
      if (!ran) return stuck(it);
      if (idle >= kIdleRounds) return Stage::spinning;
      continue;
    }
    idle = 0;
    if (unwritten.rule != nullptr) report(unwritten);
    release(it, State::at_barrier);
  }
}

uint32_t current_block() {
  return block->number;
}
bool has_met() {
  return block->met;
}

void barrier(int line) {
  barrier_count(false, line);
}

int barrier_count(bool predicate, int line) {
  Block& it = *block;
  if (it.waiting == 0) it.line = line;
  // Threads that wait at another line are not counted, so that the barrier
  // never opens.
  if (it.line == line) ++it.waiting;
  it.yes += predicate ? 1 : 0;
  wait(State::at_barrier, line);
  return it.count;
}

void grid_barrier(int line) {
  wait(State::at_grid, line);
}

void fence() {
  block_has_fenced(block->number);
}

const uint64_t* exchange(unsigned mask, WarpOperation operation, uint64_t value, int line) {
  Thread* self = thread;
  if ((mask >> lane() & 1) == 0) {
    Defect defect{"nondeterministic", "warp_mask", {}};
    std::snprintf(defect.text, sizeof defect.text,
                  "wrong mask: %s is lane %u, which its own mask 0x%08x of "
                  "line %d leaves out",
                  thread_name(self->number), lane(), mask, line);
    report(defect);
  }
  await_lanes(mask, operation, value, line);
  return block->seen[self->number].data();
}

void meet(void* mine, void (*together)(void* const* lanes), int line) {
  thread->together = together;
  await_lanes(~0u, WarpOperation::matrix, reinterpret_cast<uint64_t>(mine), line);
}

void check_tile(const void* tile, size_t stride_bytes, int line) {
  const uint64_t* given =
      exchange(~0u, WarpOperation::match, reinterpret_cast<uint64_t>(tile), line);
  Defect defect{"out_of_bounds", "bounds", {}, code_of(__builtin_return_address(0)), 0};
  for (unsigned i = 0; i < 32; ++i) {
    if (given[i] == reinterpret_cast<uint64_t>(tile)) continue;
    defect.outcome = "nondeterministic";
    defect.rule = "warp_mask";
    std::snprintf(defect.text, sizeof defect.text,
                  "lanes of a warp name different tiles at {0}: lanes %u and %u", lane(), i);
    report(defect);
  }
  if (reinterpret_cast<uint64_t>(tile) % 32 == 0 && stride_bytes % 16 == 0) return;
  std::snprintf(defect.text, sizeof defect.text,
                "%s uses a tile at {0} that is misaligned: tiles begin at "
                "multiples of 32 bytes, "
                "their rows at multiples of 16",
                thread_name(thread->number));
  report(defect);
}

void read_16_bytes(const void* address) {
  check_access(
      {reinterpret_cast<uint64_t>(address), 16, false, false, __builtin_return_address(0)});
}

unsigned lane() {
  return thread->number % 32;
}

void lane_missing(int from, unsigned mask, int line) {
  Defect doubtful{"wrong_result", "warp_mask", {}};
  std::snprintf(
      doubtful.text, sizeof doubtful.text,
      "%s takes at line %d the value of lane %d, which takes no part in the shuffle (mask "
      "0x%08x)",
      thread_name(thread->number), line, from, mask);
  note(doubtful);
}

unsigned lanes_that_came() {
  return static_cast<unsigned>(thread->given);
}

unsigned active_lanes(int line) {
  Thread* self = thread;
  const size_t warp = self->number / 32, first = 32 * warp;
  self->operation = WarpOperation::active;
  self->line = line;
  self->state = State::at_warp;
  bool all = true;
  for (size_t i = first; i < std::min(first + 32, block->threads.size()); ++i) {
    const Thread& lane = block->threads[i];
    all = all && (lane.state == State::done ||
                  (lane.state == State::at_warp && lane.operation == WarpOperation::active &&
                   lane.line == line));
  }
  if (all) activate(*block, warp);
  hand_over();
  return static_cast<unsigned>(self->given);
}

void let_others_run() {
  wait(State::yielded, 0);
}

long long ticks() {
  if (++clock_ticks % kPollsBetweenYields == 0) let_others_run();
  return clock_ticks * 1000;
}

void poll(uint64_t address) {
  block->met = true;
  if (polled != address) polls = 0;
  polled = address;
  if (++polls % kPollsBetweenYields == 0) let_others_run();
}

void atomic_access(const volatile void* address, int bytes, AtomicKind kind, const void* from) {
  const auto at = reinterpret_cast<uint64_t>(address);
  const bool compares = kind == AtomicKind::compare || kind == AtomicKind::compare_block;
  const bool of_block = kind == AtomicKind::block || kind == AtomicKind::compare_block;
  if (compares) excuse_suspect(at, bytes);
  check_access({at, bytes, kind != AtomicKind::load, true, from, false, of_block});
  block->met = true;
  if (++atomics % kAtomicsBetweenYields == 0) let_others_run();
}

void touch(const void* address, size_t bytes, bool write) {
  const void* from = __builtin_return_address(0);
  const auto begin = reinterpret_cast<uint64_t>(address), end = begin + bytes;
  for (uint64_t at = begin; at < end;) {  // by words, since copies need no alignment
    const uint64_t next = std::min(end, (at & ~(kWord - 1)) + kWord);
    const bool whole = next - at == kWord;
    check_access({at, whole ? static_cast<int>(kWord) : 1, write, false, from});
    at = whole ? next : at + 1;
  }
}

// ---- Barriers that threads arrive at before they wait

uint32_t arrive(SplitBarrier* barrier, uint32_t count, bool drop) {
  const uint32_t phase = barrier->phase;
  if (drop) --barrier->next_expected;
  barrier->arrived += count;
  if (barrier->arrived < barrier->expected) return phase;
  // What was done before lies behind it, for all of the block: more than this barrier promises, so
  // that no race is invented.
  begin_phase(*block);
  ++barrier->phase;
  barrier->arrived = 0;
  barrier->expected = barrier->next_expected;
  for (Thread& each : block->threads) {
    if (each.state == State::at_split && each.split == barrier) each.state = State::ready;
  }
  become_again();
  return phase;
}

void await(SplitBarrier* barrier, uint32_t phase, int line) {
  while (barrier->phase == phase) {
    thread->split = barrier;
    wait(State::at_split, line);
  }
}

void named_barrier(int number, int threads, int line) {
  SplitBarrier& it = block->named[static_cast<unsigned>(number) % kNamedBarriers];
  if (it.arrived == 0) it.expected = it.next_expected = static_cast<uint32_t>(threads);
  const uint32_t phase = arrive(&it, 1, false);
  await(&it, phase, line);
}

}  // namespace kbench_simt
