#pragma once

// What every word of device memory was last used for: finds races, accesses out
// of bounds and reads of shared memory that nobody wrote. Fed by the calls that
// -fsanitize=thread puts before each access of a kernel.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kbench_simt {

inline constexpr uint64_t kWord = 4;

// Who else has read the word: in this phase another warp, in this launch
// another block.
enum class Others : uint8_t { none, warps, blocks };

// One access to a word of four bytes. Of 16 bytes without a gap, so that it is
// copied at once.
struct alignas(16) Mark {
  uint32_t phase = 0;  // block and barrier interval; 0: never
  uint32_t code = 0;   // the instruction, from the image's start
  uint32_t warp_epoch = 0;
  uint16_t thread = 0;
  uint8_t bytes = 0;  // bit i: byte i of the word
  bool atomic : 1 = false;
  bool of_block : 1 = false;  // atomic for the threads of one block only
  bool pending : 1 = false;   // an asynchronous copy that nobody has waited for
  Others others : 5 = Others::none;
};
struct Cell {
  Mark write, read;
};

// A stretch of memory with one cell for each of its words, and one key: who may
// read the word again without telling anything new. Most reads are such, and
// cost one comparison.
struct Shadowed {
  uint64_t base = 0, bytes = 0, words = 0;
  Cell* cells = nullptr;
  uint64_t* keys = nullptr;
  bool shared = false;
};

struct Range {
  uint64_t address, bytes;
};

// Who is running, as marks know it.
struct Running {
  uint64_t phase_key = 0, warp_key = 0,
           launch_key = 0;    // what it may read again, see key_of_*
  uint32_t phase = 0;         // of the block, now
  uint32_t block_first = 0;   // the block's first phase
  uint32_t launch_first = 0;  // the grid's first phase, or its first after a grid barrier
  uint32_t warp_epoch = 0;
  uint16_t thread = 0;
  bool in_kernel = false;
};
extern Running running;

// Keys are unlike each other and never 0: the number of a phase above, and
// below it the warp's number and epoch, or that all of the block may read, or
// (with the launch's first phase) all of the grid.
inline uint64_t key_of_warp(uint32_t phase, uint16_t thread, uint32_t warp_epoch) {
  return uint64_t{phase} << 32 | uint64_t{thread} / 32 << 26 | (warp_epoch & 0x3ffffff);
}
inline uint64_t key_of_phase(uint32_t phase) {
  return uint64_t{phase} << 32 | uint64_t{1} << 31;
}
inline uint64_t key_of_launch(uint32_t first_phase) {
  return uint64_t{first_phase} << 32 | uint64_t{3} << 30;
}

struct Access {
  uint64_t address;
  int bytes;
  bool write, atomic;
  const void* from;  // the caller's return address
  bool pending = false;
  bool of_block = false;     // atomic for one block only
  bool is_volatile = false;  // atomic, but orders only what a fence does
};

// Ends the worker with a report if the access is wrong.
[[gnu::always_inline]] inline void check_access(const Access& access);

// A plain read raced with atomic operations, and no compare-and-swap of the word follows: reports
// it.
void accuse_suspect();
void excuse_suspect(uint64_t address, int bytes);

// ---- Memory

// Of a block, static and then dynamic; of the grid; and the image's own
// variables.
extern Shadowed shared_memory, global_memory, image_memory;
inline bool holds(const Shadowed& memory, uint64_t address) {
  return address - memory.base < memory.bytes;
}
// What pointers may lead to: `ranges` inside a reservation, sorted; and the
// image's own variables.
void shadow_global(uint64_t base, uint64_t bytes, const Range* ranges, size_t count);
void shadow_image();
// Whether one tensor or buffer, or the launch's part of shared memory, holds
// all of it.
bool within_a_tensor(uint64_t address, uint64_t bytes);
bool within_shared(uint64_t address, uint64_t bytes);
// Static and dynamic shared memory of one block, filled with poison.
void poison_shared(size_t dynamic_bytes);
// Its contents, out and in again.
void keep_shared(std::vector<unsigned char>& bytes);
void restore_shared(const std::vector<unsigned char>& bytes);
// A number for an interval between barriers of `block`.
uint32_t next_phase(uint32_t block);
uint32_t block_of(uint32_t phase);
uint32_t code_of(const void* return_address);

// ---- Reports

// Says what is wrong and ends the worker. `{0}` and `{1}` stand for the lines
// of `first`, `second`.
struct Defect {
  const char *outcome = nullptr, *rule = nullptr;
  char text[360] = {};
  uint32_t first = 0, second = 0;
};
[[noreturn]] void report(const Defect& defect);
// What is no defect as long as the results are right: told if they are not. The first of a batch.
void note(const Defect& doubtful);
void forget_notes();
// The running block's first read of shared memory that nobody had written; no
// rule: none yet.
extern Defect unwritten;
// "thread (3, 0, 0)" of the running block.
const char* thread_name(uint16_t thread);

}  // namespace kbench_simt
