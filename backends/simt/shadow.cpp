#include "shadow.hpp"

#include <algorithm>
#include <cstdio>

#include "schedule.hpp"

namespace kbench_simt {

Running running;
Defect unwritten{};

namespace {

// A block's phases follow each other where blocks run in turn.
bool of_this_block(uint32_t phase) {
  return interleaved() ? block_of(phase) == current_block() : phase >= running.block_first;
}

[[noreturn]] void report_race(const Access& access, const Mark& mark, bool mark_wrote,
                              const Shadowed& memory) {
  Defect defect{"nondeterministic", "race", {}, code_of(access.from), mark.code};
  const bool other_block = mark.others == Others::blocks || !of_this_block(mark.phase);
  char other[64];
  std::snprintf(other, sizeof other, "%s",
                other_block                     ? "a thread of another block"
                : mark.thread == running.thread ? "another thread"
                                                : thread_name(mark.thread));
  std::snprintf(defect.text, sizeof defect.text,
                "race on %s: %s %s at {0} what %s %s at {1}, with nothing to order them",
                memory.shared ? "shared memory" : "global memory", thread_name(running.thread),
                access.write ? "writes" : "reads", other, mark_wrote ? "wrote" : "read");
  report(defect);
}

[[noreturn]] void report_pending(const Access& access, const Mark& mark) {
  Defect defect{"nondeterministic", "race", {}, code_of(access.from), mark.code};
  std::snprintf(defect.text, sizeof defect.text,
                "race on shared memory: %s %s at {0} what the asynchronous "
                "copy of %s at {1} may "
                "not have written yet: nothing has waited for it",
                thread_name(running.thread), access.write ? "writes" : "reads",
                mark.thread == running.thread ? "its own" : thread_name(mark.thread));
  report(defect);
}

[[noreturn]] void report_bounds(const Access& access, const char* what) {
  Defect defect{"out_of_bounds", "bounds", {}, code_of(access.from), 0};
  std::snprintf(defect.text, sizeof defect.text, "%s %s %d bytes %s at {0}",
                thread_name(running.thread), access.write ? "writes" : "reads", access.bytes, what);
  report(defect);
}

// Whether nothing orders an earlier access, of this launch, before the running
// thread's.
bool unordered(const Mark& mark, const Shadowed& memory) {
  // Of many blocks only one is known; if this one has met none, none is
  // released.
  if (mark.others == Others::blocks && !has_met()) return true;
  if (mark.phase == running.phase) {
    if (mark.thread / 32 != running.thread / 32 || mark.others == Others::warps) return true;
    return mark.warp_epoch >= running.warp_epoch && mark.thread != running.thread;
  }
  if (memory.shared || of_this_block(mark.phase)) return false;
  return !released(block_of(mark.phase));
}

bool conflicts(const Mark& mark, uint8_t bytes, const Access& access, const Shadowed& memory) {
  if (mark.phase < running.launch_first || (mark.bytes & bytes) == 0) return false;
  if (mark.atomic && access.atomic) {
    const bool too_narrow = (mark.of_block || access.of_block) && !of_this_block(mark.phase);
    if (!too_narrow) return false;
  }
  return unordered(mark, memory);
}

// A plain read of what others change atomically is how loops around atomicCAS begin: no defect
// where the same thread's compare-and-swap of that word follows at once.
struct Suspect {
  uint64_t address = 0;  // 0: none
  Access access{};
  Mark mark;
  const Shadowed* memory = nullptr;
} suspect;

// What is to be known of a word that was read as `before` says, and is now. Of
// a warp's lanes the last to be noted stands for all: the first in one order of
// threads is the last in another.
[[gnu::always_inline]] inline Others others_after(const Mark& before, const Mark& now,
                                                  const Shadowed& memory) {
  if (before.phase < running.launch_first || (before.bytes & now.bytes) != now.bytes) {
    return Others::none;
  }
  if (before.phase == running.phase) {
    const bool same_warp = before.thread / 32 == running.thread / 32;
    return same_warp ? before.others : std::max(before.others, Others::warps);
  }
  if (memory.shared) return Others::none;
  const bool other_block = before.others == Others::blocks || !of_this_block(before.phase);
  return other_block ? Others::blocks : Others::none;
}

// Who may read the word from now on without telling anything new. The last
// reader found no write that conflicts, so neither will those who share its
// place in the order.
[[gnu::always_inline]] inline uint64_t key_after_read(const Cell& cell) {
  const Mark& write = cell.write;
  if (cell.read.bytes != 0xf) return 0;
  if (cell.read.others == Others::warps) return running.phase_key;
  if (cell.read.others == Others::blocks && write.phase < running.launch_first) {
    return running.launch_key;
  }
  // Its own write of this epoch is known to the thread alone.
  const bool own = write.phase == running.phase && write.warp_epoch >= running.warp_epoch;
  return own ? 0 : running.warp_key;
}

// Kept for a while: if another thread of the block writes the word in the same
// interval, the better reason is a race.
void note_unwritten(uint32_t code) {
  if (unwritten.rule != nullptr) return;
  unwritten = {"wrong_result", "uninitialised", {}, code, 0};
  std::snprintf(unwritten.text, sizeof unwritten.text,
                "%s reads shared memory at {0} that no thread of its block has written",
                thread_name(running.thread));
}

// What outputs and buffers hold before a call (harness/poison.cpp); no input holds it.
bool is_poison(const Access& access, uint64_t address) {
  if (access.bytes == 2) {
    const uint16_t half = *reinterpret_cast<const uint16_t*>(access.address);
    return half == 0x7eb5 || half == 0x7feb;
  }
  switch (*reinterpret_cast<const uint32_t*>(address & ~(kWord - 1))) {
    case 0x7fedbeef:
    case 0x7ffdeadb:
    case 0x5bad5eed:
    case 0x7eb57eb5:
    case 0x7feb7feb:
      return true;
    default:
      return false;
  }
}

void note_poison(const Access& access) {
  Defect doubtful{"wrong_result", "uninitialised", {}, code_of(access.from), 0};
  std::snprintf(doubtful.text, sizeof doubtful.text,
                "%s reads global memory at {0} that nothing has written",
                thread_name(running.thread));
  note(doubtful);
}

// The bytes of the word at `word` that an access covers.
uint8_t covered(const Access& access, uint64_t word) {
  const uint64_t end = access.address + static_cast<uint64_t>(access.bytes);
  const uint64_t first = std::max(access.address, word) - word;
  const uint64_t last = std::min(end, word + kWord) - word;
  return static_cast<uint8_t>((1u << last) - (1u << first));
}

// Whether the last write lies behind all that runs now: most do.
[[gnu::always_inline]] inline bool written_before(const Mark& write, const Shadowed& memory) {
  if (!memory.shared) return write.phase < running.launch_first;
  return write.phase - running.block_first < running.phase - running.block_first && !write.pending;
}

void accuse() {
  if (suspect.address != 0) report_race(suspect.access, suspect.mark, true, *suspect.memory);
}

[[gnu::noinline]] void check_read(const Access& access, const Cell& cell, uint8_t bytes,
                                  const Shadowed& memory) {
  if (cell.write.pending && of_this_block(cell.write.phase)) report_pending(access, cell.write);
  if (conflicts(cell.write, bytes, access, memory)) {
    if (!cell.write.atomic) report_race(access, cell.write, true, memory);
    if (suspect.address != access.address) accuse();
    suspect = {access.address, access, cell.write, &memory};
  }
  if (memory.shared && cell.write.phase < running.block_first && !interleaved()) {
    note_unwritten(code_of(access.from));
  }
}

[[gnu::noinline]] void check_write(const Access& access, const Cell& cell, uint8_t bytes,
                                   const Shadowed& memory) {
  if (cell.write.pending && of_this_block(cell.write.phase)) report_pending(access, cell.write);
  if (conflicts(cell.write, bytes, access, memory)) report_race(access, cell.write, true, memory);
  if (conflicts(cell.read, bytes, access, memory)) report_race(access, cell.read, false, memory);
}

[[gnu::always_inline]] inline void check_word(const Access& access, Mark now, uint64_t number,
                                              const Shadowed& memory) {
  Cell& cell = memory.cells[number];
  if (&memory == &global_memory && (!access.write || access.atomic) &&
      is_poison(access, memory.base + number * kWord)) {
    note_poison(access);
  }
  if (!access.write) {
    if (!written_before(cell.write, memory)) check_read(access, cell, now.bytes, memory);
    now.others = others_after(cell.read, now, memory);
    cell.read = now;
    memory.keys[number] = key_after_read(cell);
    return;
  }
  const bool read_before =
      cell.read.phase < running.launch_first || (memory.shared && cell.read.phase < running.phase);
  if (!read_before || !written_before(cell.write, memory)) {
    check_write(access, cell, now.bytes, memory);
  }
  cell.write = now;
  memory.keys[number] = 0;
}

[[gnu::always_inline]] inline void check_words(const Access& access, const Shadowed& memory) {
  Mark now{running.phase, code_of(access.from), running.warp_epoch, running.thread,
           0xf,           access.atomic,        access.of_block,    access.pending};
  if (access.is_volatile && access.write) now.atomic = false;
  const uint64_t first = (access.address - memory.base) / kWord;
  const auto words = static_cast<uint64_t>(access.bytes) / kWord;
  if (((access.address | static_cast<uint64_t>(access.bytes)) & (kWord - 1)) == 0) {
    for (uint64_t i = 0; i < words; ++i) check_word(access, now, first + i, memory);
    return;
  }
  const uint64_t end = access.address + static_cast<uint64_t>(access.bytes);
  for (uint64_t word = access.address & ~(kWord - 1); word < end; word += kWord) {
    now.bytes = covered(access, word) & 0xf;
    check_word(access, now, (word - memory.base) / kWord, memory);
  }
}

}  // namespace

void accuse_suspect() {
  accuse();
}

// The running thread compares and swaps: its plain read of the word counts as a part of that.
void excuse_suspect(uint64_t address, int bytes) {
  if (suspect.address == address) suspect.address = 0;
  accuse();
  const Shadowed& memory = holds(shared_memory, address) ? shared_memory : global_memory;
  if (!holds(memory, address)) return;
  for (uint64_t at = address; at < address + static_cast<uint64_t>(bytes); at += kWord) {
    Mark& read = memory.cells[(at - memory.base) / kWord].read;
    if (read.thread == running.thread && read.phase == running.phase) read.atomic = true;
  }
}

[[gnu::always_inline]] inline void check_access(const Access& access) {
  if (!running.in_kernel) return;
  const auto bytes = static_cast<uint64_t>(access.bytes);
  const bool whole = (bytes & (bytes - 1)) == 0 && bytes <= 16;
  if (whole && (access.address & (bytes - 1)) != 0) {
    report_bounds(access, "at a misaligned address");
  }
  if (holds(shared_memory, access.address)) {
    if (!within_shared(access.address, bytes)) report_bounds(access, "outside of shared memory");
    return check_words(access, shared_memory);
  }
  if (holds(global_memory, access.address)) {
    if (!within_a_tensor(access.address, bytes)) {
      report_bounds(access, "outside of every tensor and buffer");
    }
    return check_words(access, global_memory);
  }
  if (holds(image_memory, access.address)) return check_words(access, image_memory);
  if (access.address < 4096) report_bounds(access, "through a null pointer");
}

}  // namespace kbench_simt
