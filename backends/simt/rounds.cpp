// Threads as fibers, and who of them goes on when one waits.

#include <algorithm>
#include <boost/context/detail/fcontext.hpp>

#include "block.hpp"

namespace kbench_simt {

Index thread_index, block_index, block_extent, grid_extent;
Block* block = nullptr;
Thread* thread = nullptr;

// ---- A round: one turn for each thread that can go on, in order. Each hands
// over to the next one itself, which costs one jump where two would lead
// through the scheduler.

namespace {

namespace context = boost::context::detail;

context::fcontext_t scheduler = nullptr;  // waits for the end of a round
void (*body)(void*) = nullptr;
void* argument = nullptr;

struct Round {
  const Order* order = nullptr;
  size_t first = 0, at = 0,
         end = 0;  // of the part of the order that is taken now
  bool again = false;
  bool got_on = false;
} rounds;

bool runs(const Thread& it) {
  return it.state == State::ready || it.state == State::yielded;
}

// Whose turn it is; null at the end of the round. Warp by warp, a warp has
// turns until it waits.
Thread* next_in_round(Block& it) {
  const std::vector<uint16_t>& order = rounds.order->threads;
  for (;;) {
    while (rounds.at < rounds.end) {
      Thread& next = it.threads[order[rounds.at++]];
      if (runs(next)) return &next;
    }
    if (rounds.again) {
      rounds.at = rounds.first;
      rounds.again = false;
    } else if (rounds.end < order.size()) {
      rounds.first = rounds.at = rounds.end;
      rounds.end = std::min(rounds.first + 32, order.size());
    } else {
      return nullptr;
    }
  }
}

void become(Thread& next) {
  thread = &next;
  next.state = State::ready;
  thread_index = next.index;
  running.thread = next.number;
  running.warp_epoch = next.warp_epoch;
  running.warp_key = key_of_warp(running.phase, next.number, next.warp_epoch);
}

void arrived(context::transfer_t from) {
  *static_cast<context::fcontext_t*>(from.data) = from.fctx;
}

void enter(context::transfer_t from) {
  arrived(from);
  body(argument);
  thread->state = State::done;
  Warp& warp = block->warps[thread->number / 32];
  warp.alive &= ~(1u << thread->number % 32);
  if (warp.waiting != 0) lane_returned(*block, *thread);
  hand_over();
}

}  // namespace

void become_again() {
  become(*thread);
}

// From the running thread, which has said what it waits for, to whose turn it
// is.
void hand_over() {
  Thread* self = thread;
  accuse_suspect();
  rounds.got_on = rounds.got_on || self->state != State::yielded;
  rounds.again = rounds.again || (rounds.order->warp_by_warp && self->state != State::yielded);
  Thread* next = next_in_round(*block);
  if (next == self) return become(*self);
  context::fcontext_t to = scheduler;
  if (next != nullptr) {
    become(*next);
    to = next->at;
  }
  arrived(context::jump_fcontext(to, &self->at));
}

void wait(State state, int line) {
  thread->state = state;
  thread->line = line;
  hand_over();
}

// False when there was nobody who could go on.
bool one_round(Block& it, const Order& order) {
  const size_t part = order.warp_by_warp ? 32 : order.threads.size();
  rounds = {&order, 0, 0, std::min(part, order.threads.size()), false, false};
  Thread* first = next_in_round(it);
  if (first == nullptr) return false;
  running.in_kernel = true;
  become(*first);
  arrived(context::jump_fcontext(first->at, &scheduler));
  running.in_kernel = false;
  return true;
}

bool round_got_on() {
  return rounds.got_on;
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
    if (i % 32 == 0) it.warps[i / 32] = {};
    it.warps[i / 32].alive |= 1u << i % 32;
    it.copies[i].waiting.clear();
    it.copies[i].committed = 0;
    next.at = context::make_fcontext(top_of_stack(it, i), kUsableStack, enter);
  }
}

void set_body(void (*function)(void*), void* its_argument) {
  body = function;
  argument = its_argument;
}

}  // namespace kbench_simt
