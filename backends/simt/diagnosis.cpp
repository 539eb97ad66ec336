// What is wrong, in words, left where the worker is asked for it; and what the
// worker and the compiler call.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "block.hpp"
#include "schedule.hpp"

namespace kbench_simt {

namespace {

char* message = nullptr;
size_t message_bytes = 0;

}  // namespace

void report_divergence(const Block& it) {
  const Thread* waits = nullptr;
  const Thread* other = nullptr;
  for (const Thread& each : it.threads) {
    if (each.state == State::at_barrier || each.state == State::at_grid ||
        each.state == State::at_split) {
      if (waits == nullptr) waits = &each;
      if (each.line != waits->line) other = &each;
    } else {
      other = &each;
    }
  }
  Defect defect{"nondeterministic", "divergent_barrier", {}};
  char where[48] = "has returned";
  if (other->state != State::done) {
    std::snprintf(where, sizeof where, "waits at line %d", other->line);
  }
  char waiting[48];
  std::snprintf(waiting, sizeof waiting, "%s", thread_name(waits->number));
  std::snprintf(defect.text, sizeof defect.text,
                "divergent barrier: %s waits at line %d, which %s does not reach: it %s", waiting,
                waits->line, thread_name(other->number), where);
  report(defect);
}

void report_mask(const Block& it, const Thread& waits) {
  Defect defect{"nondeterministic", "warp_mask", {}};
  const size_t first = waits.number / 32 * 32;
  for (size_t i = first; i < std::min(first + 32, it.threads.size()); ++i) {
    const Thread& other = it.threads[i];
    if ((waits.mask >> (i - first) & 1) == 0 || other.state == State::done) continue;
    if (other.state == State::at_warp && other.line == waits.line && other.mask == waits.mask) {
      continue;
    }
    char waiting[48];
    std::snprintf(waiting, sizeof waiting, "%s", thread_name(waits.number));
    std::snprintf(defect.text, sizeof defect.text,
                  "wrong mask: %s waits at line %d for lane %zu, which its "
                  "mask 0x%08x names, but "
                  "%s waits at line %d with mask 0x%08x",
                  waiting, waits.line, i - first, waits.mask, thread_name(other.number), other.line,
                  other.state == State::at_warp ? other.mask : 0);
    break;
  }
  report(defect);
}

const char* thread_name(uint16_t number) {
  static char names[2][48];
  static int which = 0;
  char* name = names[which ^= 1];
  const Index index = block->threads[number].index;
  std::snprintf(name, sizeof names[0], "thread (%u, %u, %u)", index.x, index.y, index.z);
  return name;
}

namespace {

void say(const char* kind, const Defect& defect) {
  std::snprintf(message, message_bytes, "%s\n%s\n%s\n%u\n%u\n%s (block %u, %u, %u)", kind,
                defect.outcome, defect.rule, defect.first, defect.second, defect.text,
                block_index.x, block_index.y, block_index.z);
}

}  // namespace

void note(const Defect& doubtful) {
  if (message != nullptr && message[0] == '\0') say("note", doubtful);
}

void forget_notes() {
  if (message != nullptr) message[0] = '\0';
}

void report(const Defect& found) {
  // What follows from a poisoned value is no reason of its own.
  const bool follows = unwritten.rule != nullptr && std::strcmp(found.rule, "race") != 0;
  const Defect& defect = follows ? unwritten : found;
  if (message != nullptr) say("simt", defect);
  _exit(1);
}

void failed_assertion(const char* condition, int line) {
  Defect defect{"crashed", "assert", {}};
  std::snprintf(defect.text, sizeof defect.text, "%s: assertion '%s' of line %d fails",
                thread_name(thread->number), condition, line);
  report(defect);
}

}  // namespace kbench_simt

// ---- What the worker and the compiler call

extern "C" {

// Once, before any kernel: where to say what is wrong, and what tensors and
// buffers there are.
[[gnu::visibility("default")]] void kbench_simt_connect(char* text, size_t bytes, uint64_t base,
                                                        uint64_t reserved, const void* ranges,
                                                        size_t count) {
  using kbench_simt::Range;
  kbench_simt::message = text;
  kbench_simt::message_bytes = bytes;
  static std::vector<Range> sorted(static_cast<const Range*>(ranges),
                                   static_cast<const Range*>(ranges) + count);
  std::sort(sorted.begin(), sorted.end(),
            [](const Range& a, const Range& b) { return a.address < b.address; });
  kbench_simt::shadow_image();
  kbench_simt::shadow_global(base, reserved, sorted.data(), sorted.size());
}

struct SourceLocation {
  const char* file;
  uint32_t line, column;
};
struct TypeDescriptor {
  uint16_t kind, info;
  char name[1];
};
struct OutOfBounds {
  SourceLocation where;
  const TypeDescriptor *array, *index;
};
void __ubsan_handle_out_of_bounds(const OutOfBounds* found, unsigned long index) {
  if (!kbench_simt::running.in_kernel) return;
  kbench_simt::Defect defect{"out_of_bounds", "bounds", {}};
  std::snprintf(defect.text, sizeof defect.text, "%s uses index %ld of an array %s at line %u",
                kbench_simt::thread_name(kbench_simt::running.thread), static_cast<long>(index),
                found->array->name, found->where.line);
  kbench_simt::report(defect);
}
}
