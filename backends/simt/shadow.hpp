#pragma once

// What every word of device memory was last used for: finds races, accesses out of bounds and reads
// of shared memory that nobody wrote. Fed by the calls that -fsanitize=thread puts before each
// access of a kernel.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kbench_simt {

// One access to a word of four bytes.
struct Mark {
  uint32_t phase = 0;  // block and barrier interval; 0: never
  uint32_t code = 0;   // the instruction, from the image's start
  uint16_t thread = 0, warp_epoch = 0;
  uint8_t bytes = 0;  // bit i: byte i of the word
  bool atomic = false, many_lanes = false, many_warps = false;
};
struct Cell {
  Mark write, read;
};

// A stretch of memory with one cell for each of its words.
struct Shadowed {
  uint64_t base = 0, bytes = 0;
  Cell* cells = nullptr;
  bool shared = false;
};

struct Range {
  uint64_t address, bytes;
};

// Who is running, as marks know it.
struct Running {
  uint32_t phase = 0;         // of the block, now
  uint32_t block_first = 0;   // the block's first phase
  uint32_t launch_first = 0;  // the grid's first phase, or its first after a grid barrier
  uint16_t thread = 0, warp_epoch = 0;
  bool in_kernel = false;
};
extern Running running;

struct Access {
  uint64_t address;
  int bytes;
  bool write, atomic;
  const void* from;  // the caller's return address
};

// Ends the worker with a report if the access is wrong.
void check_access(const Access& access);
// What pointers may lead to: `ranges` inside a reservation, sorted; and the image's own variables.
void shadow_global(uint64_t base, uint64_t bytes, const Range* ranges, size_t count);
void shadow_image();
// Static and dynamic shared memory of one block, filled with poison.
void poison_shared(size_t dynamic_bytes);
// Its contents, out and in again.
void keep_shared(std::vector<unsigned char>& bytes);
void restore_shared(const std::vector<unsigned char>& bytes);
uint32_t next_phase(uint32_t block);
bool same_block(uint32_t phase, uint32_t block);

// Says what is wrong and ends the worker. `{0}` and `{1}` stand for the lines of `first`, `second`.
struct Defect {
  const char *outcome = nullptr, *rule = nullptr;
  char text[360] = {};
  uint32_t first = 0, second = 0;
};
[[noreturn]] void report(const Defect& defect);
// The running block's first read of shared memory that nobody had written; no rule: none yet.
extern Defect unwritten;
uint32_t code_of(const void* return_address);
// "thread (3, 0, 0)" of the running block.
const char* thread_name(uint16_t thread);

}  // namespace kbench_simt
