// The grid: one block after the other, all at once for cooperative launches.
// Who goes first differs from batch to batch.

#include <algorithm>
#include <cstdio>
#include <deque>
#include <random>
#include <vector>

#include "block.hpp"
#include "schedule.hpp"

namespace kbench_simt {

namespace {

constexpr size_t kThreadsTogether = 16384;  // each has a stack and a guard page

std::deque<Block> blocks;
size_t shared_bytes = 0;
bool is_interleaved = false;
uint32_t batch = 0;

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

void open_block(Block& it, uint32_t number) {
  it.number = number;
  it.index = {number % grid_extent.x, number / grid_extent.x % grid_extent.y,
              number / grid_extent.x / grid_extent.y};
  it.first = it.phase = next_phase(number);
  it.met = it.finished = false;
  it.waiting = 0;
  it.yes = 0;
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

// The blocks that have been begun wait in a loop for others: as the hardware does, the next ones
// are begun in ascending order, and each of the waiting has a turn whenever one has got on.
class Waiting {
 public:
  Waiting(uint32_t count, size_t threads, const Order& order)
      : begun_(count, false), threads_(threads), order_(order) {}

  bool begun(uint32_t number) const { return begun_[number]; }

  // Runs a new block, in the first room that is free.
  void begin(uint32_t number) {
    begun_[number] = true;
    size_t room = 0;
    while (room < alive_.size() && alive_[room]) ++room;
    if (room == alive_.size()) alive_.push_back(false);
    if (blocks.size() <= room) blocks.resize(room + 1);
    Block& it = blocks[room];
    make_room(it, threads_);
    open_block(it, number);
    poison_shared(shared_bytes);
    alive_[room] = !go_on(it);
    if (alive_[room]) {
      is_interleaved = true;
      keep_shared(it.shared);
    }
  }

  // Until all that were begun have returned.
  void finish() {
    while (std::find(alive_.begin(), alive_.end(), true) != alive_.end()) {
      for (size_t room = 0; room < alive_.size(); ++room) {
        if (!alive_[room]) continue;
        restore_shared(blocks[room].shared);
        alive_[room] = !go_on(blocks[room]);
        if (alive_[room]) keep_shared(blocks[room].shared);
      }
      while (lowest_ < begun_.size() && begun_[lowest_]) ++lowest_;
      const auto alive = static_cast<size_t>(std::count(alive_.begin(), alive_.end(), true));
      if (alive > 0 && lowest_ < begun_.size() && (alive + 1) * threads_ <= kThreadsTogether) {
        begin(lowest_);
      }
    }
  }

 private:
  bool go_on(Block& it) {
    const Stage stage = run_block(it, order_);
    if (stage == Stage::at_grid) {
      Defect defect{"launch_error", "cooperative", "a grid barrier needs a cooperative launch"};
      report(defect);
    }
    return stage == Stage::finished;
  }

  std::vector<bool> begun_, alive_;
  uint32_t lowest_ = 0;
  size_t threads_;
  const Order& order_;
};

void run_blocks_in_turn(uint32_t count, size_t threads, const Order& order) {
  Waiting waiting(count, threads, order);
  for (const uint32_t number : order_of_blocks(count)) {
    if (waiting.begun(number)) continue;
    waiting.begin(number);
    waiting.finish();
  }
}

// What was done before lies behind a barrier of the whole grid.
void begin_launch() {
  running.launch_first = next_phase(0) + 1;
  running.launch_key = key_of_launch(running.launch_first);
}

// The line of a block that waits, and one that does not.
[[noreturn]] void report_grid_divergence(uint32_t count) {
  const auto waits = [](const Block& it) { return !it.finished; };
  const auto end = blocks.begin() + count;
  const Block& waiting = *std::find_if(blocks.begin(), end, waits);
  const Block& other = *std::find_if_not(blocks.begin(), end, waits);
  Defect defect{"nondeterministic", "divergent_barrier", {}};
  std::snprintf(
      defect.text, sizeof defect.text,
      "divergent barrier: block %u waits for the grid at line %d, which block %u does not "
      "reach: it has returned",
      waiting.number, waiting.threads.front().line, other.number);
  report(defect);
}

// Each block goes on until it has returned or waits for the grid, and what it
// left in shared memory waits with it.
void run_blocks_together(uint32_t count, size_t threads, const Order& order) {
  if (count * threads > kThreadsTogether) {
    Defect defect{"resource_limit", "launch", {}};
    std::snprintf(defect.text, sizeof defect.text,
                  "a cooperative launch of %u blocks of %zu threads; at most "
                  "%zu threads run "
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
    bool spinning = false;
    for (const uint32_t number : order_of_blocks(count)) {
      Block& it = blocks[number];
      if (it.finished) continue;
      restore_shared(it.shared);
      const Stage stage = run_block(it, order);
      it.finished = stage == Stage::finished;
      waiting += it.finished ? 0 : 1;
      spinning = spinning || stage == Stage::spinning;
      keep_shared(it.shared);
    }
    if (spinning) continue;
    if (waiting > 0 && waiting < count) {
      report_grid_divergence(count);
    }
    begin_launch();
    for (uint32_t number = 0; number < count; ++number) release(blocks[number], State::at_grid);
  }
}

}  // namespace

bool interleaved() {
  return is_interleaved;
}
void block_has_fenced(uint32_t number) {
  fenced_blocks[number] = true;
}
bool released(uint32_t other) {
  return block->met && other < fenced_blocks.size() && fenced_blocks[other];
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
    std::snprintf(defect.text, sizeof defect.text,
                  "a launch of %lld blocks of %zu threads with %lld bytes of "
                  "shared memory; at most "
                  "1024 threads and %zu bytes are possible",
                  static_cast<long long>(count), threads,
                  static_cast<long long>(shape.shared_bytes), kDynamicShared);
    report(defect);
  }
  set_body(function, its_argument);
  shared_bytes = static_cast<size_t>(shape.shared_bytes);
  is_interleaved = shape.cooperative != 0;
  begin_launch();
  fenced_blocks.assign(static_cast<size_t>(count), false);
  const auto run = is_interleaved ? run_blocks_together : run_blocks_in_turn;
  run(static_cast<uint32_t>(count), threads, order_of(threads, batch));
}

}  // namespace kbench_simt

extern "C" {
// Before each batch of calls: the next order of threads.
[[gnu::visibility("default")]] void kbench_simt_batch(uint32_t number) {
  kbench_simt::batch = number;
  kbench_simt::forget_notes();
}
}
