#include "shadow.hpp"

#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "schedule.hpp"

namespace kbench_simt {

extern unsigned char dynamic_shared[kDynamicShared];

Running running;
Defect unwritten{};

// Of shared.ld.
extern "C" [[gnu::weak, gnu::visibility("hidden")]] char kbench_shared_begin[], kbench_shared_end[];

namespace {

constexpr uint64_t kWord = 4;
constexpr int kPoison = 0xff;  // a NaN in every floating-point type

Shadowed static_memory, dynamic_memory, global_memory, image_memory;
const Range* ranges = nullptr;
size_t range_count = 0;
const Range* last_range = nullptr;
uint64_t image_base = 0;
std::vector<uint32_t> block_of_phase = {0};

Shadowed shadowed(uint64_t base, uint64_t bytes, bool shared) {
  const size_t cells = (bytes + kWord - 1) / kWord + 4;
  void* mapped = mmap(nullptr, cells * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return {};
  return {base & ~(kWord - 1), bytes, static_cast<Cell*>(mapped), shared};
}

bool holds(const Shadowed& memory, uint64_t address) {
  return address - memory.base < memory.bytes;
}

int find_image(dl_phdr_info* info, size_t, void*) {
  const auto here = reinterpret_cast<uint64_t>(&running);
  bool ours = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const uint64_t begin = info->dlpi_addr + part.p_vaddr;
    ours = ours || (part.p_type == PT_LOAD && here - begin < part.p_memsz);
  }
  if (!ours) return 0;
  image_base = info->dlpi_addr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD && (part.p_flags & PF_W) != 0) {
      image_memory = shadowed(info->dlpi_addr + part.p_vaddr, part.p_memsz, false);
    }
  }
  return 1;
}

const char* kind_of(const Shadowed& memory) {
  return memory.shared ? "shared memory" : "global memory";
}

[[noreturn]] void report_race(const Access& access, const Mark& mark, bool mark_wrote,
                              const Shadowed& memory, bool other_block) {
  Defect defect{"nondeterministic", "race", {}, code_of(access.from), mark.code};
  char other[64];
  std::snprintf(other, sizeof other, "%s",
                other_block                     ? "a thread of another block"
                : mark.thread == running.thread ? "another thread"
                                                : thread_name(mark.thread));
  std::snprintf(defect.text, sizeof defect.text,
                "race on %s: %s %s at {0} what %s %s at {1}, with nothing to order them",
                kind_of(memory), thread_name(running.thread), access.write ? "writes" : "reads",
                other, mark_wrote ? "wrote" : "read");
  report(defect);
}

[[noreturn]] void report_bounds(const Access& access, const char* what) {
  Defect defect{"out_of_bounds", "bounds", {}, code_of(access.from), 0};
  std::snprintf(defect.text, sizeof defect.text, "%s %s %d bytes %s at {0}",
                thread_name(running.thread), access.write ? "writes" : "reads", access.bytes, what);
  report(defect);
}

// Whether nothing orders an earlier access, of this launch, before the running thread's.
bool unordered(const Mark& mark, const Shadowed& memory) {
  if (mark.phase == running.phase) {
    if (mark.thread / 32 != running.thread / 32 || mark.many_warps) return true;
    return mark.warp_epoch >= running.warp_epoch &&
           (mark.thread != running.thread || mark.many_lanes);
  }
  if (memory.shared || same_block(mark.phase, current_block())) return false;
  return !released(block_of_phase[mark.phase]);
}

bool conflicts(const Mark& mark, uint8_t bytes, bool atomic, const Shadowed& memory) {
  if (mark.phase < running.launch_first || (mark.bytes & bytes) == 0) return false;
  if (mark.phase == running.phase && mark.thread == running.thread && !mark.many_lanes &&
      !mark.many_warps) {
    return false;
  }
  if (mark.atomic && atomic) return false;
  return unordered(mark, memory);
}

void note_read(Mark& mark, const Mark& now) {
  if (mark.phase != now.phase) {
    mark = now;
    return;
  }
  const bool other_warp = mark.thread / 32 != now.thread / 32;
  const bool later = mark.warp_epoch != now.warp_epoch;
  const Mark before = mark;
  // The one kept is another's than the thread's that reads now: who writes next after a read of its
  // own should hear of the other.
  if (!other_warp && (later || before.thread == now.thread)) mark = now;
  mark.bytes = now.bytes | before.bytes;
  mark.many_warps = before.many_warps || other_warp;
  mark.many_lanes = !other_warp && !later && (before.many_lanes || before.thread != now.thread);
}

// Kept for a while: if another thread of the block writes the word in the same interval, the better
// reason is a race.
void note_unwritten(uint32_t code) {
  if (unwritten.rule != nullptr) return;
  unwritten = {"wrong_result", "uninitialised", {}, code, 0};
  std::snprintf(unwritten.text, sizeof unwritten.text,
                "%s reads shared memory at {0} that no thread of its block has written",
                thread_name(running.thread));
}

void check_words(const Access& access, const Shadowed& memory) {
  Mark now{running.phase, code_of(access.from), running.thread, running.warp_epoch,
           0xf,           access.atomic};
  const uint64_t end = access.address + static_cast<uint64_t>(access.bytes);
  for (uint64_t word = access.address & ~(kWord - 1); word < end; word += kWord) {
    Cell& cell = memory.cells[(word - memory.base) / kWord];
    if (access.bytes < static_cast<int>(kWord)) {
      now.bytes = static_cast<uint8_t>(((1u << access.bytes) - 1) << (access.address - word));
    }
    if (cell.write.phase != 0 && conflicts(cell.write, now.bytes, access.atomic, memory)) {
      report_race(access, cell.write, true, memory, cell.write.phase < running.block_first);
    }
    if (!access.write) {
      if (memory.shared && cell.write.phase < running.block_first && !cooperative()) {
        note_unwritten(now.code);
      }
      note_read(cell.read, now);
      continue;
    }
    if (cell.read.phase != 0 && conflicts(cell.read, now.bytes, false, memory)) {
      report_race(access, cell.read, false, memory, cell.read.phase < running.block_first);
    }
    cell.write = now;
  }
}

// Whether a read of one word of shared memory tells nothing new: it was written in an earlier
// interval of the block, and what is known of its readers covers the running thread. Most reads of
// a tile are such.
[[gnu::always_inline]] inline bool read_before(uint64_t address) {
  const Shadowed& memory = holds(static_memory, address) ? static_memory : dynamic_memory;
  const uint64_t offset = address - memory.base;
  if (offset + kWord > memory.bytes || address % kWord != 0) return false;
  const auto& [write, read] = memory.cells[offset / kWord];
  if (write.phase - running.block_first >= running.phase - running.block_first) return false;
  if (read.phase != running.phase || read.bytes != 0xf) return false;
  if (read.many_warps) return true;
  const bool one_warp = read.thread / 32 == running.thread / 32;
  return one_warp && read.warp_epoch == running.warp_epoch &&
         (read.many_lanes || read.thread == running.thread);
}

// The last range that begins at or before the address, if it holds all of the access.
bool within_a_tensor(uint64_t address, uint64_t bytes) {
  const Range* last = last_range;
  if (last != nullptr && address - last->address < last->bytes) {
    return address - last->address + bytes <= last->bytes;
  }
  const Range* after =
      std::upper_bound(ranges, ranges + range_count, address,
                       [](uint64_t at, const Range& it) { return at < it.address; });
  if (after == ranges) return false;
  last_range = after - 1;
  return address - last_range->address < last_range->bytes &&
         address - last_range->address + bytes <= last_range->bytes;
}

}  // namespace

void check_access(const Access& access) {
  if (!running.in_kernel) return;
  const auto bytes = static_cast<uint64_t>(access.bytes);
  const bool whole = (bytes & (bytes - 1)) == 0 && bytes <= 16;
  if (whole && (access.address & (bytes - 1)) != 0)
    report_bounds(access, "at a misaligned address");
  if (holds(static_memory, access.address)) return check_words(access, static_memory);
  if (holds(dynamic_memory, access.address)) {
    if (access.address + bytes > dynamic_memory.base + dynamic_memory.bytes) {
      report_bounds(access, "past the end of dynamic shared memory");
    }
    return check_words(access, dynamic_memory);
  }
  if (holds(global_memory, access.address)) {
    if (!within_a_tensor(access.address, bytes)) {
      report_bounds(access, "outside of every tensor and buffer");
    }
    return check_words(access, global_memory);
  }
  const uint64_t dynamic = reinterpret_cast<uint64_t>(dynamic_shared);
  if (access.address - dynamic < kDynamicShared) {
    report_bounds(access, "past the end of dynamic shared memory");
  }
  if (holds(image_memory, access.address)) return check_words(access, image_memory);
  if (access.address < 4096) report_bounds(access, "through a null pointer");
}

void shadow_global(uint64_t base, uint64_t bytes, const Range* sorted, size_t count) {
  global_memory = shadowed(base, bytes, false);
  ranges = sorted;
  range_count = count;
}

void shadow_image() {
  dl_iterate_phdr(find_image, nullptr);
  const auto begin = reinterpret_cast<uint64_t>(kbench_shared_begin);
  const auto end = reinterpret_cast<uint64_t>(kbench_shared_end);
  if (begin < end) static_memory = shadowed(begin, end - begin, true);
  dynamic_memory = shadowed(reinterpret_cast<uint64_t>(dynamic_shared), kDynamicShared, true);
}

void poison_shared(size_t dynamic_bytes) {
  if (static_memory.cells != nullptr) {
    std::memset(reinterpret_cast<void*>(static_memory.base), kPoison, static_memory.bytes);
  }
  std::memset(dynamic_shared, kPoison, dynamic_bytes);
  dynamic_memory.bytes = dynamic_bytes;
}

void keep_shared(std::vector<unsigned char>& bytes) {
  const auto* begin = reinterpret_cast<const unsigned char*>(static_memory.base);
  bytes.assign(begin, begin + static_memory.bytes);
  bytes.insert(bytes.end(), dynamic_shared, dynamic_shared + dynamic_memory.bytes);
}

void restore_shared(const std::vector<unsigned char>& bytes) {
  const size_t fixed = static_memory.bytes;
  std::copy_n(bytes.data(), fixed, reinterpret_cast<unsigned char*>(static_memory.base));
  std::copy(bytes.begin() + static_cast<ptrdiff_t>(fixed), bytes.end(), dynamic_shared);
}

uint32_t next_phase(uint32_t block) {
  block_of_phase.push_back(block);
  return static_cast<uint32_t>(block_of_phase.size() - 1);
}

bool same_block(uint32_t phase, uint32_t block) {
  return block_of_phase[phase] == block;
}

uint32_t code_of(const void* return_address) {
  return static_cast<uint32_t>(reinterpret_cast<uint64_t>(return_address) - image_base - 1);
}

}  // namespace kbench_simt

// ---- What the compiler calls

namespace {

template <int bytes, bool write>
[[gnu::always_inline]] inline void seen(void* address, const void* from) {
  if (!kbench_simt::running.in_kernel) return;
  const auto at = reinterpret_cast<uint64_t>(address);
  if (!write && bytes == 4 && kbench_simt::read_before(at)) return;
  kbench_simt::check_access({at, bytes, write, false, from});
}

}  // namespace

#define KBENCH_SEEN(bytes)                               \
  void __tsan_read##bytes(void* at) {                    \
    seen<bytes, false>(at, __builtin_return_address(0)); \
  }                                                      \
  void __tsan_write##bytes(void* at) {                   \
    seen<bytes, true>(at, __builtin_return_address(0));  \
  }                                                      \
  void __tsan_unaligned_read##bytes(void* at) {          \
    seen<bytes, false>(at, __builtin_return_address(0)); \
  }                                                      \
  void __tsan_unaligned_write##bytes(void* at) {         \
    seen<bytes, true>(at, __builtin_return_address(0));  \
  }

extern "C" {
KBENCH_SEEN(1)
KBENCH_SEEN(2)
KBENCH_SEEN(4)
KBENCH_SEEN(8)
KBENCH_SEEN(16)
void __tsan_read_range(void* at, unsigned long bytes) {
  kbench_simt::check_access({reinterpret_cast<uint64_t>(at), static_cast<int>(bytes), false, false,
                             __builtin_return_address(0)});
}
void __tsan_write_range(void* at, unsigned long bytes) {
  kbench_simt::check_access({reinterpret_cast<uint64_t>(at), static_cast<int>(bytes), true, false,
                             __builtin_return_address(0)});
}
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
}
