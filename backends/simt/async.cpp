// Asynchronous copies into shared memory. What one writes counts as unwritten
// until its thread has waited for it: whoever touches it before races with the
// copy.

#include <cstdio>
#include <cstring>

#include "block.hpp"
#include "schedule.hpp"
#include "shadow.hpp"

namespace kbench_simt {

namespace {

constexpr size_t kLargestCopy = 16;

void complete(const Copy& it) {
  std::memcpy(reinterpret_cast<void*>(it.to), it.data, it.bytes);
  const Mark written{running.phase, it.code, running.warp_epoch, running.thread, 0xf};
  for (uint64_t at = it.to; at < it.to + it.bytes; at += kWord) {
    const uint64_t word = (at - shared_memory.base) / kWord;
    shared_memory.cells[word].write = written;
    shared_memory.keys[word] = 0;
  }
}

void complete_up_to(Copies& mine, uint32_t group) {
  size_t done = 0;
  while (done < mine.waiting.size() && mine.waiting[done].group < group) {
    complete(mine.waiting[done++]);
  }
  mine.waiting.erase(mine.waiting.begin(), mine.waiting.begin() + static_cast<ptrdiff_t>(done));
}

Copies& copies_of_thread() {
  return block->copies[thread->number];
}

}  // namespace

uint32_t shared_address(const void* pointer) {
  const auto address = reinterpret_cast<uint64_t>(pointer);
  if (holds(shared_memory, address)) {
    return static_cast<uint32_t>(address - shared_memory.base + kSharedWindow);
  }
  Defect defect{"out_of_bounds", "bounds", {}, code_of(__builtin_return_address(0)), 0};
  std::snprintf(defect.text, sizeof defect.text,
                "%s takes the shared address of what is no shared memory at {0}",
                thread_name(running.thread));
  report(defect);
}

unsigned char* shared_pointer(uint32_t address) {
  const uint64_t offset = uint64_t{address} - kSharedWindow;
  if (offset < shared_memory.bytes) {
    return reinterpret_cast<unsigned char*>(shared_memory.base) + offset;
  }
  Defect defect{"out_of_bounds", "bounds", {}, code_of(__builtin_return_address(0)), 0};
  std::snprintf(defect.text, sizeof defect.text,
                "%s uses 0x%x as a shared address at {0}, which lies outside "
                "of shared memory",
                thread_name(running.thread), address);
  report(defect);
}

void copy_async(void* to, const void* from, int bytes, int source_bytes) {
  const void* code = __builtin_return_address(0);
  const auto target = reinterpret_cast<uint64_t>(to), source = reinterpret_cast<uint64_t>(from);
  Defect defect{"out_of_bounds", "bounds", {}, code_of(code), 0};
  if ((bytes != 4 && bytes != 8 && bytes != 16) || source_bytes < 0 || source_bytes > bytes) {
    std::snprintf(defect.text, sizeof defect.text,
                  "%s copies %d of %d bytes asynchronously at {0}; 4, 8 or 16 "
                  "are possible",
                  thread_name(running.thread), source_bytes, bytes);
    report(defect);
  }
  if (!holds(shared_memory, target)) {
    std::snprintf(defect.text, sizeof defect.text,
                  "%s copies asynchronously to what is no shared memory at {0}",
                  thread_name(running.thread));
    report(defect);
  }
  if ((source & (static_cast<uint64_t>(bytes) - 1)) != 0) {
    std::snprintf(defect.text, sizeof defect.text,
                  "%s copies %d bytes asynchronously from a misaligned address at {0}",
                  thread_name(running.thread), bytes);
    report(defect);
  }
  if (source_bytes > 0) check_access({source, source_bytes, false, false, code});
  check_access({target, bytes, true, false, code, true});
  Copies& mine = copies_of_thread();
  Copy copy{target, static_cast<uint32_t>(bytes), code_of(code), mine.committed, {}};
  static_assert(sizeof copy.data == kLargestCopy);
  if (source_bytes > 0) std::memcpy(copy.data, from, static_cast<size_t>(source_bytes));
  mine.waiting.push_back(copy);
}

bool is_shared(const void* pointer) {
  return holds(shared_memory, reinterpret_cast<uint64_t>(pointer));
}

void commit_copies() {
  ++copies_of_thread().committed;
}

void wait_for_copies(int groups_left) {
  Copies& mine = copies_of_thread();
  const auto left = static_cast<uint32_t>(groups_left);
  if (mine.committed > left) complete_up_to(mine, mine.committed - left);
}

void wait_for_all_copies() {
  complete_up_to(copies_of_thread(), ~0u);
}

}  // namespace kbench_simt
